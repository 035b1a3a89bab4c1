import { directionOf } from './direction.js';
import { byId, element, setClass, setText } from './dom.js';
import * as format from './format.js';
import type { Quote } from './quote.js';

/** A figure of the day; undefined if the instrument has none. */
interface Figure {
  readonly name: string;
  readonly value: (quote: Quote) => string | undefined;
  /** Takes its own line. */
  readonly isWide?: boolean;
}

const FIGURES: readonly Figure[] = [
  { name: 'Open', value: ({ ohlc, instrumentToken }) => ohlc && format.price(ohlc.open, instrumentToken) },
  {
    name: 'Prev. close',
    value: ({ ohlc, instrumentToken }) => ohlc && format.price(ohlc.close, instrumentToken),
  },
  { name: 'High', value: ({ ohlc, instrumentToken }) => ohlc && format.price(ohlc.high, instrumentToken) },
  { name: 'Low', value: ({ ohlc, instrumentToken }) => ohlc && format.price(ohlc.low, instrumentToken) },
  { name: 'Volume', value: ({ full }) => full && format.count(full.volumeTraded) },
  {
    name: 'VWAP',
    value: ({ full, instrumentToken }) => full && format.price(full.averageTradedPrice, instrumentToken),
  },
  { name: 'Last qty', value: ({ full }) => full && format.count(full.lastTradedQuantity) },
  { name: 'Last trade', value: ({ full }) => full && format.clockTime(full.lastTradeTime) },
  { name: 'Open interest', value: ({ full }) => (full && full.oi > 0 ? format.count(full.oi) : undefined) },
  {
    name: 'OI range',
    isWide: true,
    value: ({ full }) =>
      full && full.oi > 0 ? `${format.count(full.oiDayLow)} – ${format.count(full.oiDayHigh)}` : undefined,
  },
];

/** The day of one instrument: its range, with the last price marked in it, and its figures. */
export class DayPanel {
  readonly #range = byId('range', HTMLElement);
  readonly #body = this.#range.querySelector<HTMLElement>('.body')!;
  readonly #close = this.#range.querySelector<HTMLElement>('.close')!;
  readonly #last = this.#range.querySelector<HTMLElement>('.last')!;
  readonly #figures: readonly { node: HTMLElement; shown: HTMLElement; value: Figure['value'] }[];

  constructor() {
    this.#figures = FIGURES.map(({ name, value, isWide = false }) => {
      const shown = element('dd');
      return { node: element('div', isWide ? 'wide' : '', element('dt', '', name), shown), shown, value };
    });
    byId('day', HTMLElement).replaceChildren(...this.#figures.map(({ node }) => node));
  }

  paint(quote: Quote): void {
    for (const { node, shown, value } of this.#figures) {
      const text = value(quote);
      node.hidden = text === undefined;
      setText(shown, text ?? format.NOTHING);
    }
    this.#paintRange(quote);
  }

  #paintRange({ ohlc, tick, instrumentToken }: Quote): void {
    this.#range.hidden = !ohlc || !tick || ohlc.high <= ohlc.low;
    if (!ohlc || !tick || this.#range.hidden) return;
    const { open, high, low, close } = ohlc;
    const place = (price: number) => Math.min(100, Math.max(0, ((price - low) / (high - low)) * 100));
    const [from, to] = [place(open), place(tick.lastPrice)].sort((a, b) => a - b) as [number, number];
    this.#body.style.setProperty('--from', `${from}%`);
    this.#body.style.setProperty('--to', `${to}%`);
    setClass(this.#body, `body ${directionOf(tick.lastPrice - open)}`);
    this.#close.hidden = close < low || close > high;
    this.#close.style.setProperty('--at', `${place(close)}%`);
    this.#last.style.setProperty('--at', `${to === place(tick.lastPrice) ? to : from}%`);
    const price = (value: number) => format.price(value, instrumentToken);
    this.#range.ariaLabel = `Day's range from ${price(low)} to ${price(high)}, last ${price(tick.lastPrice)}`;
  }
}
