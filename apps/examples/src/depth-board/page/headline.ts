import { directionOf } from './direction.js';
import { byId, setClass, setText } from './dom.js';
import * as format from './format.js';
import { PriceCell } from './price-cell.js';
import type { Quote } from './quote.js';

/** The chosen instrument in large letters. */
export class Headline {
  readonly #symbol = byId('chosen-symbol', HTMLElement);
  readonly #exchange = byId('chosen-exchange', HTMLElement);
  readonly #last = new PriceCell(byId('chosen-last', HTMLElement));
  readonly #change = byId('chosen-change', HTMLElement);
  readonly #when = byId('chosen-when', HTMLElement);
  #shown: Quote | undefined;

  /** @param staleness why the price may be out of date, in a word; empty: it is current */
  paint(quote: Quote, now: number, staleness: string): void {
    const { symbol, exchange, instrumentToken, tick, direction, moves, netChange, changePercent } = quote;
    if (this.#shown !== quote) this.#last.reset();
    this.#shown = quote;
    const last = tick ? format.price(tick.lastPrice, instrumentToken) : format.NOTHING;
    setText(this.#symbol, symbol);
    setText(this.#exchange, exchange);
    this.#last.show(last, direction, moves);
    setText(this.#change, `${format.change(netChange, instrumentToken)} (${format.percent(changePercent)})`);
    setClass(this.#change, `change ${directionOf(netChange)}`);
    setText(this.#when, tick ? whenOf(quote, now) : 'no tick yet');
    // A background tab shows only its title.
    document.title = `${staleness === '' ? '' : `(${staleness}) `}${last} ${symbol} · Depth board`;
  }
}

function whenOf({ exchangeTimestamp, receivedAt }: Quote, now: number): string {
  const age = `${format.age(now - receivedAt)} ago`;
  return exchangeTimestamp === null ? age : `${format.clockTime(exchangeTimestamp)} · ${age}`;
}
