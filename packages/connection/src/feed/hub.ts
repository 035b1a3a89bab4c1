import { Listeners } from '@kite/kit';
import {
  type Clock,
  type FrameIssue,
  type Gap,
  type KiteError,
  type OrderUpdate,
  parseTextMessage,
  type PriceDivisors,
  type RawFrame,
  type TickerMessage,
  type TickerState,
} from '@kite/protocol';

import type { Dropped, SourceListener } from '../socket/source.js';
import { arrivalOf } from './arrival.js';
import type { ChannelId } from './channel-id.js';
import type { FrameConsumer, MessageConsumer, SourceTag } from './consumer.js';
import { Consumers } from './consumers.js';
import { Decoding } from './decoding.js';
import { publish } from './diagnostics.js';
import { assertListener, type FeedEvents, TICKER_EVENTS } from './events.js';
import { joinGaps } from './gap.js';
import { Handover } from './handover.js';
import type { LazyTicks } from './lazy-ticks.js';
import { listenerFailed } from './listener-failed.js';
import type { TicksMessage } from './message.js';
import { type Beginning, type Outage, OutageWatch } from './outage-watch.js';
import { type ConnectionStats, FeedCounters } from './stats.js';
import { messageOf } from './text-message.js';

/**
 * After this time, in milliseconds, nothing of an unsubscribed instrument is under way any more, and one that was asked for has
 * answered.
 */
const UNDER_WAY_MS = 15_000;

/**
 * How a hub works.
 */
export interface HubOptions {
  /** Which connection its messages name. */
  channelId: ChannelId;
  /** For latencies, and for `receivedAt` of what was not received. */
  clock: Clock;
  /** Price divisors by segment, on top of the known ones. Default: none. */
  divisors?: PriceDivisors;
  /** Whether to deliver an order postback: false for a copy that came on another connection before. */
  acceptOrder?: (order: OrderUpdate) => boolean;
  /** Whether to deliver a broadcast: false for a copy that came on another connection before. */
  acceptBroadcast?: (data: unknown, receivedAt: number) => boolean;
  /** Called with the error of a listener that failed while nothing listens to `issue`. */
  onUnheardFailure?: (error: KiteError) => void;
  /** Called with ticks that are not delivered: their instruments have gone to another connection. */
  onStragglers?: (message: TicksMessage) => void;
  /** Called with the time from a frame's arrival to the end of its delivery, in ms: at most one frame a millisecond. */
  onLatency?: (latencyMs: number) => void;
}

/**
 * Where one connection's frames fan out: to listeners, synchronously, and to any number of consumers, each with its own
 * buffer. A frame is decoded once, and only if something wants ticks.
 */
export class Hub implements SourceListener {
  /** The connection whose frames these are. */
  readonly channelId: ChannelId;
  /** What stands for this connection in channels. */
  readonly source: SourceTag;
  /** The instruments that have just come here from another connection, or gone to another one. */
  readonly handover = new Handover();
  readonly #options: HubOptions;
  readonly #clock: Clock;
  readonly #counters: FeedCounters;
  readonly #decoding: Decoding;
  readonly #listeners = new Listeners<FeedEvents>((cause, type) => this.listenerFailed(cause, type));
  readonly #onFrame = this.#listeners.of('frame');
  readonly #onTicks = this.#listeners.of('ticks');
  readonly #consumers = new Consumers();
  /** By consumer: all the hubs that feed it. */
  readonly #groups = new Map<MessageConsumer | FrameConsumer, readonly Hub[]>();
  /** Why the connection cannot stream again without a call of the user. */
  #failure: KiteError | undefined;
  /** By event, when one of its listeners last failed, by the monotonic clock. */
  readonly #listenerFailures = new Map<string, number>();
  readonly #outages = new OutageWatch();
  readonly #unknownSegments = new Set<number>();
  /** Frames lost since the last one, and the gap before the next one, for listeners. */
  #lostFrames = 0;
  #gap: Gap | undefined;
  #ownGap: Gap | undefined;

