import type { EventOf, Gap, Received } from '@kite/protocol';
import type { TickRaw } from '@kite/raw';

/** The decoded packets of one frame. */
export type TicksMessage = EventOf<'ticks'>;

/** A view of one full packet, over the socket's bytes: `copy()` what you keep for long. */
export type RawTick = TickRaw &
  Received & {
    /** Full packets that this consumer lost before this one. */
    dropped: number;
    /** Nothing was received in this gap, before this packet; only of {@link Gap.instrumentTokens}, if it names some. */
    gap?: Gap;
  };
