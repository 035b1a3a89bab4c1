import { FrameWalker, type Gap, type Tick } from '@kite/protocol';

import { type Beginning, type Outage, spanOf } from './outage-watch.js';

/** Greater than any revision. */
const NOT_WANTED = Infinity;

/**
 * The instruments of one source that have just come from another one, or gone to another one.
 *
 * An instrument that has come was in an outage: its gap ends with its first packet here, and stands before it. Once an
 * instrument has gone, what the old source still sends is older than what the new one sends, and is dropped. The same
 * holds for an instrument that comes back, until the source has been asked for it again: what is under way until then
 * may date from before it went, and then its first packet would not end its gap. An instrument that comes back before
 * the source was told that it goes has never gone.
 *
 * When the source opens anew, the gap of all its instruments is told at once. One that goes on to another source before
 * it was heard of has not been streamed since that gap began: its own gap begins there.
 *
 * All of this lasts for a moment; the rest of the time a frame costs one comparison.
 */
export class Handover {
  readonly #arriving = new Map<number, Outage>();
  /** Instruments that have not been heard of since the source opened anew: since when they are not streamed. */
  readonly #awaited = new Map<number, Beginning>();
  /** Maps each gone instrument to the revision that asks for it again: `NOT_WANTED` while none does. */
  readonly #gone = new Map<number, number>();
  /** Gone instruments that the source does not know are gone, each with the revision it had waited for. */
  readonly #leaving = new Map<number, number | undefined>();
  /** Gone instruments whose packets are delivered while they are under way. */
  readonly #lingering = new Set<number>();
  readonly #walker = new FrameWalker({ unknownLengths: true });
  #goneUntil = -Infinity;
  #awaitedUntil = -Infinity;
  #revision = 0;

  /** Whether frames have to be inspected. */
  get isActive(): boolean {
    return this.#arriving.size > 0 || this.#gone.size > 0 || this.#awaited.size > 0;
  }

  /** The revision of what is wanted of the source: a new one whenever instruments come back. */
  get revision(): number {
    return this.#revision;
  }

  /** The outages of instruments that have come, but not been heard of. */
  get unheard(): ReadonlyMap<number, Outage> {
    return this.#arriving;
  }

  /** Since when instruments are not streamed that have not been heard of since the source opened anew. */
  get awaited(): ReadonlyMap<number, Beginning> {
    return this.#awaited;
  }

  /**
   * The source has opened anew with these instruments. One that has been awaited since an earlier open keeps its beginning.
   *
   * @param began when the outage began that ends now; its gap is told
   * @param until when each has been heard of, or has nothing to say, by the monotonic clock
   */
  await(tokens: Iterable<number>, began: Beginning, until: number): void {
    for (const token of tokens) if (!this.#awaited.has(token)) this.#awaited.set(token, began);
    this.#awaitedUntil = until;
  }

  /** These instruments, which are subscribed here, were in an outage. A known outage keeps its start. */
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

  /** The source has been asked for everything wanted up to this revision: what comes now was sent after that. */
  asked(revision: number): void {
    for (const [token, wanted] of this.#gone) if (wanted <= revision) this.#gone.delete(token);
    for (const [token, wanted] of this.#leaving)
      if (wanted !== undefined && wanted <= revision) this.#leaving.set(token, undefined);
  }

  /**
   * These instruments are no longer subscribed here.
   *
   * @param until when nothing of them can be under way any more, by the monotonic clock
   * @returns the outages of instruments that came, but were not heard of
   */
  leave(tokens: Iterable<number>, until: number): Map<number, Outage> {
    const unheard = new Map<number, Outage>();
    for (const token of tokens) {
      const outage = this.#arriving.get(token);
      if (outage) unheard.set(token, outage);
      this.#arriving.delete(token);
      this.#awaited.delete(token);
      const wanted = this.#gone.get(token);
      if (wanted !== NOT_WANTED) this.#leaving.set(token, wanted);
      this.#gone.set(token, NOT_WANTED);
      this.#lingering.delete(token);
    }
    this.#goneUntil = Math.max(this.#goneUntil, until);
    return unheard;
  }

  /** Delivers what is under way of these instruments, which have just gone: the layer above knows what is older. */
  linger(tokens: Iterable<number>): void {
    for (const token of tokens) if (this.#gone.get(token) === NOT_WANTED) this.#lingering.add(token);
  }

  /** Forgets everything. */
  clear(): void {
    this.#lingering.clear();
    this.#arriving.clear();
    this.#awaited.clear();
    this.#gone.clear();
    this.#leaving.clear();
  }

  /**
   * Of what was sent before this time, by the monotonic clock, nothing is under way any more. What has come back still
   * waits: the source will be asked for it.
   */
  expire(now: number): void {
    if (now > this.#awaitedUntil) this.#awaited.clear();
    if (now <= this.#goneUntil) return;
    for (const [token, wanted] of this.#gone) if (wanted === NOT_WANTED) this.#gone.delete(token);
    this.#lingering.clear();
  }

  /**
   * The gaps that end with this frame: report them before it.
   *
   * @param at when it was received, Unix milliseconds
   * @param monotonic the same by the monotonic clock
   */
  gapsBefore(frame: Uint8Array, at: number, monotonic: number): Gap[] {
    if (this.#arriving.size === 0 && this.#awaited.size === 0) return [];
    const gaps = new Map<Outage, Gap & { instrumentTokens: number[] }>();
    const walker = this.#walker.reset(frame);
    while (walker.next()) {
      const { instrumentToken } = walker;
      if (!this.keeps(instrumentToken)) continue;
      this.#awaited.delete(instrumentToken);
      const outage = this.#arriving.get(instrumentToken);
      if (!outage) continue;
      this.#arriving.delete(instrumentToken);
      const gap = gaps.get(outage);
      if (gap) gap.instrumentTokens.push(instrumentToken);
      else gaps.set(outage, { ...spanOf(outage, at, monotonic), instrumentTokens: [instrumentToken] });
    }
    return [...gaps.values()];
  }

  /** The ticks without those of gone instruments; the same array if there are none of those. */
  kept(ticks: Tick[]): Tick[] {
    if (this.#gone.size === 0 || ticks.every(({ instrumentToken }) => this.keeps(instrumentToken)))
      return ticks;
    return ticks.filter(({ instrumentToken }) => this.keeps(instrumentToken));
  }

  /** Whether ticks of this instrument are delivered: it is not gone, or lingers. */
  keeps(token: number): boolean {
    return !this.#gone.has(token) || this.#lingering.has(token);
  }

  /** It has never gone: the source still sends it, or will once it has been asked for what was wanted before. */
  #stay(token: number): void {
    const wanted = this.#leaving.get(token);
    this.#leaving.delete(token);
    this.#lingering.delete(token);
    if (wanted === undefined) this.#gone.delete(token);
    else this.#gone.set(token, wanted);
  }
}
