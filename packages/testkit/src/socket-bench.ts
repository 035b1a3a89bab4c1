import { expect } from 'vitest';

import { settled } from './settled.js';

/** A server, as a bench knows it. */
interface Server {
  stop(): Promise<void>;
}

/**
 * A server and what one test opens on it. Disposing ends all of it, and fails where a promise was rejected and nobody
 * handled it.
 */
export abstract class SocketBench<Simulator extends Server, Subject> implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly #subjects: Subject[] = [];
  readonly #unhandled: unknown[] = [];
  readonly #onUnhandled = (reason: unknown): void => void this.#unhandled.push(reason);

  constructor(simulator: Simulator) {
    this.simulator = simulator;
    process.on('unhandledRejection', this.#onUnhandled);
  }

  /** How one of them ends. */
  protected abstract end(subject: Subject): Promise<unknown>;

  /** Keeps it until the end of the test, and ends it then. */
  protected keep(subject: Subject): Subject {
    this.#subjects.push(subject);
    return subject;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#subjects.map((subject) => this.end(subject)));
    await this.simulator.stop();
    // Rejections are reported after the microtasks of the turn in which they happened.
    await settled();
    process.off('unhandledRejection', this.#onUnhandled);
    expect(this.#unhandled).toEqual([]);
  }
}
