import type { EventOf, Gap, Received } from '@kite/protocol';
import type { TickRaw } from '@kite/raw';

/** Data that was received and then lost on its way here, because newer data of the same instruments replaced it. */
export interface Lag {
  /** Packets. */
  ticks: number;
  /** Those among them that were full packets with depth. */
  fullTicks: number;
  /** Binary messages, heartbeats included, that are not handed on. */
  frames: number;
}

/** The decoded packets of one frame. */
export type TicksMessage = EventOf<'ticks'>;

/** What a consumer lost. */
export type LaggedMessage = EventOf<'lagged'>;

/** A view of one full packet, over the socket's bytes: `copy()` what is to be kept for long. */
export type RawTick = TickRaw &
  Received & {
    /** Full packets that this consumer lost before this one. */
    dropped: number;
    /** Nothing was received in this time, before this packet; of {@link Gap.instrumentTokens} alone, where it names some. */
    gap?: Gap;
  };
