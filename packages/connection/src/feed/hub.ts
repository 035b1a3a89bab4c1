import { Listeners } from '@kite/kit';
import {
  type Clock,
  FrameDecoder,
  type FrameIssue,
  type Gap,
  type KiteError,
  parseTextMessage,
  type RawFrame,
  type TextMessage,
  type TickerMessage,
  type TickerState,
} from '@kite/protocol';

import type { ConnectionListener } from '../socket/connection.js';
import type { ChannelId } from './channel-id.js';
import type { FrameConsumer, MessageConsumer } from './consumer.js';
import { publish } from './diagnostics.js';
import { assertListener, type FeedEvents, TICKER_EVENTS } from './events.js';
import { joinGaps } from './gap.js';
import { listenerFailed } from './listener-failed.js';
import type { Lag, TicksMessage } from './message.js';
import { type ConnectionStats, FeedCounters } from './stats.js';

/**
 * How a hub works.
 */
export interface HubOptions {
  /** Which connection its messages name. */
  channelId: ChannelId;
  /** For latencies, and for `receivedAt` of what was not received. */
  clock: Clock;
  /** Whether to deliver an order postback, by its text: false for a copy that came on another connection before. */
  acceptOrder?: (text: string) => boolean;
  /** Told how long a frame took from its arrival to the end of its delivery, in milliseconds: at most one frame a millisecond. */
  onLatency?: (latencyMs: number) => void;
}

/**
 * Where one connection's frames fan out: to listeners, synchronously, and to any number of consumers, each with a buffer
 * of its own. A frame is decoded once, and only if somebody wants ticks.
 */
export class Hub implements ConnectionListener {
  /** The connection whose frames these are. */
  readonly channelId: ChannelId;
  readonly #options: HubOptions;
  readonly #clock: Clock;
  readonly #counters: FeedCounters;
  readonly #decoder = new FrameDecoder({ onIssue: (issue) => this.#frameIssue(issue) });
  readonly #listeners = new Listeners<FeedEvents>((cause, type) => this.#listenerFailed(cause, type));
  readonly #onFrame = this.#listeners.of('frame');
  readonly #onTicks = this.#listeners.of('ticks');
  /** Lists that are replaced, never changed: they are gone through for each frame, and consumers come and go meanwhile. */
  #messageConsumers: readonly MessageConsumer[] = [];
  #frameConsumers: readonly FrameConsumer[] = [];
  readonly #unknownSegments = new Set<number>();
  /** Frames lost since the last one, and the gap before the next one, for listeners. */
  #lostFrames = 0;
  #gap: Gap | undefined;

  constructor(options: HubOptions) {
    this.channelId = options.channelId;
    this.#options = options;
    this.#clock = options.clock;
    this.#counters = new FeedCounters(options.clock);
  }

