import type { RandomSource } from '@kite/connection';
import { safeCause, textOf } from '@kite/kit';
import { type Clock, KiteError } from '@kite/protocol';

import { backoffDelay, type BackoffOptions } from '../../connection-parts.js';
import type { LinkListener } from '../../link.js';
import type { LinkCommand } from '../wire/messages.js';
import type { RecordType } from '../wire/ring-memory.js';
import { type LinkHome, ThreadedLink, type ThreadedLinkOptions } from './threaded-link.js';
import { type SessionOwner, type WorkerOptions, WorkerSession } from './worker-session.js';

/** How an I/O thread works. */
export interface IoThreadOptions extends WorkerOptions, BackoffOptions {
  /** A worker that was up for so long clears the count of crashes that paces its replacement. */
  stableAfterMs: number;
  random: RandomSource;
}

/**
 * A worker that holds connections, so that they live on while the main thread is blocked. One that crashes is replaced,
 * at the pace of reconnects, and its connections are opened again.
 */
export class IoThread implements SessionOwner, LinkHome {
  readonly #options: IoThreadOptions;
  readonly #links: ThreadedLink[] = [];
  #session: WorkerSession | undefined;
  #isStarting = false;
  #isTerminated = false;
  #crashes = 0;
  #startedAt = 0;
  #respawn: unknown;

  private constructor(options: IoThreadOptions) {
    this.#options = options;
  }

  /** Resolves once the worker is up. Rejects with `KITE_MANAGER_THREADS_UNAVAILABLE` where none can be. */
  static async start(options: IoThreadOptions): Promise<IoThread> {
    const thread = new IoThread(options);
    thread.#session = await WorkerSession.start(options, thread);
    thread.#startedAt = options.clock.monotonic();
    return thread;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** A connection in this thread; what happens to it is told to the listener. */
  open(options: ThreadedLinkOptions, listener: LinkListener): ThreadedLink {
    const link = new ThreadedLink(this.#links.length, options, listener, this);
    this.#links.push(link);
    link.restore();
    return link;
  }

  /** Ends the worker at once, and with it every connection that has not been closed. Idempotent. */
  async terminate(): Promise<void> {
    this.#isTerminated = true;
    const session = this.#session;
    this.#session = undefined;
    this.#review();
    await session?.terminate();
    for (const link of this.#links) if (link.isWanted) link.closed();
  }

  send(link: number, command: LinkCommand): boolean {
    if (!this.#session) return false;
    this.#session.post({ ...command, link });
    return true;
  }

  wantedChanged(): void {
    this.#review();
  }

  record(type: RecordType, link: number, at: number, bytes: Uint8Array): void {
    const target = this.#links[link];
    if (this.#isTerminated || !target) return;
    try {
      target.record(type, at, bytes);
    } catch (cause) {
      // One listener's failure is not to cost the records that came together with this one.
      const message = `the listener of a connection failed: ${textOf(cause)}`;
      target.issue(new KiteError('KITE_CONNECTION_LISTENER_FAILED', message, { cause }));
    }
  }

  hole(error: KiteError): void {
    this.#issue(error);
  }

  tokenWanted(link: number, request: number): void {
    this.#links[link]?.answer(request);
  }

  crashed(cause: Error): void {
    this.#session = undefined;
    const { clock, stableAfterMs } = this.#options;
    this.#crashes = clock.monotonic() - this.#startedAt >= stableAfterMs ? 1 : this.#crashes + 1;
    const safe = safeCause(
      cause,
      this.#links.flatMap((link) => link.secrets()),
    );
    const error = new KiteError(
      'KITE_MANAGER_WORKER_CRASHED',
      `the I/O worker has crashed: ${safe.message}`,
      {
        cause: safe,
      },
    );
    for (const link of this.#links) link.crashed(error);
    this.#review();
  }

  /** What concerns every link is told once. */
  #issue(error: KiteError): void {
    (this.#links.find((link) => link.isWanted) ?? this.#links[0])?.issue(error);
  }

  /** The worker, and the timer for another one, are there for the links that are wanted, and only for them. */
  #review(): void {
    const isWanted = !this.#isTerminated && this.#links.some((link) => link.isWanted);
    this.#session?.setAlive(isWanted);
    if (!isWanted) {
      this.#options.clock.clearTimeout(this.#respawn);
      this.#respawn = undefined;
    } else if (!this.#session && !this.#isStarting) this.#respawnLater();
  }

  #respawnLater(): void {
    const { clock, random } = this.#options;
    this.#respawn ??= clock.setTimeout(
      () => {
        this.#respawn = undefined;
        void this.#startAgain();
      },
      backoffDelay(this.#crashes, random(), this.#options),
    );
  }

  async #startAgain(): Promise<void> {
    this.#isStarting = true;
    try {
      const session = await WorkerSession.start(this.#options, this);
      if (this.#isTerminated) await session.terminate();
      else this.#restored(session);
    } catch (error) {
      this.#crashes++;
      if (error instanceof KiteError) this.#issue(error);
    } finally {
      this.#isStarting = false;
      this.#review();
    }
  }

  #restored(session: WorkerSession): void {
    this.#session = session;
    this.#startedAt = this.#options.clock.monotonic();
    for (const link of this.#links) link.restore();
  }
}
