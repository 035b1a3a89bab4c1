import type { Item } from '../client/client.js';
import { countWhile } from './count-while.js';
import type { Failure } from './failure.js';
import type { Pauses } from './pauses.js';
import type { Lost, ReadStream } from './read-stream.js';
import type { Coming, Reference } from './reference.js';
import { fedUntil } from './stream-record.js';

/** One item may be on its way to a waiting reader. */
const BESIDE = 1;

/** Items that waited for a paused thread come within this time. */
const MOMENT_MS = 1000;

/** Report only the first breaches of one kind: more say nothing new. */
const MOST_TOLD = 3;

/** An item of ticks that was taken. */
interface Taken {
  /** The earliest time it was taken: loss marks may have come before it, one at each read. */
  readonly sinceAt: number;
  /** When it was read. */
  readonly readAt: number;
  readonly came: Coming;
}

/**
 * Judges what a slow consumer lost against the policy of its channel: nothing while there was room, else the oldest or
 * the newest, as the policy says. When conflated: only replaced states, and at most one delivery in each throttle time.
 */
export function judgePolicy(stream: ReadStream, reference: Reference, pauses: Pauses): Failure[] {
  return new PolicyJudge(stream, reference, pauses).judge();
}

class PolicyJudge {
  readonly #stream: ReadStream;
  readonly #reference: Reference;
  readonly #pauses: Pauses;
  readonly #capacity: number;
  /** Ticks that match exactly one state. */
  readonly #taken: Taken[] = [];
  /** All ticks: how each came, or one that looks the same, and when it was read. */
  readonly #read: Coming[] = [];
  /** When each item other than a tick was taken. */
  readonly #othersTakenAt: readonly number[];
  readonly #pushedOut = new Set<number>();
  readonly #failures: Failure[] = [];

  constructor(stream: ReadStream, reference: Reference, pauses: Pauses) {
    this.#stream = stream;
    this.#reference = reference;
    this.#pauses = pauses;
    this.#capacity = stream.record.plan.capacity ?? Infinity;
    this.#othersTakenAt = stream.record.items
      .filter(({ item }) => item.type !== 'ticks' && item.type !== 'dropped')
      .map(({ at }) => at);
    let last = -1;
    let lastRead = -1;
    let newest = -1;
    for (const { state, position } of stream.deliveries) {
      const came = reference.of(state);
      if (!came) continue;
      const readAt = stream.record.items[position]!.at;
      if (position !== lastRead) {
        lastRead = position;
        newest = Math.max(newest, came.number);
        this.#read.push({ number: newest, at: readAt });
      }
      if (position === last || state.twins) continue;
      last = position;
      this.#taken.push({ sinceAt: this.#sinceAt(position), readAt, came });
    }
  }

  judge(): Failure[] {
    const { overflow = 'drop-oldest', throttleMs = 0 } = this.#stream.record.plan;
    if (overflow === 'conflate') this.#judgeConflated(throttleMs);
    else {
      if (overflow === 'drop-oldest') this.#judgeOldest();
      for (const lost of this.#lostInOrder()) this.#judgeLost(lost, overflow);
      if (this.#stream.record.endedBy === 'overflow') this.#judgeOverflow();
    }
    return this.#failures;
  }

  /** How many items had come into the channel before a time. */
  #before(at: number): number {
    return this.#reference.before(Math.min(at, fedUntil(this.#stream.record)));
  }

  /** How many had come up to a time. */
  #upTo(at: number): number {
    return this.#reference.upTo(Math.min(at, fedUntil(this.#stream.record)));
  }

