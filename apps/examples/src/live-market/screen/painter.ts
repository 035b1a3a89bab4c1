/** Moves the cursor and clears: the few control sequences that a table needs. */
const CSI = '\u001B[';
const ERASE_TO_END_OF_LINE = `${CSI}K`;
const ERASE_BELOW = `${CSI}J`;
const HOME = `${CSI}H`;
/** Terminals that support it show all changes of a frame at once; others ignore it. */
const BEGIN_FRAME = `${CSI}?2026h`;
const END_FRAME = `${CSI}?2026l`;

/**
 * Turns whole frames into terminal output: only the changed lines, each over the old one. Nothing is erased first, so
 * nothing flickers, even on old and slow terminals.
 */
export class Painter {
  #shown: readonly string[] | undefined;

  /** The output for this frame; empty if it is already shown. */
  paint(lines: readonly string[]): string {
    const shown = this.#shown;
    this.#shown = lines;
    const changes = lines.flatMap((line, index) =>
      line === shown?.[index] ? [] : [`${CSI}${index + 1};1H${line}${ERASE_TO_END_OF_LINE}`],
    );
    if (shown !== undefined && shown.length > lines.length)
      changes.push(`${CSI}${lines.length + 1};1H${ERASE_BELOW}`);
    if (shown === undefined) changes.unshift(HOME + ERASE_BELOW);
    return changes.length === 0 ? '' : BEGIN_FRAME + changes.join('') + END_FRAME;
  }

  /** Call it when the terminal no longer shows the output, for instance after a resize. */
  forget(): void {
    this.#shown = undefined;
  }
}
