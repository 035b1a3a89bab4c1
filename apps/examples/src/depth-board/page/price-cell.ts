import { GLYPHS, type Direction } from './direction.js';
import { setClass, setText } from './dom.js';

const FLASH: KeyframeAnimationOptions = { duration: 700, easing: 'ease-out' };
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** A last price: its text, which way it went last, and a flash at each change. */
export class PriceCell {
  readonly #cell: HTMLElement;
  readonly #glyph = document.createElement('i');
  readonly #text = document.createTextNode('');
  #moves = -1;

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
    this.#cell.animate(
      [{ backgroundColor: `var(--flash-${direction})` }, { backgroundColor: 'transparent' }],
      FLASH,
    );
  }
}
