import type { DepthLevel } from '@kite/protocol';

import { byId, element, setClass, setText } from './dom.js';
import * as format from './format.js';
import type { Quote } from './quote.js';

const LEVELS = 5;

/** The five best bids and offers, side by side, the best at the top. */
export class OrderBook {
  readonly #table = byId('book', HTMLTableElement);
  readonly #empty = byId('book-empty', HTMLElement);
  readonly #spread = byId('spread', HTMLElement);
  readonly #balance = byId('balance', HTMLElement);
  readonly #buyers = byId('balance-buy', HTMLElement);
  readonly #sellers = byId('balance-sell', HTMLElement);
  readonly #meter = byId('balance-meter', HTMLMeterElement);
  readonly #bids: readonly Level[] = Array.from({ length: LEVELS }, () => new Level('bid'));
  readonly #asks: readonly Level[] = Array.from({ length: LEVELS }, () => new Level('ask'));

  constructor() {
    const rows = this.#bids.map((bid, index) => {
      const ask = this.#asks[index]!;
      return element('tr', '', bid.orders, bid.quantity, bid.price, ask.price, ask.quantity, ask.orders);
    });
    this.#table.tBodies[0]!.replaceChildren(...rows);
  }

  paint(quote: Quote): void {
    const { full, instrumentToken } = quote;
    const reason = full ? '' : whyNone(quote);
    setText(this.#empty, reason);
    this.#empty.hidden = reason === '';
    this.#table.hidden = this.#balance.hidden = this.#spread.hidden = !full;
    if (!full) return;

    const { buy, sell } = full.depth;
    const largest = Math.max(...buy.map(({ quantity }) => quantity), ...sell.map(({ quantity }) => quantity));
    this.#bids.forEach((level, index) => level.paint(buy[index]!, largest, instrumentToken));
    this.#asks.forEach((level, index) => level.paint(sell[index]!, largest, instrumentToken));
    setText(this.#spread, spreadOf(buy[0], sell[0], instrumentToken));

    const { totalBuyQuantity: bought, totalSellQuantity: sold } = full;
    const buyers = bought + sold === 0 ? 0.5 : bought / (bought + sold);
    setText(this.#buyers, `${format.count(bought)} to buy · ${format.share(buyers)}`);
    setText(this.#sellers, `${format.share(1 - buyers)} · ${format.count(sold)} to sell`);
    this.#meter.value = buyers;
    this.#meter.style.setProperty('--share', `${buyers * 100}%`);
  }
}

/** The three cells of one level on one side. */
class Level {
  readonly price: HTMLElement;
  readonly quantity: HTMLElement;
  readonly orders: HTMLElement;

  constructor(side: 'bid' | 'ask') {
    this.price = element('td', `price ${side}`);
    this.quantity = element('td', `quantity ${side}`);
    this.orders = element('td', 'orders');
  }

  /** @param largest the quantity that fills a whole cell with its bar */
  paint({ price, quantity, orders }: DepthLevel, largest: number, instrumentToken: number): void {
    const there = quantity > 0;
    setText(this.price, there ? format.price(price, instrumentToken) : format.NOTHING);
    setText(this.quantity, there ? format.count(quantity) : format.NOTHING);
    setText(this.orders, there ? format.count(orders) : format.NOTHING);
    this.quantity.style.setProperty('--bar', `${there ? Math.max(2, (quantity / largest) * 100) : 0}%`);
    setClass(this.orders, there ? 'orders' : 'orders none');
  }
}

function spreadOf(bid: DepthLevel, ask: DepthLevel, instrumentToken: number): string {
  if (bid.quantity === 0) return ask.quantity === 0 ? 'no orders' : 'no buyers';
  if (ask.quantity === 0) return 'no sellers';
  const spread = ask.price - bid.price;
  const basisPoints = (spread / ((ask.price + bid.price) / 2)) * 10_000;
  return `Spread ${format.price(spread, instrumentToken)} · ${basisPoints.toFixed(1)} bp`;
}

function whyNone({ tick }: Quote): string {
  if (!tick) return 'No tick has come yet.';
  return tick.tradable
    ? 'The feed sends no depth for this instrument.'
    : 'An index is not traded: it has no order book.';
}
