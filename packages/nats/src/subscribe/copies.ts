import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import type { ReportOrigin } from '../wire/report.js';
import { type Span, without } from './span.js';
import { FEED_GAP, newestOf, type Position, TOOK_OVER, type Verdict } from './tracker.js';

/** What one life of a publisher has brought of an instrument. */
interface Copy extends Position {
  sequence: number;
  receivedAt: number;
  account: number;
  connection: number;
  /** When the first of its packets was received that were handed out. Infinity: none was. */
  since: number;
  /** What it has missed lately. */
  holes: Span[];
  /** What its feed had missed before its next packet is known. */
  isGapKnown: boolean;
}

/** What is known of publishers. */
export interface Lives {
  /** Whether the publisher of this epoch is at work. */
  isLive(epoch: number): boolean;
  /** All that it had received over this connection before this time has come; undefined: not known. */
  completeUntil(epoch: number, origin: ReportOrigin): number | undefined;
}

/** The most lives of publishers that are remembered of an instrument. */
const MOST_COPIES = 4;
const MOST_HOLES = 8;
/** The clocks of two publishers may be apart by so much. */
const SKEW_MS = 1000;

const SEEN: Verdict = { isNew: false };
const NEW: Verdict = { isNew: true };

/** Which publishers bring each instrument, what is new of it, and what each of them has missed. Pure. */
export class Copies {
  readonly #byToken = new Map<number, Copy[]>();
  readonly #lives: Lives;

  constructor(lives: Lives) {
    this.#lives = lives;
  }

  /** A packet has come; `gap` is what its own publisher has missed before it. */
  take(token: number, head: TickHead): Verdict {
    const copies = this.#byToken.get(token);
    if (!copies) {
      this.#byToken.set(token, [copyOf(head)]);
      return NEW;
    }
    const own = copies.find(({ epoch }) => epoch === head.epoch);
    if (own) return followed(own, head);
    const isJoining = this.#lives.isLive(head.epoch) && this.hasLive(token);
    // Others are at work, and this one is not: it is the last value of one that is gone.
    if (!isJoining && this.hasLive(token)) return SEEN;
    const last = newestOf(copies)!.receivedAt;
    // One of the same millisecond may be the same state: if it is not, the gap before the next one holds it.
    if (!isJoining && head.receivedAt <= last) return SEEN;
    copies.push({ ...copyOf(head), since: Infinity });
    if (copies.length > MOST_COPIES) this.#forgetOne(copies);
    return NEW;
  }

