import { byId, setText } from './dom.js';
import * as format from './format.js';
import type { Freshness } from './freshness.js';
import { RateMeter } from './rate-meter.js';

const WORDS: Readonly<Record<Freshness['kind'], string>> = {
  live: 'Live',
  starting: 'Starting',
  stale: 'Stale',
};

/** The top of the page: whether prices are current, and the incoming rate. */
export class StatusBar {
  readonly #status = byId('status', HTMLElement);
  readonly #source = byId('source', HTMLElement);
  readonly #clock = byId('clock', HTMLTimeElement);
  readonly #tickRate = byId('tick-rate', HTMLElement);
  readonly #frameRate = byId('frame-rate', HTMLElement);
  readonly #banner = byId('banner', HTMLElement);
  readonly #since = byId('banner-since', HTMLElement);
  readonly #reason = byId('banner-reason', HTMLElement);
  readonly #age = byId('banner-age', HTMLElement);
  readonly #ticks = new RateMeter();
  readonly #frames = new RateMeter();

  setSource(feed: string, instruments: number): void {
    setText(this.#source, `${feed} · ${format.count(instruments)} instruments`);
  }

  count(ticks: number): void {
    this.#ticks.count(ticks);
    this.#frames.count(1);
  }

  paint(freshness: Freshness, now: number): void {
    document.body.dataset['freshness'] = freshness.kind;
    setText(this.#status, WORDS[freshness.kind]);
    setText(this.#clock, `${format.clockTime(now)} IST`);
    setText(this.#tickRate, format.count(this.#ticks.perSecond(now)));
    setText(this.#frameRate, format.count(this.#frames.perSecond(now)));
    this.#banner.hidden = freshness.kind === 'live';
    if (freshness.kind === 'live') return;
    const stale = freshness.kind === 'stale';
    setText(this.#since, stale ? `As of ${format.clockTime(freshness.since)} IST` : 'Nothing to show yet');
    setText(this.#reason, freshness.reason);
    setText(this.#age, stale ? `${format.age(now - freshness.since)} old` : '');
  }
}
