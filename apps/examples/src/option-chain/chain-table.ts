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

type Field = 'oi' | 'bid' | 'ask' | 'last';

const WIDTH = { oi: 12, bid: 9, ask: 9, last: 9 } as const;
const STRIKE_WIDTH = 10;
const HEADS = { bid: 'bid', ask: 'ask', last: 'last' } as const;

/** The fields of a call from the margin to the strike: the first of these that fit are shown. */
const FIELDS: readonly (readonly Field[])[] = [['oi', 'bid', 'ask', 'last'], ['oi', 'last'], ['last']];

/** The chain as lines: calls on the left, puts on the right, the strike nearest to the price marked. */
export function chainTable({ title, spot, rows, tickOf }: ChainPicture, columns = Infinity): string[] {
  const fields = FIELDS.find((some) => widthOf(some) <= columns) ?? FIELDS.at(-1)!;
  const nearest = rows.reduce<ChainRow | undefined>(
    (best, row) => (best && distance(best, spot) <= distance(row, spot) ? best : row),
    undefined,
  );
  const line = (call: Side, strike: string, put: Side): string =>
    [...cells(call, fields), strike.padStart(STRIKE_WIDTH), ...cells(put, mirrored(fields))].join(' ');
  return [
    `${title}: spot ${price(spot.lastPrice, spot.instrumentToken)}`,
    line({ ...HEADS, oi: 'call OI' }, 'strike', { ...HEADS, oi: 'put OI' }),
    ...rows.map((row) =>
      line(
        sideOf(tickOf(row.ce?.instrumentToken)),
        `${row === nearest ? '▸' : ''}${row.strike}`,
        sideOf(tickOf(row.pe?.instrumentToken)),
      ),
    ),
  ];
}

type Side = Readonly<Record<Field, string>>;

function widthOf(fields: readonly Field[]): number {
  return STRIKE_WIDTH + 2 * fields.reduce((sum, field) => sum + WIDTH[field] + 1, 0);
}

/** Puts have the same fields from the strike to the margin; the bid stays before the ask. */
function mirrored(fields: readonly Field[]): Field[] {
  return fields.length < 3 ? [...fields].reverse() : ['last', 'bid', 'ask', 'oi'];
}

function distance({ strike }: ChainRow, { lastPrice }: Tick): number {
  return Math.abs(strike - lastPrice);
}

function cells(side: Side, fields: readonly Field[]): string[] {
  return fields.map((field) => side[field].padStart(WIDTH[field]));
}

function sideOf(tick: FullTick | undefined): Side {
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
