import type { Clock } from '@kite/protocol';

import type { TokenAnswer } from '../wire/messages.js';

/** How long to wait for an answer when there is another token to try. */
const PATIENCE_MS = 500;

interface Attempt {
  resolve: (token: string) => void;
  reject: (error: Error) => void;
}

/**
 * The token provider of a connection in a worker: asks the main thread, once for each attempt. If an earlier attempt
 * has not been answered yet, the main thread waits for the same call.
 *
 * The main thread may be blocked just when the connection drops. Then the token that last opened the connection is used
 * again, so that it need not wait. The answer, when it comes, is for an attempt that gets none in time: the next one
 * may be a minute later, and asks anew.
 */
export class RemoteToken {
  readonly #clock: Clock;
  readonly #ask: () => number;
  /** Requests without an answer. */
  readonly #open = new Set<number>();
  /** The attempt that waits. */
  #attempt: Attempt | undefined;
  /** A token that came when no attempt waited. */
  #late: string | undefined;
  #given: string | undefined;
  #good: string | undefined;

  /** @param ask sends a request to the main thread, and returns its number */
  constructor(clock: Clock, ask: () => number) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** The token for one attempt. */
  async next(): Promise<string> {
    this.#given = await this.#token();
    return this.#given;
  }

  /** The connection has opened with the token given last. */
  opened(): void {
    this.#good = this.#given;
    this.#forgetAnswers();
  }

  /** The server has refused a token: an old one is no help. */
  refused(): void {
    this.#good = undefined;
  }

  /** The connection is closed: forgets everything, since it may be opened again only tomorrow. */
  closed(): void {
    this.#good = undefined;
    this.#forgetAnswers();
  }

  answered(answer: TokenAnswer): void {
    if (!this.#open.has(answer.request)) return;
    // The answer to an older request is as good, and the newer one asks for the same.
    this.#open.clear();
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if ('error' in answer) {
      attempt?.reject(new Error(answer.error));
      return;
    }
    // Whatever it is, the connection judges it, as it does without a thread.
    const token = answer.token as string;
    if (attempt) attempt.resolve(token);
    else this.#late = token;
  }

  #forgetAnswers(): void {
    this.#open.clear();
    this.#late = undefined;
  }

  #token(): Promise<string> {
    const otherwise = this.#late ?? this.#good;
    this.#late = undefined;
    const answer = new Promise<string>((resolve, reject) => {
      this.#attempt = { resolve, reject };
    });
    this.#open.add(this.#ask());
    return otherwise === undefined ? answer : this.#answerInTime(answer, otherwise);
  }

  #answerInTime(answer: Promise<string>, otherwise: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        // From now on the answer is late.
        this.#attempt = undefined;
        resolve(otherwise);
      }, PATIENCE_MS);
      answer.then(resolve, reject).finally(() => {
        this.#clock.clearTimeout(timer);
      });
    });
  }
}
