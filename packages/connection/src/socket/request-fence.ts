import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** Nothing that was sent before a request is under way any more after this time, in milliseconds, whatever the server answers. */
const UNDER_WAY_MS = 15_000;

/**
 * Knows from when on what comes over an open socket is of after a request. Kite acknowledges no request, but it answers pings in
 * order: the answer to a ping that was sent in front of a request comes behind all that the server had sent before.
 */
export class RequestFence {
  readonly #timer: Timer;
  readonly #passed: (revision: number) => void;
  /** Of the pings that have no answer yet, in order: the revision of the request behind it; undefined for one with no request. */
  #pings: (number | undefined)[] = [];

  /** @param passed what comes from now on is of after the request with this revision */
  constructor(clock: Clock, passed: (revision: number) => void) {
    this.#timer = new Timer(clock);
    this.#passed = passed;
  }

  /** The newest revision that is waited for; undefined: none is. */
  get newest(): number | undefined {
    return this.#pings.filter((revision) => revision !== undefined).at(-1);
  }

  /** A ping was sent that no request follows. */
  pinged(): void {
    this.#pings.push(undefined);
  }

  /** A ping was sent, and the request with this revision follows. */
  raise(revision: number): void {
    this.#pings.push(revision);
    this.#timer.set(UNDER_WAY_MS, () => {
      this.#pings = [];
      this.#passed(revision);
    });
  }

  /** A ping was answered. Returns whether a request followed it. */
  answered(): boolean {
    const revision = this.#pings.shift();
    if (revision === undefined) return false;
    if (this.newest === undefined) this.#timer.clear();
    this.#passed(revision);
    return true;
  }

  /** The socket is gone, and all that was under way with it. */
  clear(): void {
    this.#timer.clear();
    this.#pings = [];
  }
}
