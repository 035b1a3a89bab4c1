import type { FeedStateMessage, RelayMessage } from '../relay-message.js';
import { DayPanel } from './day-panel.js';
import { EventList } from './event-list.js';
import { seconds as formatSeconds } from './format.js';
import { freshnessOf, type LinkState } from './freshness.js';
import type { Gap } from './gap.js';
import { Headline } from './headline.js';
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

/** Eyes do not follow figures that change more often. */
const PAINT_INTERVAL_MS = 100;

/**
 * The whole board: takes in what the relay says at once, and paints what has changed ten times a second at most, when
 * the browser draws: a hundred ticks between two pictures cost one painting.
 */
export class Board implements RelayListener {
  readonly watchList = new WatchList((quote) => this.#choose(quote));
  readonly intervals = new Intervals(loadPreferences().interval, (seconds) => this.#setInterval(seconds));
  readonly chart = new PriceChart();
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
  #painting = false;
  #paintedAt = -Infinity;
  #link: LinkState = 'connecting';
  #feed: FeedStateMessage = { type: 'state', state: 'idle' };
  #lastFrameAt: number | null = null;
  /** What was received before may have been overtaken by what was missed. */
  #freshSince = 0;

  /** Paints what changes with time alone: ages, rates and silence. */
  tick(): void {
    const now = Date.now();
    this.#paintStatus(now);
    this.watchList.paint(this.#market.quotes, now, this.#freshSince);
    if (this.#chosen) this.#headline.paint(this.#chosen, now);
  }

  link(state: LinkState): void {
    this.#link = state;
    this.#events.add(state === 'open' ? 'relay connected' : 'relay away', state === 'open' ? 'good' : 'bad');
    this.#paintStatus(Date.now());
  }

  message(message: RelayMessage): void {
    switch (message.type) {
      case 'hello':
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
          `the relay lost ${message.dropped} ${message.dropped === 1 ? 'frame' : 'frames'}`,
          'bad',
        );
        break;
      case 'error':
        this.#events.add(`Kite says: ${message.message}`, 'bad');
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
    // While history comes in, the last frame is an old one, and that is no silence.
    if (!this.#replaying && document.body.dataset['freshness'] !== 'live') this.#paintStatus(now);
  }

  #paintChosen(quote: Quote): void {
    this.#headline.paint(quote, Date.now());
    this.#book.paint(quote);
    this.#day.paint(quote);
    this.#tape.paint(quote);
  }

  #paintStatus(now: number): void {
    const sources = { link: this.#link, feed: this.#feed, lastFrameAt: this.#lastFrameAt, now };
    this.#status.paint(freshnessOf(sources), now);
  }
}
