import { type Mode, PACKETS, type Tick } from '@kite/protocol';

const RANK: Readonly<Record<Mode, number>> = { ltp: 0, quote: 1, full: 2 };

/** Packet lengths by mode, in bytes, of traded instruments and indices. A shorter one is the head of a longer one. */
const LENGTHS: Readonly<Record<Mode, { readonly traded: number; readonly index: number }>> = {
  ltp: { traded: PACKETS.ltp.length, index: PACKETS.ltp.length },
  quote: { traded: PACKETS.quote.length, index: PACKETS.indexQuote.length },
  full: { traded: PACKETS.full.length, index: PACKETS.indexFull.length },
};

/** Whether a tick of this mode shows more than the other mode does. */
export function showsMore(mode: Mode, than: Mode): boolean {
  return RANK[mode] > RANK[than];
}

/** The tick as a subscription in this mode shows it; undefined if the tick shows less. */
export function inMode(tick: Tick, mode: Mode): Tick | undefined {
  if (tick.mode === mode) return tick;
  if (!showsMore(tick.mode, mode)) return undefined;
  return mode === 'ltp' ? asLtp(tick) : asQuote(tick);
}

/** How many leading bytes of a packet of this length the mode shows; undefined if the packet shows less. */
export function headLength(length: number, mode: Mode): number | undefined {
  const isIndex = length === LENGTHS.quote.index || length === LENGTHS.full.index;
  const wanted = LENGTHS[mode][isIndex ? 'index' : 'traded'];
  return wanted <= length ? wanted : undefined;
}

function asLtp({ instrumentToken, segment, tradable, lastPrice }: Tick): Tick {
  return { mode: 'ltp', instrumentToken, segment, tradable, lastPrice };
}

/** Copies field by field, in the order of decoding, so that all quotes are objects of one shape. */
function asQuote(tick: Tick): Tick {
  if (tick.mode === 'ltp') return tick;
  const { instrumentToken, segment, lastPrice, ohlc } = tick;
  if (!tick.tradable) {
    const { netChange, changePercent } = tick;
    return {
      ...{ mode: 'quote', instrumentToken, segment, tradable: false, lastPrice },
      ...{ ohlc, netChange, changePercent },
    };
  }
  return {
    mode: 'quote',
    instrumentToken,
    segment,
    tradable: true,
    lastPrice,
    lastTradedQuantity: tick.lastTradedQuantity,
    averageTradedPrice: tick.averageTradedPrice,
    volumeTraded: tick.volumeTraded,
    totalBuyQuantity: tick.totalBuyQuantity,
    totalSellQuantity: tick.totalSellQuantity,
    ohlc,
    netChange: tick.netChange,
    changePercent: tick.changePercent,
  };
}
