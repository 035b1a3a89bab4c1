import { byId, setText } from './dom.js';

/** Requests of the form; each returns whether it reached the relay. */
export interface InstrumentFormListener {
  readonly add: (name: string) => boolean;
  /** Removes the chosen instrument. */
  readonly remove: () => boolean;
}

/** Adds an instrument to the watch list by name, and removes the chosen one. */
export class InstrumentForm {
  readonly #name = byId('add-name', HTMLInputElement);
  readonly #note = byId('add-note', HTMLElement);
  readonly #listener: InstrumentFormListener;

  constructor(listener: InstrumentFormListener) {
    this.#listener = listener;
    byId('add', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name !== '') this.#say(listener.add(name) ? '' : DOWN);
    });
    this.#name.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#clear();
    });
    byId('remove', HTMLButtonElement).addEventListener('click', () => this.remove());
  }

  /** To type into. */
  focus(): void {
    this.#name.focus();
    this.#name.select();
  }

  remove(): void {
    this.#say(this.#listener.remove() ? '' : DOWN);
  }

  added(symbol: string): void {
    this.#name.value = '';
    this.#say(`${symbol} was added`);
  }

  refuse(reason: string): void {
    this.#say(reason);
  }

  #clear(): void {
    this.#name.value = '';
    this.#say('');
    this.#name.blur();
  }

  #say(text: string): void {
    setText(this.#note, text);
    this.#note.hidden = text === '';
  }
}

const DOWN = 'the relay is down: try again';
