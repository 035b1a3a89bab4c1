import type { Key } from 'node:readline';

/** A filter during typing. */
export class FilterPrompt {
  #text: string;
  #isOpen = true;

  /** @param text the filter so far */
  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  /** Until Enter, which keeps the filter, or Escape, which clears it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  press({ name, sequence = '', ctrl, meta }: Key): void {
    if (name === 'return' || name === 'enter') this.#isOpen = false;
    else if (name === 'escape') [this.#text, this.#isOpen] = ['', false];
    else if (name === 'backspace') this.#text = this.#text.slice(0, -1);
    else if (!ctrl && !meta && IS_SIGN.test(sequence) && this.#text.length < LONGEST) this.#text += sequence;
  }
}

/** One visible character, or a space. */
const IS_SIGN = /^[\p{L}\p{N}\p{P}\p{S} ]$/u;

/** No symbol is longer. */
const LONGEST = 30;
