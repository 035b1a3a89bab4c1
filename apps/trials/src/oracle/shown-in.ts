import { decodeFrame, encodeFrame, encodePacket, type Mode, PACKETS, type Tick } from '@kite/protocol';

const RANK: Readonly<Record<Mode, number>> = { ltp: 0, quote: 1, full: 2 };

/** The tick that its packet gives when cut to this mode's length; undefined if the packet is shorter. */
export function shownIn(tick: Tick, mode: Mode): Tick | undefined {
  if (RANK[tick.mode] < RANK[mode]) return undefined;
  if (tick.mode === mode) return tick;
  const isIndex = tick.mode !== 'ltp' && !tick.tradable;
  const { length } = mode === 'ltp' ? PACKETS.ltp : isIndex ? PACKETS.indexQuote : PACKETS.quote;
  return decodeFrame(encodeFrame([encodePacket(tick).slice(0, length)]))[0];
}
