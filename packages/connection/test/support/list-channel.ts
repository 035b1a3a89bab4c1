import type { ChannelOptions } from '@kite/connection';

/** A tick, or what stands for one: its price is unlike that of any other. */
export interface ListTick {
  readonly token: number;
  readonly mode: 'ltp' | 'quote';
  readonly price: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a channel is given: by rank, ticks (0), broadcasts (1), gaps (2), and orders (3). */
export type Given = { readonly ticks: ListTick[] } | { readonly text: string; readonly rank: 1 | 3 };

interface Item {
  readonly source: number;
  readonly rank: 0 | 1 | 2 | 3;
  text?: string | undefined;
  ticks: (ListTick & { isLeft?: boolean; replaced?: number })[];
  dropped: number;
  gap: Span | undefined;
  /** By source, what others lost before it. */
  losses: Map<number, Loss>;
  isHeld: boolean;
  isOpen: boolean;
}

interface Loss {
  dropped: number;
  gap: Span | undefined;
}

/** The bounds and the policy of a channel. */
export interface ListOptions {
  capacity: number;
  capacityTicks: number;
  overflow: NonNullable<ChannelOptions['overflow']>;
  throttleMs: number | undefined;
}

/**
 * The simplest channel that does what a channel must: a list that is searched from the front, for everything. A reader
 * gets lines of text.
 */
export class ListChannel {
  readonly #options: ListOptions;
  readonly #isOfTicks: boolean;
  #list: Item[] = [];
  readonly #tails = new Map<number, Loss>();
  /** Lines of what was taken from the list at once. */
  #atHand: string[] = [];
  #now = 0;
  #releaseAt = Infinity;
  readonly lostBySource = [0, 0, 0];
  hasOverflowed = false;

  constructor(isOfTicks: boolean, options: ListOptions) {
    this.#isOfTicks = isOfTicks;
    this.#options = options;
  }