  /** From this packet on, received at this time, the publisher's packets are handed out. Returns what nobody may have brought before it. */
  joined(token: number, epoch: number, receivedAt: number): Omit<Gap, 'instrumentTokens'> | undefined {
    const others = (this.#byToken.get(token) ?? []).filter((copy) => copy.epoch !== epoch && hasJoined(copy));
    const from = newestOf(others)?.receivedAt ?? receivedAt;
    const copy = this.#copyOf(token, epoch);
    if (copy) copy.since = receivedAt;
    return from < receivedAt ? { from, to: receivedAt, reason: TOOK_OVER } : undefined;
  }

  /** All that was received of the instrument before this time has come from somebody. */
  coveredUntil(token: number): number {
    const joined = (this.#byToken.get(token) ?? []).filter((copy) => hasJoined(copy));
    return Math.max(0, ...joined.map((copy) => this.#coveredUntil(copy)));
  }

  /** The publisher has missed something of these instruments. */
  missed(tokens: Iterable<number>, epoch: number, hole: Span): void {
    for (const token of tokens) {
      const copy = this.#copyOf(token, epoch);
      if (!copy) continue;
      remember(copy, hole);
      copy.isGapKnown = true;
    }
  }

  /**
   * Another life of the same publisher has begun, and what was missed until then was reported: whatever was published in it before
   * an instrument's next packet is missing as well.
   */
  adopt(tokens: Iterable<number>, former: number, epoch: number, at: number): void {
    for (const token of tokens) {
      const copies = this.#byToken.get(token) ?? [];
      const index = copies.findIndex((copy) => copy.epoch === former);
      if (index < 0) continue;
      const { account, connection, receivedAt } = copies[index]!;
      const until = Math.max(receivedAt, at);
      const begun = { epoch, sequence: 0, receivedAt: until, account, connection, since: until };
      copies[index] = { ...begun, holes: [], isGapKnown: false };
    }
  }

  /** The last packet of an instrument of each publisher that is at work; of the one that was last where none is. */
  at(token: number): Position[] {
    const copies = (this.#byToken.get(token) ?? []).filter((copy) => hasJoined(copy));
    const live = copies.filter(({ epoch }) => this.#lives.isLive(epoch));
    const last = live.length === 0 ? newestOf(copies) : undefined;
    return (last ? [last] : live).map(({ epoch, sequence, receivedAt, isGapKnown, holes }) => {
      const open = isGapKnown ? holes.at(-1) : undefined;
      return { epoch, sequence, receivedAt, ...(open && { openGap: open }) };
    });
  }

  forget(token: number): void {
    this.#byToken.delete(token);
  }

  /** The epochs of those that bring the instrument, and are at work. */
  live(token: number): number[] {
    const epochs = (this.#byToken.get(token) ?? []).map(({ epoch }) => epoch);
    return epochs.filter((epoch) => this.#lives.isLive(epoch));
  }

  /** Whether packets of this publisher have been handed out. */
  hasJoined(token: number, epoch: number): boolean {
    const copy = this.#copyOf(token, epoch);
    return copy !== undefined && hasJoined(copy);
  }

  /** Whether any publisher that is at work has joined, but for this one. */
  hasOthers(token: number, but?: number): boolean {
    for (const copy of this.#byToken.get(token) ?? [])
      if (copy.epoch !== but && hasJoined(copy) && this.#lives.isLive(copy.epoch)) return true;
    return false;
  }

  /** The reader was cut off: what publishers have reported meanwhile is not known. */
  interrupted(): void {
    for (const copies of this.#byToken.values()) for (const copy of copies) copy.isGapKnown = false;
  }

  /** Which connection the last packet of this publisher came over. */
  originOf(token: number, epoch: number): ReportOrigin | undefined {
    return this.#copyOf(token, epoch);
  }

  /** Whether any publisher that is at work brings the instrument, but for this one. */
  hasLive(token: number, but?: number): boolean {
    for (const { epoch } of this.#byToken.get(token) ?? [])
      if (epoch !== but && this.#lives.isLive(epoch)) return true;
    return false;
  }

  /** Instruments that this life of a publisher brings, over this connection where it is given. */
  of(epoch: number, origin?: ReportOrigin): number[] {
    const tokens: number[] = [];
    for (const [token, copies] of this.#byToken) {
      const copy = copies.find((one) => one.epoch === epoch);
      if (!copy) continue;
      if (origin && (copy.account !== origin.account || copy.connection !== origin.connection)) continue;
      tokens.push(token);
    }
    return tokens;
  }

  /** What is left of a hole of this publisher without what others have surely brought. */
  uncovered(token: number, epoch: number, hole: Span): Span[] {
    let left: Span[] = [hole];
    for (const copy of this.#byToken.get(token) ?? []) {
      if (copy.epoch === epoch) continue;
      let covered: Span[] = [{ from: copy.since, to: this.#coveredUntil(copy) }];
      for (const { from, to } of copy.holes)
        covered = without(covered, { from: from - SKEW_MS, to: to + SKEW_MS });
      for (const span of covered) left = without(left, span);
    }
    return left;
  }

  /** Whether another publisher may still turn out to have brought the end of this. */
  mayBeCovered(token: number, epoch: number, { to }: Span): boolean {
    for (const copy of this.#byToken.get(token) ?? []) {
      if (copy.epoch === epoch || !this.#lives.isLive(copy.epoch)) continue;
      if (this.#lives.completeUntil(copy.epoch, copy) === undefined) continue;
      const hasMissed = copy.holes.some((hole) => hole.from - SKEW_MS <= to && to <= hole.to + SKEW_MS);
      if (copy.since <= to && this.#coveredUntil(copy) < to && !hasMissed) return true;
    }
    return false;
  }

  #coveredUntil(copy: Copy): number {
    return Math.max(copy.receivedAt, this.#lives.completeUntil(copy.epoch, copy) ?? 0);
  }

  #copyOf(token: number, epoch: number): Copy | undefined {
    return this.#byToken.get(token)?.find((copy) => copy.epoch === epoch);
  }

  /** The one that was heard longest ago, of those that are gone if there are any. */
  #forgetOne(copies: Copy[]): void {
    const gone = copies.filter(({ epoch }) => !this.#lives.isLive(epoch));
    const of = gone.length > 0 ? gone : copies;
    const oldest = of.reduce((first, copy) => (copy.receivedAt < first.receivedAt ? copy : first));
    copies.splice(copies.indexOf(oldest), 1);
  }
}

/** Whether its packets are handed out. */
function hasJoined({ since }: Copy): boolean {
  return since < Infinity;
}

function copyOf({ epoch, sequence, receivedAt, account, connection }: TickHead): Copy {
  return {
    epoch,
    sequence,
    receivedAt,
    account,
    connection,
    since: receivedAt,
    holes: [],
    isGapKnown: false,
  };
}

function followed(copy: Copy, head: TickHead): Verdict {
  if (head.sequence <= copy.sequence) return SEEN;
  const reason = whyMissing(copy, head);
  const gap = { from: copy.receivedAt, to: Math.max(copy.receivedAt, head.receivedAt) };
  copy.sequence = head.sequence;
  copy.receivedAt = head.receivedAt;
  copy.account = head.account;
  copy.connection = head.connection;
  copy.isGapKnown = false;
  if (reason === undefined) return NEW;
  remember(copy, gap);
  return { isNew: true, gap: { ...gap, reason } };
}

/** Why something is missing before this packet; undefined: nothing is that is not known. */
function whyMissing(copy: Copy, { previous, cached, receivedAt }: TickHead): string | undefined {
  if (previous !== copy.sequence) return 'packets were lost on the bus, or left out while it was slow';
  // The report of it went nowhere, since the reader was cut off; or the publisher has just begun.
  return cached && !copy.isGapKnown && receivedAt > copy.receivedAt ? FEED_GAP : undefined;
}

/** The oldest two become one where there are too many. */
function remember(copy: Copy, { from, to }: Span): void {
  copy.holes.push({ from, to });
  if (copy.holes.length <= MOST_HOLES) return;
  const [first, second, ...rest] = copy.holes as [Span, Span, ...Span[]];
  copy.holes = [{ from: Math.min(first.from, second.from), to: Math.max(first.to, second.to) }, ...rest];
}
