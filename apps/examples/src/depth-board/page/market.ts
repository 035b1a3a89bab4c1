import { type Bar, BarBuilder } from '@kite/bars';
import type { FrameIssue } from '@kite/protocol';
import { LazyDecoder } from '@kite/raw';

import type { Listed } from '../relay-message.js';
import { BarHistory, calendar } from './bar-history.js';
import { Quote } from './quote.js';

/** Bars over all instruments together that a tab can keep all day. */
const MAX_BARS = 100_000;
/** An hour, even with thousands of instruments. */
const MIN_BARS_PER_INSTRUMENT = 60;

/** Every instrument of the watch list, kept up to date from Kite's frames, decoded here. */
export class Market {
  #quotes: readonly Quote[] = [];
  #byToken: ReadonlyMap<number, Quote> = new Map();
  readonly #decoder: LazyDecoder;
  /** The shortest bars; longer ones are built from them. The first frame after a bar's end closes it. */
  readonly #builder = new BarBuilder({ interval: '5s', calendar, closeAfterMs: 0 });
  /** When the newest frame was received. */
  #upTo = -Infinity;

  /** @param onIssue called for each problem in a frame; the rest is still read */
  constructor(listed: readonly Listed[], onIssue: (issue: FrameIssue) => void) {
    this.#decoder = new LazyDecoder({ onIssue });
    this.list(listed);
  }

  get quotes(): readonly Quote[] {
    return this.#quotes;
  }

  /** Lists these instruments from now on, and keeps the data of those that stay. */
  list(listed: readonly Listed[]): void {
    const maxBars = Math.max(MIN_BARS_PER_INSTRUMENT, Math.floor(MAX_BARS / Math.max(1, listed.length)));
    const known = this.#byToken;
    this.#quotes = listed.map(
      (one) =>
        known.get(one.instrumentToken) ??
        new Quote(one, new BarHistory(this.#builder, one.instrumentToken, maxBars)),
    );
    this.#byToken = new Map(this.#quotes.map((quote) => [quote.instrumentToken, quote]));
  }

  /** Whether these are the instruments, in this order. */
  lists(listed: readonly Listed[]): boolean {
    return (
      listed.length === this.#quotes.length &&
      listed.every(({ instrumentToken }, index) => this.#quotes[index]!.instrumentToken === instrumentToken)
    );
  }

  /**
   * Reads a frame with its receive time (Unix milliseconds); returns the quotes that it changed. Skips frames older
   * than the newest one: they were read before, and come again after a reconnect to the relay.
   */
  take(frame: Uint8Array, receivedAt: number): Quote[] {
    if (receivedAt < this.#upTo) return [];
    this.#upTo = receivedAt;
    const changed: Quote[] = [];
    this.#keep(this.#builder.poll(receivedAt));
    for (const tick of this.#decoder.decode(frame)) {
      const quote = this.#byToken.get(tick.instrumentToken);
      if (!quote) continue;
      // A lazy tick keeps its whole frame alive, and this one stays until the next: so copy it.
      const copy = tick.copy();
      quote.take(copy, receivedAt);
      this.#keep(this.#builder.push([copy], receivedAt));
      changed.push(quote);
    }
    return changed;
  }

  #keep(bars: readonly Bar[]): void {
    for (const bar of bars) this.#byToken.get(bar.instrumentToken)?.bars.keep(bar);
  }
}
