import type { FrameIssue, KiteError, OrderUpdate, Tick } from '@kite/protocol';
import type { TickRaw } from '@kite/raw';

import type { ChannelId } from './channel-id.js';
import type { Gap } from './gap.js';
import type { TickerState } from '../socket/machine.js';

/** Data that was received and then lost on its way here, because newer data of the same instruments replaced it. */
export interface Lag {
  /** Packets. */
  ticks: number;
  /** Those among them that were full packets with depth. */
  fullTicks: number;
  /** Binary messages, heartbeats included, that are not handed on. */
  frames: number;
}

interface Received {
  /** The connection that it came over. */
  channelId: ChannelId;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** The decoded packets of one frame. All consumers have the same array: do not change it. */
export type TicksMessage = Received & { type: 'ticks'; ticks: Tick[] };

/** Ticks that were lost; other items count as one each. Losses on the way here are those of the whole connection. */
export type LaggedMessage = Received & { type: 'lagged'; dropped: number };

/** Everything that a connection has to say, in order, told apart by `type`. */
export type TickerMessage =
  | TicksMessage
  /** So many ticks were lost to this consumer since the item before: by its channel's overflow policy, or on the way here. */
  | LaggedMessage
  | (Received &
      (
        | { type: 'order'; order: OrderUpdate }
        /** The server refused a request; the stream goes on. */
        | { type: 'error'; message: string }
        /** A broadcast from the broker. */
        | { type: 'message'; data: unknown }
        /** The connection's life; `error` says why, in `waiting` and `failed`. */
        | { type: 'state'; state: TickerState; error?: KiteError }
        /** After every reconnect and every failover, before the first new tick. */
        | ({ type: 'gap' } & Gap)
        /** A malformed packet, or a contained error. */
        | { type: 'issue'; issue: FrameIssue | KiteError }
        /** A text message of a kind that is not known, or that concerns nobody. */
        | { type: 'unknown'; data: unknown }
      ));

/** A binary message as it came from the socket, undecoded; heartbeats (one byte) included. */
export interface RawFrame extends Received {
  /**
   * A view into a larger chunk of the socket, which it keeps alive and cannot be transferred: `bytes.slice()` is a copy, to be
   * kept for long or sent to another thread.
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

/** A view of one full packet, over the socket's bytes: `copy()` what is to be kept for long. */
export type RawTick = TickRaw &
  Received & {
    /** Full packets that this consumer lost before this one. */
    dropped: number;
    /** Nothing was received in this time, before this packet; of {@link Gap.instrumentTokens} alone, where it names some. */
    gap?: Gap;
  };
