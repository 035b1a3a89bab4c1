import type { KiteError } from './error.js';
import type { FrameIssue } from './frame-issue.js';
import type { OrderUpdate } from './order.js';
import type { Tick } from './tick.js';

/** The number of a connection of one account, from 0. */
export type ChannelId = 0 | 1 | 2;

/** Where a connection is in its life. */
export type TickerState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closing' | 'closed' | 'failed';

/** What every item of a feed has. */
export interface Received {
  /** The connection that it came over. */
  channelId: ChannelId;
  /** The account that it came from, where there are several. */
  apiKeyId?: string;
  /** Unix milliseconds: when the frame reached the socket. */
  receivedAt: number;
}

/** A stretch of time in which nothing was received. */
export interface Gap {
  /** The last sign of data before it, Unix milliseconds. */
  from: number;
  /** When the connection was open again, or the instruments came to this one; Unix milliseconds. */
  to: number;
  /** For people: why the connection was lost. */
  reason: string;
  /** The instruments that it concerns, after a failover. Absent after a reconnect: all that the connection holds. */
  instrumentTokens?: readonly number[];
}

/** Everything that a connection has to say, in order, told apart by `type`. */
export type TickerMessage = Received &
  (
    | {
        type: 'ticks';
        /** The decoded packets of one frame. All consumers have the same array: do not change it. */
        ticks: Tick[];
      }
    | { type: 'order'; order: OrderUpdate }
    | {
        type: 'error';
        /** The server refused a request; the stream goes on. */
        message: string;
      }
    | {
        type: 'message';
        /** A broadcast from the broker. */
        data: unknown;
      }
    | {
        type: 'state';
        state: TickerState;
        /** Why, in `waiting` and `failed`. */
        error?: KiteError;
        /** In `waiting`: how long until the next attempt, in milliseconds from `receivedAt`. Absent if unknown, as on a bus. */
        retryInMs?: number;
      }
    | {
        type: 'instruments-meta';
        /** Instruments in the server's list. */
        count: number;
        /** The version of that list: another one is news. */
        etag: string;
      }
    /** After every reconnect and every failover, before the first new tick. */
    | ({ type: 'gap' } & Gap)
    | {
        type: 'lagged';
        /**
         * Ticks that this consumer lost since the item before, by its channel's overflow policy or on the way here; other
         * items count as one each. Losses on the way here are those of the whole connection.
         */
        dropped: number;
      }
    | {
        type: 'issue';
        /** A malformed packet, or a contained error. */
        issue: FrameIssue | KiteError;
      }
    | {
        type: 'unknown';
        /** A text message of a kind that is not known, or that concerns nobody. */
        data: unknown;
      }
  );

/** A binary message as it came from the socket, undecoded; heartbeats (one byte) included. */
export interface RawFrame extends Received {
  /**
   * A view into a larger chunk of the socket, which it keeps alive and cannot be transferred. `bytes.slice()` is a copy, to
   * keep for long or to send to another thread.
   */
  bytes: Uint8Array;
  /** Frames that this consumer lost before this one. */
  dropped: number;
  /** Nothing was received in this time, before this frame; of {@link Gap.instrumentTokens} alone, where it names some. */
  gap?: Gap;
}

/** The ticks of one frame; with the policy `conflate`, the newest tick of each instrument. */
export interface TickBatch extends Received {
  /** One for each packet, but for instruments that the channel leaves out. Other consumers may have the same array: do not change it. */
  ticks: Tick[];
  /** Ticks that this consumer lost, or that newer ones replaced, before these; of the whole connection what was lost on the way here. */
  dropped: number;
  /** Nothing was received in this time, before these ticks; of {@link Gap.instrumentTokens} alone, where it names some. */
  gap?: Gap;
}

/** What can be listened to on a feed: each kind of message, and the undecoded `frame`. */
export type EventName = TickerMessage['type'] | 'frame';

/** What a listener of this event is called with. */
export type EventOf<Type extends EventName> = Type extends 'frame'
  ? RawFrame
  : Extract<TickerMessage, { type: Type }>;
