import { directionOf } from './direction.js';
import { element, setClass, setText } from './dom.js';
import * as format from './format.js';
import { PriceCell } from './price-cell.js';
import type { Quote } from './quote.js';

/** One line of the watch list. */
export class WatchRow {
  readonly quote: Quote;
  readonly node: HTMLTableRowElement;
  readonly #last: PriceCell;
  readonly #change = element('td', 'number');
  readonly #age = element('td', 'number age');
  readonly #searched: string;
  /** Whether it is on the screen. */
  seen = false;
  #freshSince = 0;

  constructor(quote: Quote) {
    this.quote = quote;
    this.#searched = `${quote.symbol} ${quote.exchange} ${quote.instrumentToken}`.toLowerCase();
    const symbol = element('th', 'symbol', quote.symbol, ' ', element('small', '', quote.exchange));
    symbol.scope = 'row';
    const last = element('td', 'number last');
    this.#last = new PriceCell(last);
    this.node = element('tr', '', symbol, last, this.#change, this.#age);
    this.node.dataset['token'] = String(quote.instrumentToken);
    this.setChosen(false);
  }

  matches(wanted: string): boolean {
    return this.#searched.includes(wanted);
  }

  setSeen(seen: boolean): void {
    this.seen = seen;
    if (seen) this.paint(Date.now(), this.#freshSince);
  }

  /** Only the chosen row is reachable with the Tab key. */
  setChosen(chosen: boolean): void {
    this.node.tabIndex = chosen ? 0 : -1;
    this.node.ariaSelected = String(chosen);
  }

  /** @param freshSince ticks received before this (Unix milliseconds) may be out of date: newer ones were missed */
  paint(now: number, freshSince: number): void {
    const { tick, instrumentToken, direction, moves, changePercent, receivedAt } = this.quote;
    this.#freshSince = freshSince;
    this.node.classList.toggle('outdated', tick !== undefined && receivedAt < freshSince);
    this.#last.show(tick ? format.price(tick.lastPrice, instrumentToken) : format.NOTHING, direction, moves);
    setText(this.#change, format.percent(changePercent));
    setClass(this.#change, `number ${directionOf(changePercent)}`);
    setText(this.#age, tick ? format.age(now - receivedAt) : format.NOTHING);
  }
}
