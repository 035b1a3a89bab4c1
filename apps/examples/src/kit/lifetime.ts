/** Signals that end the program. Node's default would leave the terminal changed and sockets open. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What ends the program: a signal, a time, a key, or output that nothing reads any more. */
export class Lifetime implements Disposable {
  readonly #controller = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end = () => this.end();

  constructor(seconds?: number) {
    // Kept until the very end: npm passes signals on, so the same Ctrl-C may arrive twice.
    for (const name of SIGNALS) process.on(name, this.#end);
    // The reader of the output is gone.
    process.stdout.on('error', this.#end);
    if (seconds !== undefined) this.after(seconds, this.#end);
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#controller.abort();
  }

  /** Does this after this many seconds, unless the end comes first. */
  after(seconds: number, act: () => void): void {
    this.#timers.push(setTimeout(act, seconds * 1000));
  }

  [Symbol.dispose](): void {
    this.end();
    for (const name of SIGNALS) process.off(name, this.#end);
    process.stdout.off('error', this.#end);
  }
}
