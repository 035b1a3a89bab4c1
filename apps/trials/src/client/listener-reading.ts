import type { Item, Reading } from './client.js';

/** Reads what listeners are told, as from a channel that loses nothing. */
export class ListenerReading implements Reading {
  readonly #told: Item[] = [];
  readonly #stops: readonly (() => void)[];
  #isEnded = false;
  #wake: () => void = () => undefined;

  /** @param listen begins to listen, and gives how to stop */
  constructor(listen: (tell: (item: Item) => void) => readonly (() => void)[]) {
    this.#stops = listen((item) => {
      this.#told.push(item);
      this.#wake();
    });
  }

  async next(): Promise<readonly Item[] | undefined> {
    if (this.#told.length === 0 && !this.#isEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#told.length > 0 ? this.#told.splice(0) : undefined;
  }

  end(): void {
    this.#isEnded = true;
    for (const stop of this.#stops) stop();
    this.#wake();
  }

  close(): void {
    this.#told.length = 0;
    this.end();
  }
}

/** The events that it listens to. */
export const LISTENED = [
  ...(['ticks', 'gap', 'lagged', 'order', 'state'] as const),
  ...(['error', 'issue', 'message', 'unknown'] as const),
];
