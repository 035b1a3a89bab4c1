import type { Clock } from '@kite/protocol';

import type { TokenProvider } from './credentials.js';

/** A call that has not ended after this many timeouts of an attempt hangs: another one may start. */
const HUNG_AFTER_TIMEOUTS = 10;

interface Call {
  readonly answer: Promise<string>;
  readonly startedAt: number;
  /** {@link TokenCalls.forget} makes a new one. */
  readonly period: number;
  /** The next call, for all who asked in a later period. */
  next?: { readonly period: number; readonly answer: Promise<string> };
  /** It hung, and there has been another call since. */
  isReplaced?: boolean;
}

/**
 * Runs one call of a token provider at a time. Connections that ask while a call is pending share its answer; so do
 * those that ask with the same function after an update.
 */
export class TokenCalls {
  readonly #clock: Clock;
  readonly #hungAfterMs: number;
  readonly #calls = new Map<TokenProvider, Call>();
  #period = 0;

  /** @param timeoutMs how long one attempt waits for an answer */
  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#hungAfterMs = HUNG_AFTER_TIMEOUTS * timeoutMs;
  }

  ask(source: TokenProvider): Promise<string> {
    const call = this.#calls.get(source);
    if (!call || this.#clock.monotonic() - call.startedAt >= this.#hungAfterMs) return this.#begin(source);
    return call.period === this.#period ? call.answer : this.#askAfter(call, source);
  }

  /** Makes later questions ignore answers to earlier ones. */
  forget(): void {
    this.#period++;
  }

  #begin(source: TokenProvider): Promise<string> {
    // A promise around the call turns a function that throws at once into an ordinary rejection.
    const answer = new Promise<string>((resolve) => {
      resolve(source());
    });
    const hung = this.#calls.get(source);
    if (hung) hung.isReplaced = true;
    const call: Call = { answer, startedAt: this.#clock.monotonic(), period: this.#period };
    this.#calls.set(source, call);
    const ended = (): void => {
      if (this.#calls.get(source) === call) this.#calls.delete(source);
    };
    answer.then(ended, ended);
    return answer;
  }

  /** An earlier call is pending: it has to end first. */
  #askAfter(call: Call, source: TokenProvider): Promise<string> {
    const period = this.#period;
    if (call.next?.period === period) return call.next.answer;
    const answer = call.answer
      .catch(() => undefined)
      .then(() => {
        if (call.isReplaced || period !== this.#period)
          throw new Error('nobody waits for an answer any more');
        return this.ask(source);
      });
    // It may fail when nothing waits for it.
    answer.catch(() => undefined);
    call.next = { period, answer };
    return answer;
  }
}
