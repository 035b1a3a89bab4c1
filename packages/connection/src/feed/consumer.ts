import type { Gap, TickerMessage } from '@kite/protocol';

import type { ChannelId } from './channel-id.js';
import type { Lag } from './message.js';

/** Takes messages from one feed or several. Never throws. */
export interface MessageConsumer {
  /** False: ticks need not be decoded for it. */
  readonly takesTicks: boolean;
  /** The next message; without ticks where `takesTicks` is false. */
  message(message: TickerMessage): void;
  /** Items that wait to be read. */
  readonly queueSize?: number;
  /** The feed has ended. */
  end(): void;
}

/** Takes undecoded frames from one feed or several. Never throws. */
export interface FrameConsumer {
  /** The next frame, a heartbeat of one byte included; `receivedAt` in Unix milliseconds. */
  frame(bytes: Uint8Array, channelId: ChannelId, receivedAt: number): void;
  /** Nothing was received in this time, before the next frame. */
  gap(gap: Gap, channelId: ChannelId): void;
  /** Frames were lost before the next one. */
  lagged(lag: Lag, channelId: ChannelId): void;
  /** Items that wait to be read. */
  readonly queueSize?: number;
  /** The feed has ended. */
  end(): void;
}