  /**
   * Calls the listener for each such event, before any channel gets it. Returns how to stop.
   *
   * @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` for an event that there is not
   */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    assertListener('KITE_CONNECTION_INVALID_OPTION', TICKER_EVENTS, type, listener);
    return this.#listeners.on(type, listener);
  }

  /** From now on it gets whatever comes. */
  attach(consumer: MessageConsumer | FrameConsumer): void {
    if ('frame' in consumer) this.#frameConsumers = [...this.#frameConsumers, consumer];
    else this.#messageConsumers = [...this.#messageConsumers, consumer];
  }

  /** It gets nothing more; it is not ended. */
  detach(consumer: MessageConsumer | FrameConsumer): void {
    if ('frame' in consumer) this.#frameConsumers = this.#frameConsumers.filter((one) => one !== consumer);
    else this.#messageConsumers = this.#messageConsumers.filter((one) => one !== consumer);
  }

  /** Ends every consumer. */
  end(): void {
    for (const consumer of [...this.#messageConsumers, ...this.#frameConsumers]) consumer.end();
    this.#lostFrames = 0;
    this.#gap = undefined;
  }

  /** Items that wait in channels, all consumers together. */
  get queueSize(): number {
    let waiting = 0;
    for (const consumer of this.#messageConsumers) waiting += consumer.queueSize ?? 0;
    for (const consumer of this.#frameConsumers) waiting += consumer.queueSize ?? 0;
    return waiting;
  }

  /** The figures so far, with so many instruments subscribed. */
  stats(symbolCount: number): ConnectionStats {
    return this.#counters.snapshot(this.channelId, symbolCount);
  }

  /** When the last message came, in Unix milliseconds; null before the first. */
  get lastMessageAt(): number | null {
    return this.#counters.lastMessageAt;
  }

  /** A consumer has lost so many ticks, or raw items; `isFirst` since it had last kept up. */
  countDropped(weight: number, isFirst: boolean): void {
    this.#counters.dropped += weight;
    if (isFirst) publish('lag', () => ({ channelId: this.channelId, dropped: weight }));
  }

  binary(bytes: Uint8Array, receivedAt: number): void {
    const counters = this.#counters;
    counters.received(bytes.length, receivedAt);
    const arrival = counters.isSample(receivedAt) ? this.#arrival(receivedAt) : undefined;
    this.#deliverFrame(bytes, receivedAt);
    if (this.#wantsTicks()) this.#deliverTicks(bytes, receivedAt);
    else counters.ticks += announcedPackets(bytes);
    if (arrival !== undefined) this.#delivered(this.#clock.monotonic() - arrival);
  }

  /** Parses a text message and delivers it. */
  text(text: string, receivedAt: number): void {
    this.#counters.received(new TextEncoder().encode(text).length, receivedAt);
    this.#counters.parsed++;
    const message = this.#fromText(parseTextMessage(text), receivedAt);
    if (message.type === 'order' && this.#options.acceptOrder?.(text) === false) return;
    this.#deliver(message);
  }

  /** Delivers a new state. */
  state(state: TickerState, error: KiteError | undefined): void {
    const { channelId } = this;
    const wasOpen = this.#counters.state === 'open';
    this.#counters.entered(state);
    if (error) this.#counters.errors++;
    if (wasOpen) publish('close', () => ({ channelId, reason: error?.message ?? state }));
    if (state === 'open') publish('open', () => ({ channelId }));
    this.#deliver({ ...this.#now(), type: 'state', state, ...(error && { error }) });
  }

  gap(gap: Gap): void {
    this.#counters.reconnects++;
    publish('reconnect', () => ({ channelId: this.channelId, ...gap }));
    this.missed(gap);
  }

  /** Before the next frame there is a gap, not of this connection's making. */
  missed(gap: Gap): void {
    this.#gap = joinGaps(this.#gap, gap);
    this.#deliver({ ...this.#now(), type: 'gap', ...gap });
    for (const consumer of this.#frameConsumers) consumer.gap(gap, this.channelId);
  }

  /** Data was lost on its way here, before the next frame. Counted as received and dropped, once for all consumers. */
  lagged(lag: Lag): void {
    const { channelId } = this;
    const counters = this.#counters;
    counters.messages += lag.frames;
    counters.ticks += lag.ticks;
    counters.dropped += lag.ticks;
    this.#lostFrames += lag.frames;
    for (const consumer of this.#frameConsumers) consumer.lagged(lag, channelId);
    if (lag.ticks === 0) return;
    publish('lag', () => ({ channelId, dropped: lag.ticks }));
    this.#deliver({ ...this.#now(), type: 'lagged', dropped: lag.ticks });
  }

  /** Reports what went wrong without ending anything. */
  issue(issue: FrameIssue | KiteError): void {
    this.#counters.errors++;
    this.#deliver({ ...this.#now(), type: 'issue', issue });
  }

  /** When the frame arrived, on the monotonic clock: a frame that came through another thread was under way. */
  #arrival(receivedAt: number): number {
    const underWayMs = this.#clock.now() - receivedAt;
    // Wall clocks tick in whole milliseconds: a difference of one says nothing.
    return this.#clock.monotonic() - (underWayMs > 1 ? underWayMs : 0);
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
    for (const consumer of this.#frameConsumers) consumer.frame(bytes, channelId, receivedAt);
  }

  #deliverTicks(bytes: Uint8Array, receivedAt: number): void {
    const ticks = this.#decoder.decode(bytes);
    this.#counters.parsed++;
    if (ticks.length === 0) return;
    this.#counters.ticks += ticks.length;
    const message: TicksMessage = { type: 'ticks', ticks, channelId: this.channelId, receivedAt };
    this.#onTicks.emit(message);
    for (const consumer of this.#messageConsumers) consumer.message(message);
  }

  #deliver(message: TickerMessage): void {
    this.#listeners.emit(message.type, message);
    for (const consumer of this.#messageConsumers) consumer.message(message);
  }

  #wantsTicks(): boolean {
    if (!this.#onTicks.isEmpty) return true;
    for (const consumer of this.#messageConsumers) if (consumer.takesTicks) return true;
    return false;
  }

  #fromText(message: TextMessage, receivedAt: number): TickerMessage {
    const received = { channelId: this.channelId, receivedAt };
    switch (message.type) {
      case 'error':
        this.#counters.errors++;
        return { ...received, ...message };
      case 'order':
      case 'message':
      case 'unknown':
        return { ...received, ...message };
      case 'instruments-meta':
      case 'app-code':
        return { ...received, type: 'unknown', data: message };
    }
  }

  /** An unknown segment is told once, not for each of its ticks: a day of them would drown everything else. */
  #frameIssue(issue: FrameIssue): void {
    if (issue.kind === 'unknown-segment') {
      if (this.#unknownSegments.has(issue.segment)) return;
      this.#unknownSegments.add(issue.segment);
    }
    this.issue(issue);
  }

  #listenerFailed(cause: unknown, type: keyof FeedEvents): void {
    // A listener of issues that fails would be told of its own failure, without end.
    if (type === 'issue') this.#counters.errors++;
    else this.issue(listenerFailed(cause, type));
  }

  #now(): { channelId: ChannelId; receivedAt: number } {
    return { channelId: this.channelId, receivedAt: this.#clock.now() };
  }
}

/** What the frame says that it holds; a heartbeat holds nothing. */
function announcedPackets(frame: Uint8Array): number {
  return frame.length < 2 ? 0 : (frame[0]! << 8) | frame[1]!;
}
