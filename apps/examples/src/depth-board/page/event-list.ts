import { byId, element } from './dom.js';
import * as format from './format.js';

const CAPACITY = 100;

/** Good news or bad. */
export type Tone = 'good' | 'bad' | 'plain';

/** Events of the feed, the newest at the top. */
export class EventList {
  readonly #list = byId('events', HTMLOListElement);
  #last = '';

  add(text: string, tone: Tone): void {
    // Skip repeats until something else happens.
    if (text === this.#last) return;
    this.#last = text;
    this.#list.prepend(element('li', tone, element('time', '', format.clockTime(Date.now())), ' ', text));
    while (this.#list.childElementCount > CAPACITY) this.#list.lastElementChild!.remove();
  }
}
