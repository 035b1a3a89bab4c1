import type { Clock, TickerState } from '@kite/protocol';

import type { ChannelId } from './channel-id.js';
import { RateMeter } from './rate-meter.js';

/** What one connection has done since it was made. Plain and JSON-safe. */
export interface ConnectionStats {
  /** 0 for a single ticker. */
  connectionId: ChannelId;
  /** Where the connection is in its life. */
  state: TickerState;
  /** Whether the state is `open`. */
  isConnected: boolean;
  /** Instruments subscribed. */
  symbolCount: number;
  /** WebSocket messages, binary and text, heartbeats included. */
  messagesReceived: number;
  /** Messages that were decoded or parsed for a reader. */
  messagesParsed: number;
  /** Packets received: decoded ones or, if nothing is decoded, as announced by the frames. */
  ticksReceived: number;
  /** Payload of all messages, in bytes. */
  bytesReceived: number;
  /** Malformed packets, `error` texts of the server, lost connections and contained errors. */
  errorsCount: number;
  /** How often the connection opened again after a loss. */
  reconnects: number;
  /** Ticks (in raw channels: frames or packets) lost by slow consumers, all channels together, or on the way here. */
  droppedTicks: number;
  /** Unix milliseconds; null before the first message. */
  lastMessageAt: number | null;
  /** Milliseconds since the last message; null before the first. */
  lastFrameAgeMs: number | null;
  /** Over the last five seconds, or since the first message. */
  messagesPerSecond: number;
  /**
   * Mean time from a frame's arrival to the end of its delivery, in milliseconds; of one frame a millisecond at most;
   * null before the first.
   */
  averageLatencyMs: number | null;
  /** Milliseconds since the connection opened; null while it is not open. */
  connectionUptimeMs: number | null;
}

/** Keeps count for one connection. */
export class FeedCounters {
  readonly #clock: Clock;
  readonly #rate = new RateMeter();
  state: TickerState = 'idle';
  messages = 0;
  parsed = 0;
  ticks = 0;
  errors = 0;
  reconnects = 0;
  dropped = 0;
  /** In Unix milliseconds; null before the first. */
  lastMessageAt: number | null = null;
  #bytes = 0;
  /** When the last message arrived, on the monotonic clock. */
  #arrivedAt = 0;
  #sampledAt = 0;
  #openedAt: number | null = null;
  #latencyTotalMs = 0;
  #latencySamples = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param arrivedAt on the monotonic clock; undefined: in the same millisecond as the message before */
  received(bytes: number, receivedAt: number, arrivedAt: number | undefined): void {
    this.messages++;
    this.#bytes += bytes;
    this.lastMessageAt = receivedAt;
    if (arrivedAt !== undefined) this.#arrivedAt = arrivedAt;
    this.#rate.count(this.#arrivedAt);
  }

  entered(state: TickerState): void {
    this.state = state;
    this.#openedAt = state === 'open' ? this.#clock.monotonic() : null;
  }

  snapshot(connectionId: ChannelId, symbolCount: number): ConnectionStats {
    const now = this.#clock.monotonic();
    return {
      connectionId,
      state: this.state,
      isConnected: this.state === 'open',
      symbolCount,
      messagesReceived: this.messages,
      messagesParsed: this.parsed,
      ticksReceived: this.ticks,
      bytesReceived: this.#bytes,
      errorsCount: this.errors,
      reconnects: this.reconnects,
      droppedTicks: this.dropped,
      lastMessageAt: this.lastMessageAt,
      lastFrameAgeMs: this.lastMessageAt === null ? null : Math.max(0, Math.round(now - this.#arrivedAt)),
      messagesPerSecond: this.#rate.perSecond(now),
      averageLatencyMs: this.#latencySamples === 0 ? null : this.#latencyTotalMs / this.#latencySamples,
      connectionUptimeMs: this.#openedAt === null ? null : now - this.#openedAt,
    };
  }

  /** Whether to time this frame: one a millisecond at most, since reading the clock is not free. */
  isSample(receivedAt: number): boolean {
    if (receivedAt === this.#sampledAt) return false;
    this.#sampledAt = receivedAt;
    return true;
  }

  sampled(latencyMs: number): void {
    this.#latencyTotalMs += latencyMs;
    this.#latencySamples++;
  }
}
