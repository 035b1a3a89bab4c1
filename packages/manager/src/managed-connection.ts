import type { ChannelId } from '@kite/connection';
import { Deadline, type Deferred, deferred, Timer } from '@kite/kit';
import {
  type EventOf,
  isKiteError,
  KiteError,
  type Mode,
  type OrderUpdate,
  type TickerState,
} from '@kite/protocol';

import {
  type Account,
  Hub,
  type Link,
  LinkControl,
  processSlots,
  type SourceStatus,
} from './connection-parts.js';
import type { LinkListener } from './link.js';
import type { ResolvedManagerConfig } from './options.js';
import { LatencyHistogram, type ProcessorStats } from './processor-stats.js';

/** What a managed connection reports to. */
export interface ManagedConnectionOwner {
  /** Whether to deliver an order postback: false for a copy of an earlier one. */
  acceptOrder(order: OrderUpdate): boolean;
  /** The same for a broadcast. */
  acceptBroadcast(data: unknown, receivedAt: number): boolean;
  /** These ticks are not delivered: their instruments have gone to another connection. */
  straggled(message: EventOf<'ticks'>): void;
  /** A listener has failed, and `issue` has no listener. */
  listenerFailed(error: KiteError): void;
  /** Its open socket is asked for these instruments: each should answer. */
  asked(tokens: Iterable<number>): void;
  /** It no longer holds these, and its socket was told so. */
  unasked(tokens: readonly number[]): void;
  /** Its state or status has changed, or it has given up; channels and listeners know already. */
  changed(): void;
}

/** How a managed connection works. */
export interface ManagedConnectionOptions extends Pick<
  ResolvedManagerConfig,
  'clock' | 'divisors' | 'failoverAfterMs' | 'rateLimitDelayMs'
> {
  account: Account;
  /** The server's origin. */
  origin: string;
  /** What it holds now. */
  modes: () => ReadonlyMap<number, Mode>;
}

/**
 * One of the manager's connections: the hub, which lasts as long as the manager, and the link, from start to stop.
 */
export class ManagedConnection implements LinkListener {
  readonly channelId: ChannelId;
  readonly hub: Hub;
  /** What a link delivers goes to the hub at once. */
  readonly frame: LinkListener['frame'];
  readonly text: LinkListener['text'];
  readonly asked: LinkListener['asked'];
  readonly dropped: LinkListener['dropped'];
  readonly #owner: ManagedConnectionOwner;
  readonly #options: ManagedConnectionOptions;
  readonly #downtime: Deadline;
  /** Retries after a refusal before any attempt: other connections of the key may be about to close. */
  readonly #retry: Timer;
  readonly #latency = new LatencyHistogram();
  #isDowntimeTimed = false;
  /** Its next attempt is further off than `failoverAfterMs`, or there is none. */
  #isHopeless = false;
  #hasGivenUp = false;
  readonly #control: LinkControl;
  #firstAttempt: Deferred<KiteError | undefined> | undefined;
  #trouble: string | undefined;
  #failure: KiteError | undefined;
  /** The instruments that its open socket was asked for. */
  #asked: ReadonlySet<number> = new Set();
  /** Its link was not even allowed to try. */
  #wasRefused = false;
  /** The API key without a free slot, while that is reported. */
  #refusedKey: string | undefined;

