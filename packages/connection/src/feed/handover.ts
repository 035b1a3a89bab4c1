import { FrameWalker, type Gap, type Tick } from '@kite/protocol';

import { type Outage, spanOf } from './outage-watch.js';

/** Greater than any revision. */
const NOT_WANTED = Infinity;

/**
 * The instruments of one source that have just come from another one, or gone to another one.
 *
 * One that has come was in an outage: its gap ends with its first packet here, and stands before it. What the old source
 * still brings of one that has gone is older than what the new one brings, and is not handed on. The same is true of one
 * that comes back, until the source has been asked for it again: what waits on its way here until then may be of before it
 * went, and then its first packet would not end its gap. One that comes back before the source was told that it goes has never
 * gone. All of this lasts for a moment; the rest of the time a frame costs one comparison.
 */
export class Handover {
  readonly #arriving = new Map<number, Outage>();
  /** Maps each one that has gone to the revision with which it is asked for again: `NOT_WANTED` while it is not. */
  readonly #gone = new Map<number, number>();
  /** Of those that have gone, the ones that the source was not told of: with what each was waited for before it went. */
  readonly #leaving = new Map<number, number | undefined>();
  /** Of those that have gone, the ones whose packets are handed on while they are under way. */
  readonly #lingering = new Set<number>();
  readonly #walker = new FrameWalker({ unknownLengths: true });
  #goneUntil = -Infinity;
  #revision = 0;

  /** Whether frames have to be looked into. */
  get isActive(): boolean {
    return this.#arriving.size > 0 || this.#gone.size > 0;
  }

  /** Of what is wanted of the source: a new one whenever instruments come back. */
  get revision(): number {
    return this.#revision;
  }

  /** The outages of instruments that have come, and were not heard of. */
  get unheard(): ReadonlyMap<number, Outage> {
    return this.#arriving;
  }

  /** These instruments, which are subscribed here, were in an outage. One that is known to have been out was out since then. */
  arrive(outages: Iterable<readonly [number, Outage]>): void {
    for (const [token, outage] of outages) if (!this.#arriving.has(token)) this.#arriving.set(token, outage);
  }

  /** These instruments are subscribed here from now on. */
  subscribed(tokens: Iterable<number>): void {
    const back: number[] = [];
    for (const token of tokens)
      if (this.#leaving.has(token)) this.#stay(token);
      else if (this.#gone.get(token) === NOT_WANTED) back.push(token);
    if (back.length === 0) return;
    this.#revision++;
    for (const token of back) {
      this.#lingering.delete(token);
      this.#gone.set(token, this.#revision);
    }
  }

  /** The source has been told what is subscribed. */
  told(): void {
    this.#leaving.clear();
  }

  /** The source has been asked for all that was wanted up to this revision: what it brings from now on is of after that. */
  asked(revision: number): void {
    for (const [token, wanted] of this.#gone) if (wanted <= revision) this.#gone.delete(token);
    for (const [token, wanted] of this.#leaving)
      if (wanted !== undefined && wanted <= revision) this.#leaving.set(token, undefined);
  }

  /**
   * These instruments are no longer subscribed here.
   *
   * @param until when nothing of them can be under way any more, Unix milliseconds
   * @returns the outages of those that have arrived and were not heard of
   */
  leave(tokens: Iterable<number>, until: number): Map<number, Outage> {
    const unheard = new Map<number, Outage>();
    for (const token of tokens) {
      const outage = this.#arriving.get(token);
      if (outage) unheard.set(token, outage);
      this.#arriving.delete(token);
      const wanted = this.#gone.get(token);
      if (wanted !== NOT_WANTED) this.#leaving.set(token, wanted);
      this.#gone.set(token, NOT_WANTED);
      this.#lingering.delete(token);
    }
    this.#goneUntil = Math.max(this.#goneUntil, until);
    return unheard;
  }

  /** What is under way of these, which have just gone, is handed on: the layer above knows what is older. */
  linger(tokens: Iterable<number>): void {
    for (const token of tokens) if (this.#gone.get(token) === NOT_WANTED) this.#lingering.add(token);
  }

  /** Nothing is known any more. */
  clear(): void {
    this.#lingering.clear();
    this.#arriving.clear();
    this.#gone.clear();
    this.#leaving.clear();
  }

  /**
   * The gaps that end with this frame: to be reported before it.
   *
   * @param at when it was received, Unix milliseconds
   * @param monotonic the same by the monotonic clock
   */
  gapsBefore(frame: Uint8Array, at: number, monotonic: number): Gap[] {
    if (at > this.#goneUntil) this.#forgetGone();
    if (this.#arriving.size === 0) return [];
    const gaps = new Map<Outage, Gap & { instrumentTokens: number[] }>();
    const walker = this.#walker.reset(frame);
    while (walker.next()) {
      const { instrumentToken } = walker;
      const outage = this.keeps(instrumentToken) && this.#arriving.get(instrumentToken);
      if (!outage) continue;
      this.#arriving.delete(instrumentToken);
      const gap = gaps.get(outage);
      if (gap) gap.instrumentTokens.push(instrumentToken);
      else gaps.set(outage, { ...spanOf(outage, at, monotonic), instrumentTokens: [instrumentToken] });
    }
    return [...gaps.values()];
  }

  /** The ticks without those of instruments that are gone: the same array where that is all of them. */
  kept(ticks: Tick[]): Tick[] {
    if (this.#gone.size === 0 || ticks.every(({ instrumentToken }) => this.keeps(instrumentToken)))
      return ticks;
    return ticks.filter(({ instrumentToken }) => this.keeps(instrumentToken));
  }

  /** Whether ticks of this instrument are handed on: it is not gone, or lingers. */
  keeps(token: number): boolean {
    return !this.#gone.has(token) || this.#lingering.has(token);
  }

  /** It has never gone: the source still brings it, or will as soon as it has been asked for what was wanted before. */
  #stay(token: number): void {
    const wanted = this.#leaving.get(token);
    this.#leaving.delete(token);
    this.#lingering.delete(token);
    if (wanted === undefined) this.#gone.delete(token);
    else this.#gone.set(token, wanted);
  }

  /** Nothing of before is under way any more. What has come back is waited for: it is asked for as soon as its source can be. */
  #forgetGone(): void {
    for (const [token, wanted] of this.#gone) if (wanted === NOT_WANTED) this.#gone.delete(token);
    this.#lingering.clear();
  }
}
