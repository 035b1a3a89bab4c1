/** What ends the program from outside. Node's own reaction to each would leave the terminal as it is, and sockets open. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Until when the program runs: a signal, a time, a key, or nobody who reads what it prints. */
export class Lifetime implements Disposable {
  readonly #controller = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #end = () => this.end();

  constructor(seconds?: number) {
    // Kept until the very end: npm passes signals on, so that the same Ctrl-C may arrive twice.
    for (const name of SIGNALS) process.on(name, this.#end);
    // Nobody reads any more.
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

  /** Does this so many seconds later, unless the end comes before. */
  after(seconds: number, act: () => void): void {
    this.#timers.push(setTimeout(act, seconds * 1000));
  }

  [Symbol.dispose](): void {
    this.end();
    for (const name of SIGNALS) process.off(name, this.#end);
    process.stdout.off('error', this.#end);
  }
}
