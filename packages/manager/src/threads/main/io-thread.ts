import type { RandomSource } from '@kite/connection';
import { safeCause, Timer } from '@kite/kit';
import { type Clock, KiteError } from '@kite/protocol';

import { backoffDelay, type BackoffOptions } from '../../connection-parts.js';
import { type LinkListener, STAGGER_MS } from '../../link.js';
import type { LinkCommand, PlainConnectionConfig } from '../wire/messages.js';
import type { RecordTarget } from './ring-reader.js';
import { type LinkHome, ThreadedLink } from './threaded-link.js';
import { type SessionOwner, type WorkerLoss, type WorkerOptions, WorkerSession } from './worker-session.js';

/** Notified of what concerns all links of a thread. */
export interface IoThreadOwner {
  /** {@link IoThread.trouble} has changed. */
  changed(): void;
  /** The worker is gone; another one takes its place. Links have reported it. */
  workerLost(error: KiteError): void;
}

/** How an I/O thread works. */
export interface IoThreadOptions extends WorkerOptions, BackoffOptions {
  /** A worker that was up for this long resets the crash count, which paces replacements. */
  stableAfterMs: number;
  random: RandomSource;
  owner: IoThreadOwner;
}

/**
 * A worker that holds connections, so that they live on while the main thread is blocked. One that crashes or hangs is
 * replaced, at the pace of reconnects, and its connections are opened again.
 */
export class IoThread implements SessionOwner, LinkHome {
  readonly #options: IoThreadOptions;
  readonly #links: ThreadedLink[] = [];
  #session: WorkerSession | undefined;
  /** Cancels the start of a replacement. */
  readonly #stop = new AbortController();
  #starting: Promise<void> | undefined;
  #isHanging = false;
  #crashes = 0;
  #startedAt = 0;
  #respawn: unknown;
  /** Paces the links that a new worker is told of. */
  readonly #stagger: Timer;

  private constructor(options: IoThreadOptions) {
    this.#options = options;
    this.#stagger = new Timer(options.clock);
  }

  /** Resolves once the worker is up. Rejects with `KITE_MANAGER_THREADS_UNAVAILABLE` if none can start or on abort. */
  static async start(options: IoThreadOptions, signal: AbortSignal): Promise<IoThread> {
    const thread = new IoThread(options);
    thread.#session = await WorkerSession.start(options, thread, signal);
    thread.#startedAt = options.clock.monotonic();
    return thread;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get isHanging(): boolean {
    return this.#isHanging;
  }

  /** What is wrong with the worker now, in words. */
  get trouble(): string | undefined {
    return this.#isHanging ? 'the I/O worker hangs: it shows no sign of life' : undefined;
  }

  /** Adds a connection to this thread, and reports to the listener what happens to it. */
  open(config: PlainConnectionConfig, listener: LinkListener): ThreadedLink {
    const link = new ThreadedLink(this.#links.length, config, listener, this);
    this.#links.push(link);
    return link;
  }

  /** Ends the worker at once, and with it every connection that has not been closed. Idempotent. */
  async terminate(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#stop.abort();
    this.#stagger.clear();
    this.#review();
    await Promise.all([session?.terminate(), this.#starting]);
    for (const link of this.#links) link.ended();
  }

  send(link: number, command: LinkCommand): boolean {
    if (!this.#session) return false;
    this.#session.post({ ...command, link });
    return true;
  }

  wantedChanged(): void {
    this.#review();
  }

  targetOf(link: number): RecordTarget | undefined {
    return this.#isTerminated ? undefined : this.#links[link];
  }

  hole(error: KiteError): void {
    this.#issue(error);
  }

  tokenWanted(link: number, request: number): void {
    this.#links[link]?.answer(request);
  }

  hangs(isHanging: boolean): void {
    if (isHanging) {
      const message = 'the I/O worker hangs: it has shown no sign of life for 2 s';
      this.#issue(new KiteError('KITE_MANAGER_WORKER_HUNG', message));
    }
    this.#setHanging(isHanging);
  }

  lost(loss: WorkerLoss, cause: Error): void {
    this.#session = undefined;
    this.#stagger.clear();
    const { clock, stableAfterMs } = this.#options;
    this.#crashes = clock.monotonic() - this.#startedAt >= stableAfterMs ? 1 : this.#crashes + 1;
    const safe = safeCause(
      cause,
      this.#links.flatMap((link) => link.secrets()),
    );
    const hung = loss === 'KITE_MANAGER_WORKER_HUNG';
    const what = hung ? 'the I/O worker hung, and was ended' : 'the I/O worker has crashed';
    const error = new KiteError(loss, `${what}: ${safe.message}`, { cause: safe });
    // The hang has been reported already.
    if (!hung) this.#issue(error);
    for (const link of this.#links) link.crashed(error);
    this.#setHanging(false);
    this.#review();
    this.#options.owner.workerLost(error);
  }

  get #isTerminated(): boolean {
    return this.#stop.signal.aborted;
  }

  #setHanging(isHanging: boolean): void {
    if (isHanging === this.#isHanging) return;
    this.#isHanging = isHanging;
    for (const link of this.#links) link.hangingChanged();
    this.#options.owner.changed();
  }

  /** Reports once what concerns every link. */
  #issue(error: KiteError): void {
    (this.#links.find((link) => link.isWanted) ?? this.#links[0])?.issue(error);
  }

  /** Keeps the worker alive, or the timer for a replacement running, only while a link is wanted. */
  #review(): void {
    const isWanted = !this.#isTerminated && this.#links.some((link) => link.isWanted);
    this.#session?.setAlive(isWanted);
    if (!isWanted) {
      this.#options.clock.clearTimeout(this.#respawn);
      this.#respawn = undefined;
    } else if (!this.#session && !this.#starting) this.#respawnLater();
  }

  #respawnLater(): void {
    const { clock, random } = this.#options;
    this.#respawn ??= clock.setTimeout(
      () => {
        this.#respawn = undefined;
        this.#starting = this.#startAgain().finally(() => {
          this.#starting = undefined;
          this.#review();
        });
      },
      backoffDelay(this.#crashes, random(), this.#options),
    );
  }

  async #startAgain(): Promise<void> {
    try {
      const session = await WorkerSession.start(this.#options, this, this.#stop.signal);
      if (this.#isTerminated) await session.terminate();
      else this.#restored(session);
    } catch (error) {
      this.#crashes++;
      if (!(error instanceof KiteError) || this.#isTerminated) return;
      this.#issue(error);
      for (const link of this.#links) link.crashed(error);
    }
  }

  #restored(session: WorkerSession): void {
    this.#session = session;
    this.#startedAt = this.#options.clock.monotonic();
    this.#restore(this.#links);
  }

  #restore([next, ...others]: readonly ThreadedLink[]): void {
    next?.restore();
    if (others.length === 0) return;
    this.#stagger.set(next?.isWanted ? STAGGER_MS : 0, () => {
      this.#restore(others);
    });
  }
}
