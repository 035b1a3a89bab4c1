import type { Bar } from '@kite/bars';

import { count, price } from '../kit/format.js';

/** The size of the drawing. */
const WIDTH = 32;
const TIME_WIDTH = 8;
/** The longest usual remark. */
const REMARK_WIDTH = 8;
const PRICE_WIDTH = 9;
const VOLUME_WIDTH = 10;
const time = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', timeStyle: 'medium' });

/** Candles as lines of text, scaled to the instrument's prices so far. */
export class CandleLines {
  /** Names the columns. */
  readonly head: string;
  readonly #names: ReadonlyMap<number, string>;
  readonly #width: number;
  readonly #isDrawn: boolean;
  readonly #ranges = new Map<number, { low: number; high: number }>();

  /** @param width of the terminal; a narrow one shows no drawing */
  constructor(names: ReadonlyMap<number, string>, width = Infinity) {
    this.#names = names;
    this.#width = Math.max(...[...names.values()].map(({ length }) => length), 'instrument'.length);
    const figures = 4 * (PRICE_WIDTH + 1) + VOLUME_WIDTH + 1 + REMARK_WIDTH + 1;
    this.#isDrawn = TIME_WIDTH + 1 + this.#width + 1 + WIDTH + figures <= width;
    const columns = ['open', 'high', 'low', 'close'].map((name) => name.padStart(PRICE_WIDTH));
    this.head = [
      '# time  ',
      'instrument'.padEnd(this.#width),
      ...(this.#isDrawn ? ['low'.padEnd(WIDTH - 4) + 'high'] : []),
      ...columns,
      'volume'.padStart(VOLUME_WIDTH),
    ].join(' ');
  }

  of(bar: Bar): string {
    const { instrumentToken: token } = bar;
    const money = (value: number) => price(value, token).padStart(PRICE_WIDTH);
    return [
      time.format(bar.start),
      (this.#names.get(token) ?? String(token)).padEnd(this.#width),
      ...(this.#isDrawn ? [this.#drawn(bar)] : []),
      ...[bar.open, bar.high, bar.low, bar.close].map(money),
      count(bar.volume).padStart(VOLUME_WIDTH),
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
    state === 'forming' && 'not closed yet',
    partial && 'partial',
    gap && 'gap',
    revision > 0 && `revision ${revision}`,
    source !== 'exchange' && source,
  ]
    .filter((remark) => remark !== false)
    .join(', ');
}
