const UP = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);
const CLEAR_BELOW = '\u001b[J';

/** Writes a picture over the previous one; below it without a terminal. */
export class Repainter {
  #lines = 0;

  paint(lines: readonly string[]): void {
    const { stdout } = process;
    const text = `${lines.join('\n')}\n`;
    stdout.write(stdout.isTTY ? `${UP(this.#lines)}${CLEAR_BELOW}${text}` : `${text}\n`);
    this.#lines = lines.length;
  }
}
