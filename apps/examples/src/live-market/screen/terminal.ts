import { emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';

import { Painter } from './painter.js';

/** A second screen, without a cursor or line wrapping; the first screen comes back untouched. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';

/** In characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The two ends of a terminal, as `process` has them. If the input is not a terminal, there are no keys. */
export interface TerminalStreams {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
}

type TerminalInput = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;

type TerminalOutput = NodeJS.EventEmitter & Pick<WriteStream, 'write' | 'writableNeedDrain'> & Partial<Size>;

/** Events of the terminal. */
export interface TerminalListener {
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
}

/** Takes over the whole terminal for pictures and keys, and restores it at the end. */
export class Terminal implements Disposable {
  readonly #input: TerminalInput | undefined;
  readonly #output: TerminalOutput;
  readonly #listener: TerminalListener;
  readonly #painter = new Painter();
  readonly #onKeypress = (_text: string | undefined, key: Key) => this.#listener.onKey(key);
  readonly #onResize = () => {
    this.#painter.forget();
    this.#listener.onResize();
  };
  readonly #leave = () => this[Symbol.dispose]();
  #isOpen = true;

  constructor({ stdin, stdout }: TerminalStreams, listener: TerminalListener) {
    this.#input = stdin.isTTY ? stdin : undefined;
    this.#output = stdout;
    this.#listener = listener;
    stdout.write(ENTER);
    stdout.on('resize', this.#onResize);
    const input = this.#input;
    if (input) {
      emitKeypressEvents(input);
      input.setRawMode?.(true);
      input.on('keypress', this.#onKeypress);
      input.resume();
    }
    // An uncaught error must not leave behind a terminal that hides typed text.
    process.once('exit', this.#leave);
  }

  get hasKeys(): boolean {
    return this.#input !== undefined;
  }

  /** Some terminals report 0 as their size. */
  get size(): Size {
    const { columns = 0, rows = 0 } = this.#output;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  /** Replaces the picture. If a slow terminal has not taken the last one yet, this one is skipped. */
  show(picture: readonly string[]): void {
    if (!this.#isOpen || this.#output.writableNeedDrain) return;
    const changes = this.#painter.paint(picture);
    if (changes !== '') this.#output.write(changes);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off('exit', this.#leave);
    this.#output.off('resize', this.#onResize);
    this.#output.write(LEAVE);
    if (this.#input) {
      this.#input.off('keypress', this.#onKeypress);
      this.#input.setRawMode?.(false);
      this.#input.pause();
    }
  }
}
