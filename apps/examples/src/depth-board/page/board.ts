import type { FeedStateMessage, Listed, PageMessage, RelayMessage } from '../relay-message.js';
import { DayPanel } from './day-panel.js';
import { EventList } from './event-list.js';
import { seconds as formatSeconds } from './format.js';
import { type Freshness, freshnessOf, type LinkState } from './freshness.js';
import type { Gap } from './gap.js';
import { Headline } from './headline.js';
import { InstrumentForm } from './instrument-form.js';
import { Intervals } from './intervals.js';
import { Market } from './market.js';
import { OrderBook } from './order-book.js';
import { loadPreferences, rememberPreferences } from './preferences.js';
import { PriceChart } from './price-chart.js';
import type { Quote } from './quote.js';
import type { RelayListener } from './relay-client.js';
import { StatusBar } from './status-bar.js';
import { TapePanel } from './tape-panel.js';
import { WatchList } from './watch-list.js';

const MAX_GAPS = 50;

/** Eyes cannot follow figures that change more often. */
const PAINT_INTERVAL_MS = 100;

/**
 * The whole board. It takes in relay messages at once, but paints changes at most ten times a second, when the browser
 * draws: a hundred ticks between two paints cost one.
 */
export class Board implements RelayListener {
  readonly watchList = new WatchList((quote) => this.#choose(quote));
  readonly intervals = new Intervals(loadPreferences().interval, (seconds) => this.#setInterval(seconds));
  readonly chart = new PriceChart();
  readonly form: InstrumentForm;
  readonly #headline = new Headline();
  readonly #book = new OrderBook();
  readonly #day = new DayPanel();
  readonly #tape = new TapePanel();
  readonly #status = new StatusBar();
  readonly #events = new EventList();
  readonly #changed = new Set<Quote>();
  readonly #gaps: Gap[] = [];
  #market = new Market([], () => undefined);
  #chosen: Quote | undefined;
  #replaying = false;
  /** This page has requested an instrument, which will be last in the next list. */
  #isAdding = false;
  #source = '';
  #painting = false;
  #paintedAt = -Infinity;
  #link: LinkState = 'connecting';
  #feed: FeedStateMessage = { type: 'state', state: 'idle' };
  #lastFrameAt: number | null = null;
  /** Data received before this may be out of date: newer data was missed. */
  #freshSince = 0;

  /** @param ask sends the relay a request; false while it is down */
  constructor(ask: (message: PageMessage) => boolean) {
    this.form = new InstrumentForm({
      add: (name) => {
        this.#isAdding = ask({ type: 'add', name });
        return this.#isAdding;
      },
      remove: () =>
        this.#chosen !== undefined && ask({ type: 'remove', instrumentToken: this.#chosen.instrumentToken }),
    });
  }

  /** Paints what changes with time: ages, rates and silence. */
  tick(): void {
    const now = Date.now();
    this.#paintStatus(now);
    this.watchList.paint(this.#market.quotes, now, this.#freshSince);
    if (this.#chosen) this.#paintHeadline(this.#chosen, now);
  }

  link(state: LinkState): void {
    this.#link = state;
    this.#events.add(state === 'open' ? 'relay connected' : 'relay down', state === 'open' ? 'good' : 'bad');
    this.#paintStatus(Date.now());
  }

  message(message: RelayMessage): void {
    switch (message.type) {
      case 'hello':
        this.#source = message.feed;
        this.#status.setSource(message.feed, message.instruments.length);
        if (!this.#market.lists(message.instruments)) this.#open(message);
        break;
      case 'state':
        this.#noteFeed(message);
        break;
      case 'gap':
        this.#noteGap(message);
        break;
      case 'lagged':
        this.#events.add(
          `the relay dropped ${message.dropped} ${message.dropped === 1 ? 'frame' : 'frames'}`,
          'bad',
        );
        break;
      case 'error':
        this.#events.add(`Kite says: ${message.message}`, 'bad');
        break;
      case 'instruments':
        this.#list(message.instruments);
        break;
      case 'refused':
        this.#isAdding = false;
        this.form.refuse(message.reason);
        break;
      case 'history':
        break;
    }
  }

  frame(bytes: Uint8Array, receivedAt: number, live: boolean): void {
    const changed = this.#market.take(bytes, receivedAt);
    this.#lastFrameAt = Math.max(this.#lastFrameAt ?? 0, receivedAt);
    this.#replaying = !live;
    if (live) this.#status.count(changed.length);
    for (const quote of changed) this.#changed.add(quote);
    this.#paintSoon();
  }

  #open({ instruments }: RelayMessage & { type: 'hello' }): void {
    this.#market = new Market(instruments, (issue) =>
      this.#events.add(`a malformed frame: ${issue.kind}`, 'bad'),
    );
    this.#changed.clear();
    this.#gaps.length = 0;
    this.#lastFrameAt = null;
    this.watchList.show(this.#market.quotes, loadPreferences().chosen);
  }

  #list(instruments: readonly Listed[]): void {
    const added = this.#isAdding ? instruments.at(-1) : undefined;
    this.#isAdding = false;
    this.#market.list(instruments);
    this.#status.setSource(this.#source, instruments.length);
    // Before scrolling the list to the row: the note takes one of its lines.
    if (added) this.form.added(added.symbol);
    this.watchList.show(this.#market.quotes, (added ?? this.#chosen)?.instrumentToken);
  }

  #choose(quote: Quote): void {
    this.#chosen = quote;
    rememberPreferences({ chosen: quote.instrumentToken });
    this.chart.show(quote, this.intervals.seconds, this.#gaps);
    this.#paintChosen(quote);
  }

  #setInterval(seconds: number): void {
    rememberPreferences({ interval: seconds });
    if (this.#chosen) this.chart.show(this.#chosen, seconds, this.#gaps);
  }

  #noteFeed(message: FeedStateMessage): void {
    const { state, reason } = message;
    this.#feed = message;
    const tone = state === 'open' ? 'good' : state === 'waiting' || state === 'failed' ? 'bad' : 'plain';
    this.#events.add(reason === undefined ? `feed ${state}` : `feed ${state}: ${reason}`, tone);
    this.#paintStatus(Date.now());
  }

  #noteGap({ from, to, reason }: RelayMessage & { type: 'gap' }): void {
    this.#gaps.push({ from, to });
    if (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
    this.#freshSince = Date.now();
    this.#events.add(`nothing was received for ${formatSeconds(to - from)}: ${reason}`, 'bad');
  }

  #paintSoon(): void {
    if (this.#painting) return;
    this.#painting = true;
    const waitMs = Math.max(0, this.#paintedAt + PAINT_INTERVAL_MS - performance.now());
    setTimeout(() => requestAnimationFrame(() => this.#paint()), waitMs);
  }

  #paint(): void {
    this.#painting = false;
    this.#paintedAt = performance.now();
    const now = Date.now();
    this.watchList.paint(this.#changed, now, this.#freshSince);
    if (this.#chosen && this.#changed.has(this.#chosen)) {
      this.chart.update();
      this.#paintChosen(this.#chosen);
    }
    this.#changed.clear();
    // While history comes in, the last frame is old, but that is no silence.
    if (!this.#replaying && document.body.dataset['freshness'] !== 'live') this.#paintStatus(now);
  }

  #paintChosen(quote: Quote): void {
    this.#paintHeadline(quote, Date.now());
    this.#book.paint(quote);
    this.#day.paint(quote);
    this.#tape.paint(quote);
  }

  #paintHeadline(quote: Quote, now: number): void {
    const { kind } = this.#freshnessAt(now);
    this.#headline.paint(quote, now, kind === 'live' ? '' : kind);
  }

  #paintStatus(now: number): void {
    this.#status.paint(this.#freshnessAt(now), now);
    if (this.#chosen) this.#paintHeadline(this.#chosen, now);
  }

  #freshnessAt(now: number): Freshness {
    return freshnessOf({ link: this.#link, feed: this.#feed, lastFrameAt: this.#lastFrameAt, now });
  }
}
