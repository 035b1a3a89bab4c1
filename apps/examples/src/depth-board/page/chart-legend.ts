import type { Bar } from '@kite/bars';

import { directionOf } from './direction.js';
import { byId, element, setClass, setText } from './dom.js';
import * as format from './format.js';

/** The figures over the chart: of the candle under the pointer, else of the last. */
export class ChartLegend {
  readonly #time = element('span');
  readonly #prices = element('span', 'prices');
  readonly #volume = element('span');

  constructor() {
    byId('legend', HTMLElement).append(this.#time, this.#prices, this.#volume);
  }

  paint(bar: Bar | undefined, instrumentToken: number): void {
    if (!bar) {
      for (const part of [this.#time, this.#prices, this.#volume]) setText(part, '');
      return;
    }
    const { open, high, low, close, volume } = bar;
    const figures = { O: open, H: high, L: low, C: close };
    setText(this.#time, format.clockTime(bar.start));
    setClass(this.#prices, `prices ${directionOf(close - open)}`);
    this.#prices.replaceChildren(
      ...Object.entries(figures).flatMap(([name, price]) => [
        ` ${name}`,
        element('b', '', format.price(price, instrumentToken)),
      ]),
    );
    this.#volume.replaceChildren(...(volume > 0 ? ['Vol', element('b', '', format.count(volume))] : []));
  }
}
