import type { Gap, KiteError, TickerMessage } from '@kite/protocol';

import type { Dropped } from '../socket/source.js';
import type { ChannelId } from './channel-id.js';

/** Where an item comes from: one connection. Compared by identity: connections of several accounts share numbers. */
export interface SourceTag {
  /** The number of the connection. */
  readonly channelId: ChannelId;
  /** The account, where there are several. */
  readonly apiKeyId?: string;
}

/** Shared by consumers of messages and of frames. */
interface Consumer {
  /** What kind of channel it is, in words. */
  readonly kind?: string;
  /** How many items of this source wait to be read. */
  waitingOf?(source: SourceTag): number;
  /** When it became full and unread, by the monotonic clock; undefined while it is not. */
  readonly stuckSince?: number | undefined;
  /** The feed has ended; `error` says why nothing more can come. */
  end(error?: KiteError): void;
  /** How to end what it serves now, and nothing that comes later. Absent: {@link Consumer.end} does that. */
  ending?(): (error?: KiteError) => void;
}

/** Takes messages from one feed or several. Never throws. */
export interface MessageConsumer extends Consumer {
  /** False if it needs no decoded ticks. */
  readonly takesTicks: boolean;
  /** How it takes ticks: as plain objects unless it says `lazy`. */
  readonly form?: 'plain' | 'lazy';
  /** The next message; without ticks where `takesTicks` is false. */
  message(message: TickerMessage, source: SourceTag): void;
}

/** Takes undecoded frames from one feed or several. Never throws. */
export interface FrameConsumer extends Consumer {
  /** The next frame, a heartbeat of one byte included; `receivedAt` in Unix milliseconds. */
  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void;
  /** Nothing was received in this time, before the next frame. */
  gap(gap: Gap, source: SourceTag): void;
  /** Frames were dropped on the way here, before the next one. */
  droppedBefore(dropped: Dropped, source: SourceTag, at: number): void;
}
