import type { Clock, Gap } from '@kite/protocol';

import { arrivalOf, type Outage, spanOf } from '../parts.js';

/** One source's stream of an instrument. */
interface Copy<Source> {
  readonly source: Source;
  isStreaming: boolean;
  /** Since when it does not stream. Undefined: it streams, or is one of the first copies and has not begun. */
  outage: Outage | undefined;
  /** Its last ended outage. */
  last: Gap | undefined;
  /** When it began, Unix milliseconds; undefined: it has not streamed. */
  beganAt: number | undefined;
  /** The source no longer holds the instrument. Its outage tells until when it covered others. */
  hasLeft: boolean;
}

/** At most this many sources that have left an instrument are remembered. */
const MOST_LEFT = 4;

/**
 * Copies that begin within this time, in milliseconds, count as begun together, with the same state. A copy that is
 * silent for longer is noticed.
 */
const TOGETHER_MS = 3000;

/** The outage of a source that has not streamed the instrument yet. */
const NEVER: Outage = { from: -Infinity, reason: 'not held' };

/** A gap, and who reports it. */
export interface SourceGap<Source> {
  readonly source: Source;
  readonly gap: Gap;
}

/**
 * Tracks which sources of an instrument stream it, and when none did. An outage begins when the last copy stops, and
 * ends when one streams again; an outage of one copy that another covered does not count.
 *
 * A source may turn out to have been dead for a while. What no other source covered is reported once that is known.
 */
export class Coverage<Source> {
  readonly #clock: Clock;
  readonly #copies = new Map<number, Copy<Source>[]>();
  /** Instruments that no source streams. */
  readonly #out = new Map<number, Outage>();
  /** What each source holds but does not stream. */
  readonly #idle = new Map<Source, Set<number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the outages of the instrument on this source are reported here. */
  has(token: number, source: Source): boolean {
    return this.#copyOf(token, source) !== undefined;
  }

