import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';

/** A place on the screen. */
export interface Cell {
  readonly text: string;
  /** One of the terminal's sixteen; undefined: the usual one. */
  readonly colour: number | undefined;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
}

/** A terminal emulator with the two ends that a program sees, and what a person would see. */
export class FakeTerminal {
  readonly #screen: xterm.Terminal;
  readonly stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(this: { isRaw: boolean }, mode: boolean) {
      this.isRaw = mode;
      return this;
    },
  }) as never as NodeJS.ReadStream & { isRaw: boolean };
  readonly stdout: Output;

  constructor(columns: number, rows: number) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.stdout = new Output(this.#screen);
  }

  /** What is typed; special keys by their sequences. */
  type(text: string): void {
    this.stdin.push(text);
  }

  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
    this.stdout.emit('resize');
  }

  /** The lines on the screen, without the spaces at their ends. */
  async lines(): Promise<string[]> {
    await this.#settled();
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: this.#screen.rows },
      (_, row) => active.getLine(active.viewportY + row)?.translateToString(true) ?? '',
    );
  }

  /** The screen with its colours. */
  async cells(): Promise<Cell[][]> {
    await this.#settled();
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) =>
      Array.from({ length: this.#screen.cols }, (_, column): Cell => {
        const cell = active.getLine(active.viewportY + row)?.getCell(column);
        const text = cell?.getChars() ?? '';
        return {
          text: text === '' ? ' ' : text,
          colour: cell?.isFgPalette() ? cell.getFgColor() : undefined,
          isBold: (cell?.isBold() ?? 0) > 0,
          isDim: (cell?.isDim() ?? 0) > 0,
          isInverse: (cell?.isInverse() ?? 0) > 0,
        };
      }),
    );
  }

  async text(): Promise<string> {
    return (await this.lines()).join('\n');
  }

  /** Whether it is the second screen that programs take over. */
  async isTakenOver(): Promise<boolean> {
    await this.#settled();
    return this.#screen.buffer.active.type === 'alternate';
  }

  /** The emulator reads what is written a little later. */
  #settled(): Promise<void> {
    return new Promise((resolve) => this.#screen.write('', resolve));
  }
}

class Output extends EventEmitter {
  readonly #screen: xterm.Terminal;
  readonly writableNeedDrain = false;
  /** All that was written. */
  written = '';

  constructor(screen: xterm.Terminal) {
    super();
    this.#screen = screen;
  }

  get columns(): number {
    return this.#screen.cols;
  }

  get rows(): number {
    return this.#screen.rows;
  }

  write(text: string): boolean {
    this.written += text;
    this.#screen.write(text);
    return true;
  }
}