  constructor(options: HubOptions) {
    this.channelId = options.channelId;
    this.source = Object.freeze({ channelId: options.channelId });
    this.#options = options;
    this.#clock = options.clock;
    this.#counters = new FeedCounters(options.clock);
    this.#decoding = new Decoding(options.channelId, options.divisors ?? {}, (issue) => {
      this.#frameIssue(issue);
    });
  }

  /**
   * Calls the listener for each such event, before any channel gets it. Returns how to stop.
   *
   * @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` for an unknown event
   */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    assertListener('KITE_CONNECTION_INVALID_OPTION', TICKER_EVENTS, type, listener);
    return this.#listeners.on(type, listener);
  }

  /**
   * The consumer gets whatever comes from now on.
   *
   * @param hubs all that feed the consumer, this one included: it ends with an error when none of them can go on, soon
   * if that is so already
   */
  attach(consumer: MessageConsumer | FrameConsumer, hubs: readonly Hub[] = [this]): void {
    this.#groups.set(consumer, hubs);
    this.#consumers.add(consumer);
    if (!hubs.every(({ isFinal }) => isFinal)) return;
    // The caller cannot detach it yet, and may revive the connection in this turn.
    queueMicrotask(() => {
      this.#endIfFinal(consumer);
    });
  }

  /** The consumer gets nothing more; it is not ended. */
  detach(consumer: MessageConsumer | FrameConsumer): void {
    this.#groups.delete(consumer);
    this.#consumers.remove(consumer);
  }

  /** Whether this event has a listener. */
  isHeard(type: keyof FeedEvents): boolean {
    return this.#listeners.has(type);
  }

  /** Whether the connection cannot stream again without a call of the user. */
  get isFinal(): boolean {
    return this.#failure !== undefined;
  }

  /** The connection cannot stream again without a call of the user: ends the consumers that nothing else feeds. */
  fail(error: KiteError): void {
    this.#failure = error;
    for (const consumer of [...this.#groups.keys()]) this.#endIfFinal(consumer);
  }

  /** The connection is tried again, or waits for the next start. */
  revive(): void {
    this.#failure = undefined;
  }

  /** The events with listeners that failed within this time, in milliseconds. */
  listenersFailedWithin(ms: number): string[] {
    const since = this.#clock.monotonic() - ms;
    return [...this.#listenerFailures].filter(([, at]) => at >= since).map(([type]) => type);
  }

  /** How to end the consumers of now; those that come later stay. */
  ending(): (error?: KiteError) => void {
    const end = this.#consumers.ending();
    return (error) => {
      end(error);
      this.#lostFrames = 0;
      this.#gap = undefined;
    };
  }

  /** Items of this connection that wait in channels: all consumers together. */
  get queueSize(): number {
    return this.#consumers.all.reduce((sum, consumer) => sum + (consumer.waitingOf?.(this.source) ?? 0), 0);
  }

  /** The kinds of channels that have been full and unread for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    return this.#consumers.stuckSince(this.#clock.monotonic() - ms);
  }

  /** The figures so far, with this many instruments subscribed. */
  stats(symbolCount: number): ConnectionStats {
    return this.#counters.snapshot(this.channelId, symbolCount);
  }

  /** When the last message came, in Unix milliseconds; null before the first. */
  get lastMessageAt(): number | null {
    return this.#counters.lastMessageAt;
  }

  /** A consumer has lost this many ticks, or raw items; `isFirst`: for the first time since it last kept up. */
  countDropped(weight: number, isFirst: boolean): void {
    this.#counters.dropped += weight;
    if (isFirst) publish('lag', () => ({ channelId: this.channelId, dropped: weight }));
  }

  /** When something last came, or the connection opened; undefined before the first open. */
  get flowed(): Beginning | undefined {
    return this.#outages.flowed;
  }

  /** The beginning of an outage that is noticed now. */
  beginOutage(): Beginning {
    return this.#outages.begin(this.#clock.now(), this.#clock.monotonic());
  }

  /** The gap of the whole connection at its last open; undefined: nothing was missed. */
  get ownGap(): Gap | undefined {
    return this.#ownGap;
  }

  /** The connection has opened with these instruments: until each is heard of, an outage that has just ended goes on for it. */
  opened(held: Iterable<number>): void {
    const { ended } = this.#outages;
    if (ended) this.handover.await(held, ended, this.#clock.monotonic() + UNDER_WAY_MS);
  }

  /** The connection has been asked for everything wanted up to this revision of the handover. */
  asked(revision: number): void {
    this.handover.asked(revision);
  }

  /** These are no longer subscribed here: drops what is still under way. Returns the outages that have not ended. */
  leave(tokens: Iterable<number>): Map<number, Outage> {
    return this.handover.leave(tokens, this.#clock.monotonic() + UNDER_WAY_MS);
  }

  /** The present outage; undefined while the connection is open, and before its first open. */
  get outage(): Outage | undefined {
    return this.#outages.current;
  }

  frame(bytes: Uint8Array, receivedAt: number): void {
    const counters = this.#counters;
    const arrival = counters.isSample(receivedAt) ? this.#arrivalOf(receivedAt) : undefined;
    this.#outages.data(receivedAt, arrival);
    counters.received(bytes.length, receivedAt, arrival);
    if (this.handover.isActive) this.#handOver(bytes, receivedAt);
    this.#deliverFrame(bytes, receivedAt);
    this.#deliverTicks(bytes, receivedAt);
    if (arrival !== undefined) this.#delivered(this.#clock.monotonic() - arrival);
  }

  /** Parses a text message and delivers it. */
  text(text: string, receivedAt: number): void {
    const arrival = this.#arrivalOf(receivedAt);
    this.#outages.data(receivedAt, arrival);
    const { length } = new TextEncoder().encode(text);
    this.#counters.received(length, receivedAt, arrival);
    this.#counters.parsed++;
    const message = messageOf(parseTextMessage(text), this.channelId, receivedAt);
    if (message.type === 'error') this.#counters.errors++;
    if (message.type === 'order' && this.#options.acceptOrder?.(message.order) === false) return;
    if (message.type === 'message' && this.#options.acceptBroadcast?.(message.data, receivedAt) === false)
      return;
    this.#deliver(message);
  }

  /** Delivers a new state; after the one that ends an outage, the gap. */
  state(state: TickerState, at: number, error: KiteError | undefined, retryInMs?: number): void {
    const { channelId } = this;
    const wasOpen = this.#counters.state === 'open';
    if (state !== 'failed') this.revive();
    const gap = this.#outages.entered(state, at, this.#arrivalOf(at), error);
    if (state === 'open') this.#ownGap = gap;
    if (state === 'closed') this.handover.clear();
    this.#counters.entered(state);
    if (error) this.#counters.errors++;
    if (wasOpen) publish('close', () => ({ channelId, reason: error?.message ?? state }));
    if (state === 'open') publish('open', () => ({ channelId }));
    this.#deliver({
      channelId,
      receivedAt: at,
      type: 'state',
      state,
      ...(error && { error }),
      ...(retryInMs !== undefined && { retryInMs }),
    });
    if (!gap) return;
    this.#counters.reconnects++;
    publish('reconnect', () => ({ channelId, ...gap }));
    this.missed(gap, at);
  }

  status(): void {
    // Placement and health ask for it; readers get states.
  }

  /** Data was lost on its way here, before the next frame. Counted as received and dropped, once for all consumers. */
  dropped(dropped: Dropped, at: number): void {
    const { channelId } = this;
    const counters = this.#counters;
    const { frames, ticks, steadySince = at } = dropped;
    if (frames > 0) this.#outages.steady(steadySince, at, this.#arrivalOf(at));
    counters.messages += frames;
    counters.ticks += ticks;
    counters.dropped += ticks;
    this.#lostFrames += frames;
    for (const consumer of this.#consumers.frames) consumer.droppedBefore(dropped, this.source, at);
    if (ticks === 0) return;
    publish('lag', () => ({ channelId, dropped: ticks }));
    this.#deliver({ channelId, receivedAt: at, type: 'lagged', dropped: ticks });
  }

  /** Reports what went wrong without ending anything. */
  issue(issue: FrameIssue | KiteError): void {
    this.#counters.errors++;
    this.#deliver({ ...this.#now(), type: 'issue', issue });
  }

  /** A listener of this event has failed: reports it, and remembers it for health. */
  listenerFailed(cause: unknown, type: string): void {
    this.#listenerFailures.set(type, this.#clock.monotonic());
    // A failing listener of issues would be told of its own failure, without end.
    if (type === 'issue') this.#counters.errors++;
    else {
      const error = listenerFailed(cause, type);
      this.issue(error);
      if (!this.isHeard('issue')) this.#options.onUnheardFailure?.(error);
    }
  }

  /** Reports a gap before the next frame. */
  missed(gap: Gap, receivedAt = this.#clock.now()): void {
    this.#gap = joinGaps(this.#gap, gap);
    this.#deliver({ channelId: this.channelId, receivedAt, type: 'gap', ...gap });
    for (const consumer of this.#consumers.frames) consumer.gap(gap, this.source);
  }

  #endIfFinal(consumer: MessageConsumer | FrameConsumer): void {
    if (this.#groups.get(consumer)?.every(({ isFinal }) => isFinal)) consumer.end(this.#failure);
  }

  /** What has moved: forgets what is no longer under way, and reports the gaps that end with this frame. */
  #handOver(bytes: Uint8Array, receivedAt: number): void {
    const { since } = this.#outages.flowed!;
    // After a long silence, what comes may have been sent before it.
    if (!this.#outages.mayHaveWaited) this.handover.expire(since);
    for (const gap of this.handover.gapsBefore(bytes, receivedAt, since)) this.missed(gap, receivedAt);
  }

  /** By the monotonic clock; undefined: the wall clock was set back since, and nothing tells how long ago that was. */
  #arrivalOf(at: number): number | undefined {
    return at > this.#clock.now() + 1 ? undefined : arrivalOf(at, this.#clock);
  }

  #delivered(latencyMs: number): void {
    this.#counters.sampled(latencyMs);
    this.#options.onLatency?.(latencyMs);
  }

  #deliverFrame(bytes: Uint8Array, receivedAt: number): void {
    const { channelId } = this;
    if (!this.#onFrame.isEmpty) {
      const frame: RawFrame = { bytes, channelId, receivedAt, dropped: this.#lostFrames };
      if (this.#gap) frame.gap = this.#gap;
      this.#onFrame.emit(frame);
    }
    this.#lostFrames = 0;
    this.#gap = undefined;
    for (const consumer of this.#consumers.frames) consumer.frame(bytes, this.source, receivedAt);
  }

  /** Decodes the frame once in each form that is wanted. */
  #deliverTicks(bytes: Uint8Array, receivedAt: number): void {
    const counters = this.#counters;
    const wantsPlain = !this.#onTicks.isEmpty || this.#consumers.want('plain');
    const wantsLazy = this.#consumers.want('lazy');
    if (!wantsPlain && !wantsLazy) {
      counters.ticks += announcedPackets(bytes);
      return;
    }
    const plain = wantsPlain ? this.#decoding.plain(bytes, receivedAt) : undefined;
    const lazy = wantsLazy ? this.#decoding.lazy(bytes, receivedAt, plain?.ticks.length) : undefined;
    counters.parsed++;
    counters.ticks += plain ? plain.ticks.length : lazy!.count;
    if (this.handover.isActive) this.#handOnKept(plain, lazy);
    else this.#handOn(plain, lazy);
  }

  /** Delivers without the ticks of gone instruments. */
  #handOnKept(plain: TicksMessage | undefined, lazy: LazyTicks | undefined): void {
    const handover = this.handover;
    if (plain) {
      const { ticks } = plain;
      plain.ticks = handover.kept(ticks);
      if (plain.ticks.length < ticks.length) {
        const gone = ticks.filter(({ instrumentToken }) => !handover.keeps(instrumentToken));
        this.#options.onStragglers?.({ ...plain, ticks: gone });
      }
    }
    this.#handOn(
      plain,
      lazy?.only((token) => handover.keeps(token)),
    );
  }

  #handOn(plain: TicksMessage | undefined, lazy: LazyTicks | undefined): void {
    if ((plain ? plain.ticks.length : lazy!.count) === 0) return;
    if (plain) this.#onTicks.emit(plain);
    for (const consumer of this.#consumers.messages) {
      // A listener may just have changed which forms are wanted.
      const message = consumer.form === 'lazy' ? (lazy ?? plain) : (plain ?? lazy);
      consumer.message(message!, this.source);
    }
  }

  #deliver(message: TickerMessage): void {
    this.#listeners.emit(message.type, message);
    for (const consumer of this.#consumers.messages) consumer.message(message, this.source);
  }

  /** Reports an unknown segment once, not for each of its ticks: a day of them would drown everything else. */
  #frameIssue(issue: FrameIssue): void {
    if (issue.kind === 'unknown-segment') {
      if (this.#unknownSegments.has(issue.segment)) return;
      this.#unknownSegments.add(issue.segment);
    }
    this.issue(issue);
  }

  #now(): { channelId: ChannelId; receivedAt: number } {
    return { channelId: this.channelId, receivedAt: this.#clock.now() };
  }
}

/** The number of packets that the frame announces; a heartbeat has none. */
function announcedPackets(frame: Uint8Array): number {
  return frame.length < 2 ? 0 : (frame[0]! << 8) | frame[1]!;
}
