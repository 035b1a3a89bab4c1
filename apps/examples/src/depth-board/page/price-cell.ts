import { type Direction, GLYPHS } from './direction.js';
import { setClass, setText } from './dom.js';

/**
 * Long enough to be seen. It ends abruptly and does not fade: with constantly changing prices, a fade would make the
 * browser draw sixty frames a second all day.
 */
const FLASH_MS = 400;

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** A last price: its text, its last direction, and a flash at each change. */
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

  /** @param moves how often the price has changed; it flashes when this grows */
  show(text: string, direction: Direction, moves: number): void {
    setText(this.#text, text);
    setText(this.#glyph, GLYPHS[direction]);
    setClass(this.#glyph, direction);
    if (moves > this.#moves && this.#moves >= 0 && !calm.matches) this.#flash(direction);
    this.#moves = moves;
  }

  /** The next price belongs to another instrument, so it is not a change. */
  reset(): void {
    this.#moves = -1;
  }

  #flash(direction: Direction): void {
    clearTimeout(this.#flashing);
    this.#cell.dataset['flash'] = direction;
    this.#flashing = setTimeout(() => delete this.#cell.dataset['flash'], FLASH_MS);
  }
}