  /** These sources hold the instrument from now on. */
  set(token: number, sources: readonly Source[], streams: (source: Source) => boolean): void {
    const before = this.#copies.get(token) ?? [];
    const wasStreamed = before.some(({ isStreaming }) => isStreaming);
    for (const copy of before) if (!sources.includes(copy.source)) this.#leave(token, copy);
    if (sources.length === 0) {
      this.#copies.delete(token);
      this.#out.delete(token);
      return;
    }
    const copies = sources.map((source) =>
      this.#enter(
        token,
        before.find((copy) => copy.source === source),
        source,
        streams,
      ),
    );
    // Nothing is missing before the first state of the first copy that begins.
    if (before.length === 0) for (const copy of copies) copy.outage = undefined;
    const left = before.filter(({ hasLeft }) => hasLeft).slice(-MOST_LEFT);
    this.#copies.set(token, [...left, ...copies]);
    if (wasStreamed && !copies.some(({ isStreaming }) => isStreaming)) this.#out.set(token, this.#moved());
  }

  /**
   * The source has not streamed these instruments since the outage began. Returns the gaps that this reveals.
   *
   * @param behind those of which it had not yet brought what the other sources began with: they do not cover what it
   * would have brought next
   */
  stops(
    source: Source,
    tokens: Iterable<number>,
    outage: Outage,
    behind: ReadonlySet<number> = new Set(),
  ): SourceGap<Source>[] {
    const gaps = new Gaps();
    for (const token of tokens) {
      const copy = this.#copyOf(token, source);
      if (!copy?.isStreaming) continue;
      copy.isStreaming = false;
      copy.outage = outage;
      this.#idleOf(source).add(token);
      const uncovered = this.#uncovered(token, copy);
      if (uncovered.length === 0 && behind.has(token))
        gaps.add(token, spanOf(outage, this.#clock.now(), this.#clock.monotonic()));
      for (const { from, to } of uncovered) {
        const isWhole = from === outage.from;
        if (to === Infinity) this.#out.set(token, isWhole ? outage : { from, reason: outage.reason });
        else gaps.add(token, { from, to, reason: outage.reason });
      }
    }
    return gaps.of(source);
  }

  /**
   * The source streams these instruments, since this time. Returns the outages that end here.
   *
   * @param isResumed it resumes where it was: nothing was lost
   */
  streams(source: Source, tokens: Iterable<number>, at: number, isResumed: boolean): SourceGap<Source>[] {
    const gaps = new Gaps();
    const endedAt = arrivalOf(at, this.#clock);
    for (const token of tokens) {
      const copy = this.#copyOf(token, source);
      if (!copy || copy.isStreaming) continue;
      this.#idle.get(source)?.delete(token);
      copy.last = undefined;
      if (copy.outage === NEVER || (!copy.outage && this.#isFollower(token, at)))
        copy.last = { ...NEVER, to: at };
      else if (copy.outage && !isResumed) copy.last = spanOf(copy.outage, at, endedAt);
      copy.outage = undefined;
      copy.isStreaming = true;
      copy.beganAt ??= at;
      const outage = this.#out.get(token);
      if (!outage) continue;
      this.#out.delete(token);
      if (!isResumed) gaps.add(token, spanOf(outage, at, endedAt));
    }
    return gaps.of(source);
  }

  /** The source has delivered these instruments, so it streams them. */
  came(source: Source, items: readonly { instrumentToken: number }[], at: number): SourceGap<Source>[] {
    const idle = this.#idle.get(source);
    if (!idle || idle.size === 0) return [];
    const tokens = items.filter((item) => idle.has(item.instrumentToken)).map((item) => item.instrumentToken);
    return tokens.length === 0 ? [] : this.streams(source, tokens, at, false);
  }

  /** All sources were stopped: what is not streamed from now on is no outage. */
  clear(): void {
    this.#out.clear();
    for (const [token, all] of this.#copies) {
      const copies = all.filter(({ hasLeft }) => !hasLeft);
      this.#copies.set(token, copies);
      for (const copy of copies) {
        copy.isStreaming = false;
        copy.outage = undefined;
        copy.last = undefined;
        this.#idleOf(copy.source).add(token);
      }
    }
  }

  /** The times since this copy stopped when no source streamed the instrument. One that still lasts has no end. */
  #uncovered(token: number, copy: Copy<Source>): { from: number; to: number }[] {
    let uncovered = [{ from: copy.outage!.from, to: Infinity }];
    for (const other of this.#copies.get(token)!) {
      if (other === copy) continue;
      const { isStreaming, outage, last } = other;
      const dead = last ? [last] : [];
      if (outage) uncovered = intersect(uncovered, [...dead, { from: outage.from, to: Infinity }]);
      else if (isStreaming) uncovered = intersect(uncovered, dead);
    }
    return uncovered;
  }

  /** @param known what was known of the source before */
  #enter(
    token: number,
    known: Copy<Source> | undefined,
    source: Source,
    streams: (source: Source) => boolean,
  ): Copy<Source> {
    if (known && !known.hasLeft) return known;
    const isStreaming = streams(source);
    if (!isStreaming) this.#idleOf(source).add(token);
    const outage = known?.outage ?? NEVER;
    if (!isStreaming)
      return { source, isStreaming, outage, last: known?.last, beganAt: undefined, hasLeft: false };
    const last = known && { ...outage, to: this.#clock.now() };
    return { source, isStreaming, outage: undefined, last, beganAt: this.#clock.now(), hasLeft: false };
  }

  /** Whether another copy of the instrument began long before this time. */
  #isFollower(token: number, at: number): boolean {
    return this.#copies
      .get(token)!
      .some(({ beganAt }) => beganAt !== undefined && at - beganAt > TOGETHER_MS);
  }

  #leave(token: number, copy: Copy<Source>): void {
    this.#idle.get(copy.source)?.delete(token);
    copy.isStreaming = false;
    copy.outage ??= this.#moved();
    copy.hasLeft = true;
  }

  #moved(): Outage {
    const reason = 'moved from one account to another';
    return { from: this.#clock.now(), since: this.#clock.monotonic(), reason };
  }

  #copyOf(token: number, source: Source): Copy<Source> | undefined {
    return this.#copies.get(token)?.find((copy) => copy.source === source && !copy.hasLeft);
  }

  #idleOf(source: Source): Set<number> {
    let idle = this.#idle.get(source);
    if (!idle) this.#idle.set(source, (idle = new Set()));
    return idle;
  }
}

/** Collects gaps of several instruments: one for all that are alike. */
class Gaps {
  readonly #byText = new Map<string, Gap & { instrumentTokens: number[] }>();

  add(token: number, gap: Gap): void {
    const { from, to, reason } = gap;
    const text = `${from} ${to} ${reason}`;
    const known = this.#byText.get(text);
    if (known) known.instrumentTokens.push(token);
    else this.#byText.set(text, { from, to, reason, instrumentTokens: [token] });
  }

  of<Source>(source: Source): SourceGap<Source>[] {
    return [...this.#byText.values()].map((gap) => ({ source, gap }));
  }
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function intersect(spans: readonly Span[], others: readonly Span[]): Span[] {
  return spans
    .flatMap((span) =>
      others.map((other) => ({ from: Math.max(span.from, other.from), to: Math.min(span.to, other.to) })),
    )
    .filter(({ from, to }) => from < to);
}
