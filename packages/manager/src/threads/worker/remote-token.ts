import type { Clock } from '@kite/protocol';

import type { TokenAnswer } from '../wire/messages.js';

/** How long an answer is waited for where there is a token that was good before. */
const PATIENCE_MS = 500;

interface Question {
  request: number;
  answer: Promise<string>;
  resolve: (token: string) => void;
  reject: (error: Error) => void;
}

/**
 * The token provider of a connection in a worker: asks the main thread, one question at a time.
 *
 * The main thread may be blocked just when the connection drops. Then the token that opened the connection before is used
 * again, so that it does not have to wait; the answer, when it comes, is for the next attempt.
 */
export class RemoteToken {
  readonly #clock: Clock;
  readonly #ask: () => number;
  #question: Question | undefined;
  /** What came too late for its attempt. */
  #lateAnswer: string | undefined;
  #isAwaited = false;
  #given: string | undefined;
  #good: string | undefined;

  /** @param ask sends a question to the main thread, and gives its number */
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
    // An answer to a question of before is none for the next connect, which may be tomorrow.
    this.#lateAnswer = undefined;
    this.#question = undefined;
  }

  /** The server has refused a token: an old one is no help. */
  refused(): void {
    this.#good = undefined;
  }

  /** Other credentials have taken its place: an attempt that waits for an answer is over. */
  replaced(): void {
    this.#question?.reject(new Error('the credentials were replaced before the token provider answered'));
    this.#question = undefined;
  }

  answered(answer: TokenAnswer): void {
    const question = this.#question;
    if (question?.request !== answer.request) return;
    this.#question = undefined;
    if ('error' in answer) question.reject(new Error(answer.error));
    else {
      // Whatever it is: the connection judges it, as it does where nothing crosses threads.
      const token = answer.token as string;
      if (!this.#isAwaited) this.#lateAnswer = token;
      question.resolve(token);
    }
  }

  async #token(): Promise<string> {
    const late = this.#lateAnswer;
    this.#lateAnswer = undefined;
    if (late !== undefined) return late;
    const { answer } = (this.#question ??= this.#newQuestion());
    this.#isAwaited = true;
    try {
      return await (this.#good === undefined ? answer : this.#answerInTime(answer, this.#good));
    } finally {
      this.#isAwaited = false;
    }
  }

  #newQuestion(): Question {
    let resolve!: Question['resolve'];
    let reject!: Question['reject'];
    const answer = new Promise<string>((fulfil, refuse) => {
      resolve = fulfil;
      reject = refuse;
    });
    // It may fail when nobody waits for it any more.
    answer.catch(() => undefined);
    return { request: this.#ask(), answer, resolve, reject };
  }

  #answerInTime(answer: Promise<string>, otherwise: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        // From now on the answer is late.
        this.#isAwaited = false;
        resolve(otherwise);
      }, PATIENCE_MS);
      answer.then(resolve, reject).finally(() => {
        this.#clock.clearTimeout(timer);
      });
    });
  }
}
