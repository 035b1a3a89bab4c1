import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import type { ReportOrigin } from '../wire/report.js';
import { type Span, without } from './span.js';
import { FEED_GAP, newestOf, type Position, TOOK_OVER, type Verdict } from './tracker.js';

/** What one life of a publisher has sent of an instrument. */
interface Copy extends Position {
  sequence: number;
  receivedAt: number;
  account: number;
  connection: number;
  /** When its first delivered packet was received. Infinity: none was delivered. */
  since: number;
  /** What it has missed lately. */
  holes: Span[];
  /** The gap of its feed before its next packet is known. */
  isGapKnown: boolean;
}

/** What is known about publishers. */
export interface Lives {
  /** Whether the publisher of this epoch is at work. */
  isLive(epoch: number): boolean;
  /** Everything it received over this connection before this time has arrived here; undefined: not known. */
  completeUntil(epoch: number, origin: ReportOrigin): number | undefined;
}

/** At most this many lives of publishers are remembered per instrument. */
const MOST_COPIES = 4;
const MOST_HOLES = 8;
/** The clocks of two publishers may differ by this much. */
const SKEW_MS = 1000;

const SEEN: Verdict = { isNew: false };
const NEW: Verdict = { isNew: true };

/** Which publishers send each instrument, which packets are new, and what each publisher has missed. Pure. */
export class Copies {
  readonly #byToken = new Map<number, Copy[]>();
  readonly #lives: Lives;

  constructor(lives: Lives) {
    this.#lives = lives;
  }

  /** A packet has come; `gap` is what its publisher missed before it. */
  take(token: number, head: TickHead): Verdict {
    const copies = this.#byToken.get(token);
    if (!copies) {
      this.#byToken.set(token, [copyOf(head)]);
      return NEW;
    }
    const own = copies.find(({ epoch }) => epoch === head.epoch);
    if (own) return followed(own, head);
    const isJoining = this.#lives.isLive(head.epoch) && this.hasLive(token);
    // Others are at work and this one is not: this is the last value of a publisher that is gone.
    if (!isJoining && this.hasLive(token)) return SEEN;
    const last = newestOf(copies)!.receivedAt;
    // A packet of the same millisecond may be the same state; if it is not, the gap before the next packet covers it.
    if (!isJoining && head.receivedAt <= last) return SEEN;
    copies.push({ ...copyOf(head), since: Infinity });
    if (copies.length > MOST_COPIES) this.#forgetOne(copies);
    return NEW;
  }

  /** The publisher's packets are delivered from this one on. Returns what may be missing before it. */
  joined(token: number, epoch: number, receivedAt: number): Omit<Gap, 'instrumentTokens'> | undefined {
    const others = (this.#byToken.get(token) ?? []).filter((copy) => copy.epoch !== epoch && hasJoined(copy));
    const from = newestOf(others)?.receivedAt ?? receivedAt;
    const copy = this.#copyOf(token, epoch);
    if (copy) copy.since = receivedAt;
    return from < receivedAt ? { from, to: receivedAt, reason: TOOK_OVER } : undefined;
  }

  /** Everything received of the instrument before this time has come from some publisher. */
  coveredUntil(token: number): number {
    const joined = (this.#byToken.get(token) ?? []).filter((copy) => hasJoined(copy));
    return Math.max(0, ...joined.map((copy) => this.#coveredUntil(copy)));
  }

  /** The publisher has missed a span of these instruments. */
  missed(tokens: Iterable<number>, epoch: number, hole: Span): void {
    for (const token of tokens) {
      const copy = this.#copyOf(token, epoch);
      if (!copy) continue;
      remember(copy, hole);
      copy.isGapKnown = true;
    }
  }

  /**
   * Another life of the same publisher has begun, and what was missed until then was reported. What that life published
   * before an instrument's next packet here is missing as well.
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

  /** The instrument's last packet from each publisher at work; if none is, from the last one that was. */
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

  /** The epochs of the publishers at work that send the instrument. */
  live(token: number): number[] {
    const epochs = (this.#byToken.get(token) ?? []).map(({ epoch }) => epoch);
    return epochs.filter((epoch) => this.#lives.isLive(epoch));
  }

  /** Whether packets of this publisher have been delivered. */
  hasJoined(token: number, epoch: number): boolean {
    const copy = this.#copyOf(token, epoch);
    return copy !== undefined && hasJoined(copy);
  }

  /** Whether any other publisher at work has joined. */
  hasOthers(token: number, but?: number): boolean {
    for (const copy of this.#byToken.get(token) ?? [])
      if (copy.epoch !== but && hasJoined(copy) && this.#lives.isLive(copy.epoch)) return true;
    return false;
  }

  /** The reader was cut off and missed any reports of publishers meanwhile. */
  interrupted(): void {
    for (const copies of this.#byToken.values()) for (const copy of copies) copy.isGapKnown = false;
  }

  /** The connection of this publisher's last packet. */
  originOf(token: number, epoch: number): ReportOrigin | undefined {
    return this.#copyOf(token, epoch);
  }

  /** Whether any other publisher at work sends the instrument. */
  hasLive(token: number, but?: number): boolean {
    for (const { epoch } of this.#byToken.get(token) ?? [])
      if (epoch !== but && this.#lives.isLive(epoch)) return true;
    return false;
  }

  /** Instruments that this life of a publisher sends, over this connection if one is given. */
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

  /** A hole of this publisher, less what others have surely sent. */
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

  /** Whether another publisher may still turn out to have sent the end of this span. */
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

  /** Forgets the one heard from longest ago; one that is gone comes first. */
  #forgetOne(copies: Copy[]): void {
    const gone = copies.filter(({ epoch }) => !this.#lives.isLive(epoch));
    const of = gone.length > 0 ? gone : copies;
    const oldest = of.reduce((first, copy) => (copy.receivedAt < first.receivedAt ? copy : first));
    copies.splice(copies.indexOf(oldest), 1);
  }
}

/** Whether its packets are delivered. */
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

/** Why something is missing before this packet; undefined: nothing, or it was reported. */
function whyMissing(copy: Copy, { previous, cached, receivedAt }: TickHead): string | undefined {
  if (previous !== copy.sequence) return 'packets were lost on the bus, or left out while it was slow';
  // The report was lost while the reader was cut off, or the publisher has just begun.
  return cached && !copy.isGapKnown && receivedAt > copy.receivedAt ? FEED_GAP : undefined;
}

/** Merges the oldest two if there are too many. */
function remember(copy: Copy, { from, to }: Span): void {
  copy.holes.push({ from, to });
  if (copy.holes.length <= MOST_HOLES) return;
  const [first, second, ...rest] = copy.holes as [Span, Span, ...Span[]];
  copy.holes = [{ from: Math.min(first.from, second.from), to: Math.max(first.to, second.to) }, ...rest];
}