  get size(): number {
    const waiting = this.#list.filter(({ isHeld }) => !isHeld).length + (this.#atHand.length > 0 ? 1 : 0);
    return Math.min(this.#options.capacity, waiting);
  }

  give(source: number, given: Given): void {
    if (this.hasOverflowed) return;
    if ('text' in given) {
      if (!this.#isOfTicks) this.#push(source, given.rank, { text: given.text });
    } else if (this.#options.overflow === 'conflate') this.#merge(source, given.ticks);
    else this.#push(source, 0, { ticks: given.ticks });
  }

  gap(source: number, gap: Span): void {
    if (this.hasOverflowed) return;
    if (!this.#isOfTicks) {
      this.#push(source, 2, { gap });
      return;
    }
    const tail = this.#tailOf(source);
    tail.gap = joined(tail.gap, gap);
    for (const item of this.#list) if (item.source === source) item.isOpen = false;
  }

  /** Lost before it came here. */
  lose(source: number, count: number): void {
    if (!this.hasOverflowed) (this.#openOf(source) ?? this.#tailOf(source)).dropped += count;
  }

  pass(ms: number): void {
    this.#now += ms;
    if (this.#now >= this.#releaseAt) this.release();
  }

  release(): void {
    this.#releaseAt = Infinity;
    for (const item of this.#list) item.isHeld = false;
  }

  read(): string | undefined {
    if (this.#atHand.length > 0) return this.#atHand.shift();
    const item = this.#list[0]?.isHeld === false ? this.#list[0] : undefined;
    const isLast = item ? this.#isOfTicks && this.#list.length === 1 : this.#list.length === 0;
    const tails = isLast ? this.#tails : [];
    for (const [source, loss] of [...(item?.losses ?? []), ...tails]) {
      if (source === item?.source) continue;
      if (!this.#isOfTicks) this.#mark(source, loss);
      else if (item) {
        item.dropped += loss.dropped;
        loss.dropped = 0;
      }
    }
    if (!item) return this.#atHand.shift();
    this.#list.shift();
    const prices = item.ticks.map(({ price }) => price).join('+');
    if (this.#isOfTicks) return `${item.source}: ${prices} after ${item.dropped} ${show(item.gap)}`;
    this.#mark(item.source, item);
    if (item.text !== undefined) this.#atHand.push(`${item.source}: ${item.text}`);
    else if (item.ticks.length > 0) this.#atHand.push(`${item.source}: ${prices}`);
    return this.#atHand.shift();
  }

  #mark(source: number, loss: Loss): void {
    if (loss.dropped > 0) this.#atHand.push(`${source}: lagged ${loss.dropped}`);
    if (loss.gap) this.#atHand.push(`${source}: gap ${show(loss.gap)}`);
    loss.dropped = 0;
    loss.gap = undefined;
  }

  #push(source: number, rank: 0 | 1 | 2 | 3, what: Partial<Item>): Item | undefined {
    const item: Item = {
      ...{
        source,
        rank,
        text: undefined,
        ticks: [],
        dropped: 0,
        gap: undefined,
        losses: new Map<number, Loss>(),
        isHeld: false,
        isOpen: false,
      },
      ...what,
    };
    while (!this.#hasRoomFor(item)) {
      const victim = this.#victimFor(item);
      if (victim) this.#remove(victim, weightOf(victim));
      else {
        if (this.#options.overflow === 'error') this.hasOverflowed = true;
        else this.#lost(source, weightOf(item), this.#tailOf(source));
        return undefined;
      }
    }
    const tail = this.#tailOf(source);
    item.dropped = tail.dropped;
    item.gap = joined(tail.gap, item.gap);
    tail.dropped = 0;
    tail.gap = undefined;
    for (const [other, loss] of this.#tails) {
      if (loss.dropped > 0) lossIn(item, other).dropped += loss.dropped;
      loss.dropped = 0;
      // A batch has one gap, that of its own source.
      if (this.#isOfTicks || !loss.gap) continue;
      lossIn(item, other).gap = loss.gap;
      loss.gap = undefined;
    }
    item.isHeld = this.#list.some(({ isHeld }) => isHeld);
    this.#list.push(item);
    if (rank < 2) return item;
    this.release();
    for (const other of this.#list) other.isOpen = false;
    return item;
  }

  #merge(source: number, ticks: readonly ListTick[]): void {
    for (const tick of ticks) {
      let overtaken = 0;
      for (const item of this.#list) if (this.#comesFirst(item, tick, source)) this.#goBehind(item, source);
      for (const item of [...this.#list]) {
        const isOlder = (one: Item['ticks'][number]): boolean =>
          one.token === tick.token && !one.isLeft && (item.source === source || one.mode === tick.mode);
        const older = item.ticks.find(isOlder);
        if (!older) continue;
        if (isBehindGap(item) && item.ticks.length === 1 && item.source !== source) this.#leave(item, older);
        else if (item.source === source && item.isOpen) {
          // In its place.
          item.ticks[item.ticks.indexOf(older)] = { ...tick, replaced: (older.replaced ?? 0) + 1 };
          this.#lost(source, 1, item);
        } else if (item.source === source) this.#takeOut(item, older);
        else {
          item.dropped -= older.replaced ?? 0;
          this.#takeOut(item, older, { dropped: 0, gap: undefined });
          overtaken += 1 + (older.replaced ?? 0);
        }
      }
      const own = this.#openOf(source);
      const placed = own?.ticks.find(({ price }) => price === tick.price);
      if (placed) {
        own!.dropped += overtaken;
        placed.replaced! += overtaken;
        continue;
      }
      while (this.#ticks >= this.#options.capacityTicks) {
        const oldest = this.#list.find(({ rank }) => rank === 0)!;
        this.#takeOut(oldest, oldest.ticks[0]!);
      }
      const open = this.#openOf(source) ?? this.#begin(source);
      open.ticks.push({ ...tick, replaced: overtaken });
      open.dropped += overtaken;
    }
  }

  /** Whether a tick of the instrument stays there, or a gap stands before it. */
  #comesFirst(item: Item, { token, mode }: ListTick, source: number): boolean {
    return item.ticks.some((one) => {
      const isOther = item.source !== source && (one.mode !== mode || isBehindGap(item));
      return one.token === token && (one.isLeft === true || isOther);
    });
  }

  #leave(item: Item, tick: Item['ticks'][number]): void {
    item.ticks = [{ ...tick, isLeft: true }];
    item.isOpen = false;
  }

  /** What comes of this source gathers behind that item. */
  #goBehind(item: Item, source: number): void {
    const open = this.#openOf(source);
    if (open && this.#list.indexOf(open) < this.#list.indexOf(item)) open.isOpen = false;
  }

  #begin(source: number): Item {
    const item = this.#push(source, 0, {})!;
    item.isOpen = true;
    if (this.#options.throttleMs === undefined) return item;
    // Still set where all that was held has given way to newer ticks.
    if (this.#releaseAt === Infinity) this.#releaseAt = this.#now + this.#options.throttleMs;
    item.isHeld = true;
    return item;
  }

  #openOf(source: number): Item | undefined {
    return this.#list.find((item) => item.source === source && item.isOpen);
  }

  /** @param loss where it is counted */
  #takeOut(item: Item, tick: ListTick, loss: Loss = item): void {
    item.ticks = item.ticks.filter((one) => one !== tick);
    this.#lost(item.source, 1, loss);
    if (item.ticks.length === 0) this.#remove(item, 0);
  }

  get #ticks(): number {
    return this.#list.reduce((sum, { ticks }) => sum + ticks.length, 0);
  }

  #hasRoomFor({ rank, ticks }: Item): boolean {
    const isConflated = this.#options.overflow === 'conflate';
    const counted = isConflated ? this.#list.filter((item) => item.rank > 0) : this.#list;
    if (counted.length >= this.#options.capacity && !(isConflated && rank === 0)) return false;
    return rank > 0 || this.#ticks === 0 || this.#ticks + ticks.length <= this.#options.capacityTicks;
  }

  #victimFor({ rank }: Item): Item | undefined {
    const { overflow } = this.#options;
    if (overflow === 'error' || (overflow === 'drop-newest' && rank === 0)) return undefined;
    const highest = rank === 2 ? 3 : rank;
    for (let lowest = overflow === 'conflate' ? 1 : 0; lowest <= highest; lowest++) {
      const victim = this.#list.find((item) => item.rank === lowest);
      if (victim) return victim;
    }
    return undefined;
  }

  #remove(item: Item, weight: number): void {
    const behind = this.#list.slice(this.#list.indexOf(item) + 1);
    this.#lost(item.source, weight, item);
    for (const [source, { dropped, gap }] of [[item.source, item] as const, ...item.losses]) {
      const own = behind.find((other) => other.source === source) ?? this.#tailOf(source);
      if (gap) {
        const next = this.#isOfTicks ? own : this.#heirOf(source, behind);
        next.gap = joined(gap, next.gap);
      }
      if (dropped > 0) this.#heirOf(source, behind).dropped += dropped;
    }
    this.#list = this.#list.filter((other) => other !== item);
  }

  /** A loss stands before what comes next, whatever its source. */
  #heirOf(source: number, behind: readonly Item[]): Loss {
    const [next] = behind;
    if (!next) return this.#tailOf(source);
    return next.source === source ? next : lossIn(next, source);
  }

  #lost(source: number, count: number, loss: Loss): void {
    loss.dropped += count;
    this.lostBySource[source]! += count;
  }

  #tailOf(source: number): Loss {
    const tail = this.#tails.get(source) ?? { dropped: 0, gap: undefined };
    this.#tails.set(source, tail);
    return tail;
  }
}

/** What another source has lost before this item's gap. */
function lossIn({ losses }: Item, source: number): Loss {
  const loss = losses.get(source) ?? { dropped: 0, gap: undefined };
  losses.set(source, loss);
  return loss;
}

function isBehindGap({ gap, losses }: Item): boolean {
  return gap !== undefined || [...losses.values()].some((loss) => loss.gap !== undefined);
}

/** What an item counts for when it is lost; a gap is passed on, and counts for nothing. */
function weightOf({ ticks, text }: Item): number {
  return text === undefined ? ticks.length : 1;
}

function joined(before: Span | undefined, after: Span | undefined): Span | undefined {
  if (!before || !after) return before ?? after;
  return { from: Math.min(before.from, after.from), to: after.to };
}

function show(gap: Span | undefined): string {
  return gap ? `${gap.from}-${gap.to}` : '';
}
