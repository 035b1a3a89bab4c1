import type { AccessToken, ChannelId } from '@kite/connection';
import { Deadline, type Deferred, deferred, Timer } from '@kite/kit';
import { type Gap, isKiteError, KiteError, type TickerState } from '@kite/protocol';

import { Hub, type Lag } from './connection-parts.js';
import type { Link, LinkListener } from './link.js';
import type { ResolvedManagerConfig } from './options.js';
import type { Outage } from './outages.js';
import { LatencyHistogram, type ProcessorStats } from './processor-stats.js';

/** Whom a managed connection tells. */
export interface ManagedConnectionOwner {
  /** Whether to deliver an order postback, by its text. */
  acceptOrder(text: string): boolean;
  /** It was open, and is not; comes before `changed`. */
  lost(outage: Outage): void;
  /** Its state has changed; channels and listeners know already. */
  changed(state: TickerState): void;
  /** It has been down for `failoverAfterMs`. */
  downTooLong(): void;
}

/** How a managed connection works. */
export type ManagedConnectionOptions = Pick<
  ResolvedManagerConfig,
  'clock' | 'failoverAfterMs' | 'rateLimitDelayMs'
>;

/**
 * One of the manager's connections: the hub, which lasts as long as the manager, and the link, from start to stop.
 */
export class ManagedConnection implements LinkListener {
  readonly channelId: ChannelId;
  readonly hub: Hub;
  readonly #owner: ManagedConnectionOwner;
  readonly #options: ManagedConnectionOptions;
  readonly #downtime: Deadline;
  /** Of what was refused here, before any attempt, and may pass: other connections of the key that are about to close. */
  readonly #retry: Timer;
  readonly #latency = new LatencyHistogram();
  #isDowntimeTimed = false;
  #isDown = false;
  /** When it was first open since its start. */
  #openedAt: number | undefined;
  #isOpen = false;
  #lastOutage: Outage | undefined;
  #link: Link | undefined;
  #firstAttempt: Deferred<KiteError | undefined> | undefined;
  #trouble: string | undefined;
  /** Its link was not even allowed to try. */
  #wasRefused = false;

  constructor(channelId: ChannelId, options: ManagedConnectionOptions, owner: ManagedConnectionOwner) {
    const { clock } = options;
    this.channelId = channelId;
    this.#owner = owner;
    this.#options = options;
    this.#downtime = new Deadline(clock);
    this.#retry = new Timer(clock);
    this.hub = new Hub({
      channelId,
      clock,
      acceptOrder: (text) => owner.acceptOrder(text),
      onLatency: (latencyMs) => {
        this.#latency.record(latencyMs);
      },
    });
  }

  /** Undefined while the manager is stopped. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Why it is not open, where that is known. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether it was lost, or could not be opened, and is not open again yet. */
  get isDown(): boolean {
    return this.#isDown;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Since when it brought nothing when it was lost for the last time, and what has kept it away. */
  get lastOutage(): Outage | undefined {
    return this.#lastOutage;
  }

  /** Whether it is open, or may be open for the server already. */
  get mayBeOpen(): boolean {
    const state = this.#link?.state;
    return state === 'open' || state === 'connecting';
  }

  /** Opens it on this link; resolves with undefined once it is open, or with the error of the first attempt. */
  open(link: Link): Promise<KiteError | undefined> {
    this.#link = link;
    this.#wasRefused = false;
    this.#retry.clear();
    this.#firstAttempt = deferred();
    const { promise } = this.#firstAttempt;
    link.connect().catch((error: unknown) => {
      // A failure that came with a state is known by now; what is left was refused before any attempt.
      if (!this.#firstAttempt || !isKiteError(error)) return;
      this.#wasRefused = true;
      const mayPass = error.code === 'KITE_CONNECTION_LIMIT_REACHED';
      if (mayPass) this.#retry.set(this.#options.rateLimitDelayMs, () => void this.open(link));
      this.state(mayPass ? 'waiting' : 'failed', error);
    });
    return promise;
  }

  /** For the next connects. A connection that was refused before any attempt is tried again. */
  updateCredentials(apiKey: string, accessToken: AccessToken): void {
    const link = this.#link;
    link?.updateCredentials(apiKey, accessToken);
    if (!link || !this.#wasRefused) return;
    this.#wasRefused = false;
    void this.open(link);
  }

  /** Closes the link. */
  async close(): Promise<void> {
    const link = this.#link;
    this.#retry.clear();
    await link?.close();
    this.#downtime.clear();
    this.#isDowntimeTimed = false;
    this.#openedAt = undefined;
    this.#link = undefined;
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

  state(state: TickerState, error: KiteError | undefined): void {
    this.#trouble = state === 'open' ? undefined : (error?.message ?? this.#trouble);
    if (state !== 'connecting') this.#isDown = state === 'waiting' || state === 'failed';
    this.#watchLoss(state);
    this.#watchDowntime(state);
    this.hub.state(state, error);
    this.#settleFirstAttempt(state, error);
    this.#owner.changed(state);
  }

  gap(gap: Gap): void {
    this.hub.gap(gap);
  }

  binary(bytes: Uint8Array, receivedAt: number): void {
    this.hub.binary(bytes, receivedAt);
  }

  text(text: string, receivedAt: number): void {
    this.hub.text(text, receivedAt);
  }

  lagged(lag: Lag): void {
    this.hub.lagged(lag);
  }

  issue(error: KiteError): void {
    this.hub.issue(error);
  }

  #settleFirstAttempt(state: TickerState, error: KiteError | undefined): void {
    if (state !== 'open' && state !== 'waiting' && state !== 'failed' && state !== 'closed') return;
    this.#firstAttempt?.resolve(state === 'open' ? undefined : (error ?? closedEarly()));
    this.#firstAttempt = undefined;
  }

  #watchLoss(state: TickerState): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = state === 'open';
    if (this.#isOpen) {
      this.#openedAt ??= this.#options.clock.now();
    } else if (wasOpen) {
      const from = Math.max(this.#openedAt!, this.hub.lastMessageAt ?? 0);
      this.#lastOutage = { from, reason: this.#trouble ?? `connection ${this.channelId} was lost` };
      this.#owner.lost(this.#lastOutage);
    } else if (this.#lastOutage && this.#trouble !== undefined) {
      // The newest reason is why it is away still.
      this.#lastOutage.reason = this.#trouble;
    }
  }

  #watchDowntime(state: TickerState): void {
    if (state === 'open' || state === 'closing' || state === 'closed') {
      this.#downtime.clear();
      this.#isDowntimeTimed = false;
    } else if (!this.#isDowntimeTimed) {
      this.#isDowntimeTimed = true;
      this.#downtime.set(this.#options.failoverAfterMs, () => {
        this.#owner.downTooLong();
      });
    }
  }
}

function closedEarly(): KiteError {
  return new KiteError('KITE_MANAGER_STOPPED', 'the manager was stopped before the connection had opened');
}
