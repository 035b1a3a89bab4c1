import { type Direction, GLYPHS } from './direction.js';
import { setClass, setText } from './dom.js';

/**
 * Long enough to be seen. It ends at once and does not fade: with prices that change all the time, a fading would have the
 * browser draw sixty pictures a second all day.
 */
const FLASH_MS = 400;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** A last price: its text, which way it went last, and a flash at each change. */
export class PriceCell {
  readonly #cell: HTMLElement;
  readonly #glyph = document.createElement('i');
  readonly #text = document.createTextNode('');
  #moves = -1;
  #flashing: number | undefined;

  constructor(cell: HTMLElement) {
    this.#cell = cell;
    cell.replaceChildren(this.#glyph, this.#text);
  }

  /** @param moves how often the price has changed; one more, and it flashes */
  show(text: string, direction: Direction, moves: number): void {
    setText(this.#text, text);
    setText(this.#glyph, GLYPHS[direction]);
    setClass(this.#glyph, direction);
    if (moves > this.#moves && this.#moves >= 0 && !calm.matches) this.#flash(direction);
    this.#moves = moves;
  }

  /** The next price is another instrument's: no change. */
  reset(): void {
    this.#moves = -1;
  }

  #flash(direction: Direction): void {
    clearTimeout(this.#flashing);
    this.#cell.dataset['flash'] = direction;
    this.#flashing = setTimeout(() => delete this.#cell.dataset['flash'], FLASH_MS);
  }
}
