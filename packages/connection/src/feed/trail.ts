import type { StateLog } from './state-log.js';

/**
 * How many times in a row the price has to change as it did in the log, with nothing between. Two accounts that are
 * shown different prices of one market do so by chance about once in two million prices: one change in three is the
 * same.
 */
const SURE = 12;

/** How many are enough if no other source tells what is new. */
const LIKELY = 4;

/**
 * Follows a source through the log by prices alone, to find out where it is. The trail is never ahead of a source that
 * is shown what the others are: each price moves it behind the next entry that shows the price.
 *
 * A price that stays, and one that is found only behind others, may match by chance. They say nothing.
 */
export class Trail<Item> {
  #end = 0;
  #changes = 0;

  /** The position behind the entry that shows what the source has brought last. */
  get end(): number {
    return this.#end;
  }

  /** Whether the source is here, and not anywhere else. */
  get isSure(): boolean {
    return this.#changes >= SURE;
  }

  /** Whether it may be here, at the end of the log. */
  isLikely(end: number): boolean {
    return this.#changes >= LIKELY && this.#end === end;
  }

  /** The source has brought this, and is not before this position. Returns whether the log has it. */
  follow<Source>(log: StateLog<Source, Item>, item: Item, from: number): boolean {
    const next = Math.max(this.#end, from);
    const position = log.find(item, next);
    if (position === undefined) return false;
    if (position !== next) this.#changes = 1;
    else if (!log.shows(position - 1, item)) this.#changes++;
    this.#end = position + 1;
    return true;
  }

  /** The source is here, surely. */
  settle(end: number): void {
    this.#end = end;
    this.#changes = SURE;
  }

  /** The source has brought something that the log lacks: what it brought before says nothing any more. */
  restart(): void {
    this.#end = 0;
    this.#changes = 0;
  }
}
