import { isTradable, segmentOf } from '@kite/protocol';

import { byId } from './dom.js';
import type { Quote } from './quote.js';
import { WatchRow } from './watch-row.js';

/** The list of instruments, with filter, scrolling and keyboard navigation. Exactly one is chosen. */
export class WatchList {
  readonly #body = byId('watch-list', HTMLTableElement).tBodies[0]!;
  readonly #empty = byId('list-empty', HTMLElement);
  readonly #filter = byId('filter', HTMLInputElement);
  readonly #choose: (quote: Quote) => void;
  /** Paints only visible rows: thousands cost no more than a screenful. */
  readonly #seen = new IntersectionObserver((entries) => this.#noteSeen(entries), {
    root: byId('list-scroll', HTMLElement),
  });
  #rows: readonly WatchRow[] = [];
  #byQuote = new Map<Quote, WatchRow>();
  #chosen: WatchRow | undefined;

  constructor(choose: (quote: Quote) => void) {
    this.#choose = choose;
    this.#filter.addEventListener('input', () => this.#applyFilter());
    this.#filter.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === 'ArrowDown') this.#leaveFilter(event);
      if (event.key === 'Escape') this.clearFilter();
    });
    this.#body.addEventListener('click', ({ target }) => {
      const row = this.#rows.find(({ node }) => target instanceof Node && node.contains(target));
      if (row) this.#select(row);
    });
  }

  /** Shows these instruments, and chooses the one with this token, else the first with an order book. */
  show(quotes: readonly Quote[], token: number | undefined): void {
    this.#seen.disconnect();
    this.#rows = quotes.map((quote) => new WatchRow(quote));
    this.#byQuote = new Map(this.#rows.map((row) => [row.quote, row]));
    this.#chosen = undefined;
    this.#body.replaceChildren(...this.#rows.map(({ node }) => node));
    for (const { node } of this.#rows) this.#seen.observe(node);
    this.#applyFilter();
    const row =
      this.#rows.find(({ quote }) => quote.instrumentToken === token) ??
      this.#rows.find(({ quote }) => isTradable(segmentOf(quote.instrumentToken))) ??
      this.#rows[0];
    if (row) this.#select(row, { focus: false });
  }

  /** Chooses the instrument this many rows further down, or up. */
  step(rows: number): void {
    const shown = this.#shown();
    const at = this.#chosen ? shown.indexOf(this.#chosen) : -1;
    const row = shown[Math.min(shown.length - 1, Math.max(0, at === -1 ? 0 : at + rows))];
    if (row) this.#select(row);
  }

  /** To type into. */
  focusFilter(): void {
    this.#filter.focus();
    this.#filter.select();
  }

  clearFilter(): void {
    this.#filter.value = '';
    this.#applyFilter();
    this.#chosen?.node.focus();
  }

  /** Paints the visible rows of these quotes. */
  paint(quotes: Iterable<Quote>, now: number, freshSince: number): void {
    for (const quote of quotes) {
      const row = this.#byQuote.get(quote);
      if (row?.seen) row.paint(now, freshSince);
    }
  }

  #select(row: WatchRow, { focus = true } = {}): void {
    if (this.#chosen !== row) {
      this.#chosen?.setChosen(false);
      this.#chosen = row;
      row.setChosen(true);
      this.#choose(row.quote);
    }
    if (focus) row.node.focus({ preventScroll: true });
    row.node.scrollIntoView({ block: 'nearest' });
  }

  #applyFilter(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    for (const row of this.#rows) row.node.hidden = !row.matches(wanted);
    this.#empty.hidden = this.#shown().length > 0;
  }

  /** Goes to the chosen row if it still matches, else to the first match. */
  #leaveFilter(event: KeyboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    const shown = this.#shown();
    const row = this.#chosen && shown.includes(this.#chosen) ? this.#chosen : shown[0];
    if (row) this.#select(row);
  }

  #shown(): WatchRow[] {
    return this.#rows.filter(({ node }) => !node.hidden);
  }

  #noteSeen(entries: readonly IntersectionObserverEntry[]): void {
    const rows = new Map(this.#rows.map((row) => [row.node as Element, row]));
    for (const { target, isIntersecting } of entries) rows.get(target)?.setSeen(isIntersecting);
  }
}
