import type { Bar } from '@kite/bars';

import { count, price } from '../live-market/format.js';

const WIDTH = 32;
const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', timeStyle: 'medium' });

/** Candles as lines of text, drawn on the prices that the instrument has had so far. */
export class CandleLines {
  readonly #names: ReadonlyMap<number, string>;
  readonly #ranges = new Map<number, { low: number; high: number }>();

  constructor(names: ReadonlyMap<number, string>) {
    this.#names = names;
  }

  of(bar: Bar): string {
    const { instrumentToken: token } = bar;
    const money = (value: number) => price(value, token).padStart(10);
    return [
      time.format(bar.start),
      (this.#names.get(token) ?? String(token)).padEnd(10),
      this.#drawn(bar),
      ...[bar.open, bar.high, bar.low, bar.close].map(money),
      count(bar.volume).padStart(8),
      remarks(bar),
    ]
      .join(' ')
      .trimEnd();
  }

  /** From left to right: low to high as a line, open to close as a block, light where the price fell. */
  #drawn({ instrumentToken, open, high, low, close }: Bar): string {
    const range = this.#ranges.get(instrumentToken) ?? { low, high };
    range.low = Math.min(range.low, low);
    range.high = Math.max(range.high, high);
    this.#ranges.set(instrumentToken, range);

    const span = range.high - range.low || 1;
    const column = (value: number) => Math.round(((value - range.low) / span) * (WIDTH - 1));
    const [from, to] = [column(Math.min(open, close)), column(Math.max(open, close))];
    const body = close < open ? '░' : '█';
    return Array.from({ length: WIDTH }, (_, at) => {
      if (at >= from && at <= to) return body;
      return at >= column(low) && at <= column(high) ? '─' : ' ';
    }).join('');
  }
}

function remarks({ state, partial, gap, revision, source }: Bar): string {
  return [
    state === 'forming' && 'goes on',
    partial && 'partial',
    gap && 'gap',
    revision > 0 && `revision ${revision}`,
    source !== 'exchange' && source,
  ]
    .filter((remark) => remark !== false)
    .join(', ');
}
