import type { ChainRow } from '@kite/instruments';
import type { FullTick, Tick } from '@kite/manager';

import { count, NOTHING, price } from '../kit/format.js';

/** The data of a chain. */
export interface ChainPicture {
  readonly title: string;
  /** The newest tick of the underlying. */
  readonly spot: Tick;
  readonly rows: readonly ChainRow[];
  /** The newest full tick of an option; undefined before its first. */
  readonly tickOf: (token: number | undefined) => FullTick | undefined;
}

const WIDTH = { oi: 12, price: 9, strike: 10 } as const;

/** The chain as lines: calls on the left, puts on the right, the strike nearest to the price marked. */
export function chainTable({ title, spot, rows, tickOf }: ChainPicture): string[] {
  const nearest = rows.reduce<ChainRow | undefined>(
    (best, row) => (best && distance(best, spot) <= distance(row, spot) ? best : row),
    undefined,
  );
  return [
    `${title}: spot ${price(spot.lastPrice, spot.instrumentToken)}`,
    [
      ...cells(['call OI', 'bid', 'ask', 'last']),
      'strike'.padStart(WIDTH.strike),
      ...cells(['last', 'bid', 'ask', 'put OI'], true),
    ].join(' '),
    ...rows.map((row) => {
      const call = sideOf(tickOf(row.ce?.instrumentToken));
      const put = sideOf(tickOf(row.pe?.instrumentToken));
      const strike = `${row === nearest ? '▸' : ''}${row.strike}`.padStart(WIDTH.strike);
      return [
        ...cells([call.oi, call.bid, call.ask, call.last]),
        strike,
        ...cells([put.last, put.bid, put.ask, put.oi], true),
      ].join(' ');
    }),
  ];
}

function distance({ strike }: ChainRow, { lastPrice }: Tick): number {
  return Math.abs(strike - lastPrice);
}

/** Four cells. Open interest is the widest: the first cell of a call, the last of a put. */
function cells(texts: readonly string[], isPut = false): string[] {
  const wide = isPut ? 3 : 0;
  return texts.map((text, index) => text.padStart(index === wide ? WIDTH.oi : WIDTH.price));
}

function sideOf(tick: FullTick | undefined): { oi: string; bid: string; ask: string; last: string } {
  if (!tick) return { oi: NOTHING, bid: NOTHING, ask: NOTHING, last: NOTHING };
  const [bid, ask] = [tick.depth.buy[0], tick.depth.sell[0]];
  // A level without a quantity is empty: at a circuit limit one side is.
  return {
    oi: count(tick.oi),
    bid: bid.quantity > 0 ? price(bid.price, tick.instrumentToken) : NOTHING,
    ask: ask.quantity > 0 ? price(ask.price, tick.instrumentToken) : NOTHING,
    last: price(tick.lastPrice, tick.instrumentToken),
  };
}