  /** An item behind loss marks may have been taken together with the first mark. */
  #sinceAt(position: number): number {
    const { items } = this.#stream.record;
    let first = position;
    while (first > 0 && isMark(items[first - 1]!.item)) first--;
    return items[first]!.at;
  }

  /** A delivered item is one of the newest items. */
  #judgeOldest(): void {
    for (const { sinceAt, readAt, came } of this.#taken) {
      // Of items that come at one moment, some are taken before the rest have come.
      const newer = this.#reference.ticks(came.number + 1, this.#before(sinceAt));
      if (newer > this.#capacity + BESIDE)
        this.#fail(readAt, `handed over with ${newer} newer ones behind it, and ${this.#capacity} have room`);
    }
  }

  /** In order of arrival: the longest-waiting item is dropped first. */
  #lostInOrder(): Lost[] {
    const numberOf = ({ state }: Lost): number => this.#reference.of(state)?.number ?? -1;
    return [...this.#stream.lost].sort((a, b) => numberOf(a) - numberOf(b));
  }

  /** A state may be lost only when the queue was full: of items it kept, or of items that pushed it out. */
  #judgeLost({ state, noticedAt }: Lost, overflow: 'drop-oldest' | 'drop-newest' | 'error'): void {
    const came = this.#reference.of(state);
    // After a pause much comes at one moment, and the order in which it is taken is unknown.
    if (!came || state.twins || this.#pauses.between(came.at - MOMENT_MS, came.at) > 0) return;
    if (overflow === 'error') {
      this.#fail(came.at, 'a state was lost, and the policy is to end with an error', state.token);
      return;
    }
    const waited =
      this.#othersAt(came) +
      this.#lastWordsBehind(came) +
      (overflow === 'drop-oldest'
        ? this.#cameBehind(came)
        : this.#ticksAt(came) + this.#pushedOutBehind(came));
    if (waited >= this.#capacity - BESIDE) return;
    if (overflow === 'drop-newest' && this.#wasPushedOut(came)) return;
    const at = noticedAt === Infinity ? came.at : noticedAt;
    this.#fail(at, `a state was dropped with ${waited} items in a queue for ${this.#capacity}`, state.token);
  }

  /** Items that came after this one, before anything newer was taken. */
  #cameBehind(came: Coming): number {
    return this.#upTo(this.#newerReadAt(came)) - came.number - 1;
  }

  /** The same for items that come at a stop, behind all else. */
  #lastWordsBehind(came: Coming): number {
    const { stoppedAt } = this.#stream.record;
    if (stoppedAt === undefined || this.#newerReadAt(came) < stoppedAt) return 0;
    return this.#reference.lastWords(stoppedAt);
  }

  /** When something newer was read. */
  #newerReadAt(came: Coming): number {
    const newer = this.#taken[countWhile(this.#taken, (one) => one.came.number <= came.number)];
    return newer?.readAt ?? Infinity;
  }

  /** Ticks that had come before this one, and were taken later, or in the same moment. */
  #ticksAt(came: Coming): number {
    const older = countWhile(this.#read, ({ number }) => number < came.number);
    return Math.max(0, older - countWhile(this.#read, ({ at }) => at < came.at));
  }

  /** The same for items other than ticks. Their arrival is unknown, so every item that may have arrived counts. */
  #othersAt(came: Coming): number {
    const others = this.#othersTakenAt.length - countWhile(this.#othersTakenAt, (at) => at < came.at);
    return Math.min(others, came.number - this.#reference.ticks(0, came.number));
  }

  /** Earlier ticks that may have been pushed out since: at most one by each item other than a tick. */
  #pushedOutBehind(came: Coming): number {
    const behind = this.#cameBehind(came);
    return behind - this.#reference.ticks(came.number + 1, came.number + 1 + behind);
  }

  /** Items other than ticks outlive ticks: in a full queue, each pushes out one waiting item. */
  #wasPushedOut(came: Coming): boolean {
    const behind = this.#cameBehind(came);
    if (behind < this.#capacity - BESIDE && !this.#foundFull(came.number + 1, came.number + behind))
      return false;
    const end = came.number + 1 + behind;
    this.#pushedOut.add(came.number);
    return this.#pushedOut.size <= end - this.#reference.ticks(0, end);
  }

  /** Whether one of these items found the queue full, also of what had come before the lost one and was read later. */
  #foundFull(first: number, last: number): boolean {
    const { plan, from, items } = this.#stream.record;
    if (plan.kind !== 'messages' || plan.tokens) return false;
    const takenAt = items.filter(({ item }) => item.type !== 'dropped').map(({ at }) => at);
    const cameBefore = this.#reference.before(from);
    for (let number = first; number <= last; number++) {
      const cameAt = this.#reference.cameAt(number);
      const taken = countWhile(takenAt, (at) => at < cameAt);
      if (number - cameBefore - taken >= this.#capacity - BESIDE) return true;
    }
    return false;
  }

  #judgeConflated(throttleMs: number): void {
    for (const { state, position } of this.#stream.deliveries) {
      const came = this.#reference.of(state);
      const newer = this.#reference.nextOf(state);
      const at = this.#sinceAt(position);
      if (!came || !newer || state.twins || newer.at >= at - throttleMs - this.#pauses.between(came.at, at))
        continue;
      // Ticks gathered before a gap come before it.
      if (this.#reference.breaks(came.number, this.#upTo(at)) > 0 || this.#holdsGap(position)) continue;
      this.#fail(at, `a state was handed over, and a newer one had come at ${newer.at}`, state.token);
    }
    if (throttleMs > 0 && this.#stream.record.plan.takesMs === 0) this.#judgeThrottle(throttleMs);
  }

  /** A tick alone behind a gap stays if another connection brings a newer one: the gap must come before that one. */
  #holdsGap(position: number): boolean {
    const { items } = this.#stream.record;
    const { item } = items[position]!;
    if (item.type !== 'ticks' || item.ticks.length > 1) return false;
    let before = position - 1;
    while (items[before]?.item.type === 'dropped') before--;
    return items[before]?.item.type === 'gap';
  }

  /**
   * Two deliveries of ticks are a throttle time apart, unless another item released them. Each connection has a batch of its
   * own: what had come by the first of them is the same delivery, though real time passes between two reads.
   */
  #judgeThrottle(throttleMs: number): void {
    const newestAt = new Map<number, number>();
    for (const { state, position } of this.#stream.deliveries) {
      const cameAt = this.#reference.of(state)?.at ?? Infinity;
      newestAt.set(position, Math.max(cameAt, newestAt.get(position) ?? -Infinity));
    }
    let lastAt = -Infinity;
    for (const [position, { at, item }] of this.#stream.record.items.entries()) {
      if (isUrgent(item)) lastAt = -Infinity;
      if (item.type !== 'ticks' || at === lastAt || (newestAt.get(position) ?? Infinity) < lastAt) continue;
      const [from, to] = [lastAt, at].map((time) => this.#reference.upTo(time)) as [number, number];
      const isLetGo = this.#reference.breaks(from, to) + this.#reference.orders(from, to) > 0;
      if (at - lastAt < throttleMs - 1 && !isLetGo)
        this.#fail(
          at,
          `ticks were handed over ${Math.round(at - lastAt)} ms after the last ones, not ${throttleMs}`,
        );
      lastAt = at;
    }
  }

  /** The channel ended because it was full: everything read since the last item that found room was waiting then. */
  #judgeOverflow(): void {
    const { items, to = Infinity, from } = this.#stream.record;
    const last = this.#taken.at(-1)?.came.at ?? from;
    const waited = items.filter(({ at }) => at >= last).length;
    if (waited < this.#capacity - BESIDE)
      this.#fail(to, `ended as full with ${waited} items in a queue for ${this.#capacity}`);
  }

  #fail(at: number, text: string, instrument?: number): void {
    if (this.#failures.length >= MOST_TOLD) return;
    const { consumer } = this.#stream.record;
    this.#failures.push({
      rule: 'policy',
      at,
      consumer,
      text,
      ...(instrument !== undefined && { instrument }),
    });
  }
}

function isMark({ type }: Item): boolean {
  return type === 'dropped' || type === 'gap';
}

/** An item that is never held back, and releases what came before it. */
function isUrgent({ type }: Item): boolean {
  return type === 'gap' || type === 'state' || type === 'order';
}
