/** Where the cursor goes and what is cleared: the few control sequences that a table needs. */
const CSI = '\u001B[';
const ERASE_TO_END_OF_LINE = `${CSI}K`;
const ERASE_BELOW = `${CSI}J`;
const HOME = `${CSI}H`;
/** Terminals that know it show all changes of a frame at once; others ignore it. */
const BEGIN_FRAME = `${CSI}?2026h`;
const END_FRAME = `${CSI}?2026l`;

/**
 * Turns whole frames into what has to be written to a terminal: the lines that changed, each over its predecessor.
 * Nothing is erased first, so nothing flickers, on terminals old and slow as well.
 */
export class Painter {
  #shown: readonly string[] | undefined;

  /** What to write for this frame; nothing where it is the one that is shown. */
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

  /** The terminal no longer shows what was written: after a change of its size, for instance. */
  forget(): void {
    this.#shown = undefined;
  }
}