  constructor(channelId: ChannelId, options: ManagedConnectionOptions, owner: ManagedConnectionOwner) {
    const { clock, divisors } = options;
    this.channelId = channelId;
    this.#owner = owner;
    this.#options = options;
    this.#downtime = new Deadline(clock);
    this.#retry = new Timer(clock);
    this.#control = new LinkControl({
      ...options,
      slots: processSlots,
      revision: () => this.hub.handover.revision,
      onTold: () => {
        this.#told();
      },
    });
    this.hub = new Hub({
      channelId,
      clock,
      divisors,
      acceptOrder: (order) => owner.acceptOrder(order),
      acceptBroadcast: (data, receivedAt) => owner.acceptBroadcast(data, receivedAt),
      onStragglers: (message) => {
        owner.straggled(message);
      },
      onUnheardFailure: (error) => {
        owner.listenerFailed(error);
      },
      onLatency: (latencyMs) => {
        this.#latency.record(latencyMs);
      },
    });
    this.frame = this.hub.frame.bind(this.hub);
    this.text = this.hub.text.bind(this.hub);
    this.asked = this.hub.asked.bind(this.hub);
    this.dropped = this.hub.dropped.bind(this.hub);
  }

  /** Why it has failed for good; undefined while it has not, and once it was told to try again. */
  get failure(): KiteError | undefined {
    return this.#control.hasFailed ? this.#failure : undefined;
  }

  /** Why it is not open, where that is known. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether it starts, streams or is down; `down` while the manager is stopped. */
  get currentStatus(): SourceStatus {
    return this.#control.link?.status ?? 'down';
  }

  /** Whether it is open, but nothing arrives. */
  get isSilent(): boolean {
    return this.#control.link?.state === 'open' && this.currentStatus === 'down';
  }

  /** Whether its instruments should move: it has been down for `failoverAfterMs`, or knows that it will be. */
  get hasGivenUp(): boolean {
    // It may stream again already, while only another connection has been notified.
    return this.#hasGivenUp && this.currentStatus !== 'streaming';
  }

  /** Opens it on this link; resolves with undefined once it is open, or with the error of the first attempt. */
  open(link: Link): Promise<KiteError | undefined> {
    this.#control.use(link);
    this.#firstAttempt = deferred();
    const { promise } = this.#firstAttempt;
    this.#open();
    return promise;
  }

  /** Its instruments have changed: its link is told in this turn. */
  modesChanged(): void {
    this.#control.modesChanged();
  }

  /** Tries again at once if its link was not allowed to try: other credentials may have a slot, or one is free now. */
  openRefused(): void {
    // A listener that hears of the refusal may ask for the same again: nothing is free in that moment.
    if (this.#wasRefused && this.#refusedKey !== this.#options.account.credentials.apiKey) this.#open();
  }

  /** {@link openRefused}, or once more after it has failed for good. */
  reopen(): void {
    if (this.failure) this.#open();
    else this.openRefused();
  }

  /** Closes the link. */
  async close(): Promise<void> {
    const { link } = this.#control;
    this.#retry.clear();
    this.#wasRefused = false;
    await this.#control.close();
    if (this.#control.link !== link) return;
    this.#downtime.clear();
    this.#isDowntimeTimed = false;
    this.#control.use(undefined);
  }

  processorStats(): ProcessorStats {
    const stats = this.hub.stats(0);
    return {
      connectionId: this.channelId,
      messagesProcessed: stats.messagesParsed,
      messagesPerSecond: stats.messagesPerSecond,
      processingLatencyMs: this.#latency.summary(),
      lastProcessedAt: stats.lastMessageAt,
      queueSize: this.hub.queueSize,
      errorsCount: stats.errorsCount,
    };
  }

  state(state: TickerState, at: number, error: KiteError | undefined, retryInMs: number | undefined): void {
    this.#control.entered(state, error);
    this.#enter(state, at, error, retryInMs);
  }

  status(): void {
    this.#watchDowntime();
    this.#owner.changed();
  }

  issue(error: KiteError): void {
    this.hub.issue(error);
  }

  #open(): void {
    this.#retry.clear();
    this.#wasRefused = false;
    try {
      this.#control.open();
    } catch (error) {
      if (!isKiteError(error, 'KITE_CONNECTION_LIMIT_REACHED')) throw error;
      const { account, clock, rateLimitDelayMs } = this.#options;
      this.#wasRefused = true;
      this.#retry.set(rateLimitDelayMs, () => {
        this.#open();
      });
      this.#refusedKey = account.credentials.apiKey;
      this.#enter('waiting', clock.now(), error, rateLimitDelayMs);
      this.#refusedKey = undefined;
    }
  }

  #enter(state: TickerState, at: number, error: KiteError | undefined, retryInMs: number | undefined): void {
    this.#trouble = state === 'open' ? undefined : (error?.message ?? this.#trouble);
    this.#failure = state === 'failed' ? error : undefined;
    this.#isHopeless =
      state === 'failed' || (state === 'waiting' && (retryInMs ?? 0) > this.#options.failoverAfterMs);
    this.#watchDowntime();
    this.hub.state(state, at, error, retryInMs);
    if (state === 'open') this.hub.opened(this.#options.modes().keys());
    this.#settleFirstAttempt(state, error);
    if (state === 'open') this.#noteAsked(new Set());
    this.#owner.changed();
  }

  /** An instrument that left and came back before the link was told is not asked for again. */
  #told(): void {
    this.hub.handover.told();
    const told = this.#control.toldModes;
    this.#owner.unasked([...this.#asked].filter((token) => !told.has(token)));
    if (this.#control.link?.state === 'open') this.#noteAsked(this.#asked);
  }

  /**
   * The socket is asked for everything that its link was told; for `before` it was asked earlier. An instrument that
   * has just moved away still counts as asked for, and is not asked for again if it comes back in the same turn.
   */
  #noteAsked(before: ReadonlySet<number>): void {
    const told = [...this.#control.toldModes.keys()];
    this.#asked = new Set(told);
    this.#owner.asked(told.filter((token) => !before.has(token)));
  }

  #settleFirstAttempt(state: TickerState, error: KiteError | undefined): void {
    if (state !== 'open' && state !== 'waiting' && state !== 'failed' && state !== 'closed') return;
    this.#firstAttempt?.resolve(state === 'open' ? undefined : (error ?? closedEarly()));
    this.#firstAttempt = undefined;
  }

  #watchDowntime(): void {
    const { status, state } = this.#control.link ?? { status: 'down', state: 'closed' };
    if (status === 'streaming' || state === 'closing' || state === 'closed') {
      this.#downtime.clear();
      this.#isDowntimeTimed = false;
      this.#hasGivenUp = false;
    } else if (this.#isHopeless) {
      // A timer would keep the process alive although nothing more can come.
      this.#downtime.clear();
      this.#hasGivenUp = true;
    } else if (!this.#isDowntimeTimed) {
      this.#isDowntimeTimed = true;
      this.#downtime.set(this.#options.failoverAfterMs, () => {
        this.#hasGivenUp = true;
        this.#owner.changed();
      });
    }
  }
}

function closedEarly(): KiteError {
  return new KiteError('KITE_MANAGER_STOPPED', 'the manager was stopped before the connection had opened');
}
