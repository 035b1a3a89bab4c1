import type { KiteError } from './error.js';
import type { FrameIssue } from './frame-issue.js';
import type { OrderUpdate } from './order.js';
import type { Tick } from './tick.js';

/** The number of a connection of one account, from 0. */
export type ChannelId = 0 | 1 | 2;

/** The state of a connection. */
export type TickerState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closing' | 'closed' | 'failed';

/** The fields of every item of a feed. */
export interface Received {
  /** The connection it came over. */
  channelId: ChannelId;
  /** The account it came from, if there are several. */
  apiKeyId?: string;
  /** Unix milliseconds: when the frame reached the socket. */
  receivedAt: number;
}

/**
 * A time in which nothing was received. Both its ends belong to it: times are whole milliseconds, and what is missing may
 * have come in the same one as the last tick before the gap, or as the first tick after it.
 */
export interface Gap {
  /** The last sign of data before it, Unix milliseconds. */
  from: number;
  /** When the connection was open again, or the instruments came to this one; Unix milliseconds. */
  to: number;
  /** For people: why the connection was lost. */
  reason: string;
  /** After a failover, the instruments concerned. Absent after a reconnect: all instruments of the connection. */
  instrumentTokens?: readonly number[];
}

/** Everything a connection reports, in order, distinguished by `type`. */
export type TickerMessage = Received &
  (
    | {
        type: 'ticks';
        /** The decoded packets of one frame. All consumers share the array: do not change it. */
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
        /** The reason, in `waiting` and `failed`. */
        error?: KiteError;
        /** In `waiting`: how long until the next attempt, in milliseconds from `receivedAt`. Absent if unknown, as on a bus. */
        retryInMs?: number;
      }
    | {
        type: 'instruments-meta';
        /** Instruments in the server's list. */
        count: number;
        /** The version of that list; it changes with the list. */
        etag: string;
      }
    /** After every reconnect and every failover, before the first new tick. */
    | ({ type: 'gap' } & Gap)
    | {
        type: 'lagged';
        /**
         * Ticks this consumer lost since the previous item, by its channel's overflow policy or on the way here; other
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
        /** A text message of an unknown or irrelevant kind. */
        data: unknown;
      }
  );

/** A binary message as it came from the socket, undecoded; heartbeats (one byte) included. */
export interface RawFrame extends Received {
  /**
   * A view into a larger chunk of the socket: it keeps the chunk alive and cannot be transferred. Use `bytes.slice()`
   * to keep it for long or to send it to another thread.
   */
  bytes: Uint8Array;
  /** Frames this consumer lost before this one. */
  dropped: number;
  /** Nothing was received in this time, before this frame; only of {@link Gap.instrumentTokens}, if there are any. */
  gap?: Gap;
}

/** The ticks of one frame; with the policy `conflate`, the newest tick of each instrument. */
export interface TickBatch extends Received {
  /** One per packet, except instruments the channel leaves out. Consumers may share the array: do not change it. */
  ticks: Tick[];
  /** Ticks this consumer lost, or newer ones replaced, before these. Losses on the way are the whole connection's. */
  dropped: number;
  /**
   * Nothing was received in this time, before these ticks: of {@link Gap.instrumentTokens}, over whichever connection;
   * if there are none, of this whole connection.
   */
  gap?: Gap;
}

/** The events of a feed: each kind of message, and the undecoded `frame`. */
export type EventName = TickerMessage['type'] | 'frame';

/** The argument of this event's listeners. */
export type EventOf<Type extends EventName> = Type extends 'frame'
  ? RawFrame
  : Extract<TickerMessage, { type: Type }>;
