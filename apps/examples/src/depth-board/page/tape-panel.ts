import { isTradable, segmentOf } from '@kite/protocol';

import { GLYPHS } from './direction.js';
import { byId, element } from './dom.js';
import * as format from './format.js';
import type { Quote } from './quote.js';
import type { Print } from './tape.js';

/** The latest trades of one instrument, the newest at the top. */
export class TapePanel {
  readonly #panel = byId('tape-panel', HTMLElement);
  readonly #body = byId('tape', HTMLTableSectionElement);
  readonly #rows = new Map<Print, HTMLElement>();

  paint({ tape: { prints }, instrumentToken }: Quote): void {
    this.#panel.hidden = !isTradable(segmentOf(instrumentToken));
    const known = new Set(prints);
    for (const [print, row] of this.#rows) {
      if (known.has(print)) continue;
      row.remove();
      this.#rows.delete(print);
    }
    // The oldest first, so that each new one goes on top.
    for (const print of [...prints].reverse()) {
      if (this.#rows.has(print)) continue;
      const row = rowOf(print, instrumentToken);
      this.#rows.set(print, row);
      this.#body.prepend(row);
    }
  }
}

function rowOf({ at, price, quantity, direction }: Print, instrumentToken: number): HTMLElement {
  const glyph = element('i', direction, GLYPHS[direction]);
  return element(
    'tr',
    '',
    element('td', '', format.clockTime(at)),
    element('td', `number ${direction}`, glyph, format.price(price, instrumentToken)),
    element('td', 'number', format.count(quantity)),
  );
}
