import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import { APART_MS } from './joining.js';
import { FEED_GAP, newestOf, type Position, TOOK_OVER, Tracker } from './tracker.js';

/** A publisher without a packet in the stream for this long counts as gone. */
const GONE_AFTER_MS = 3000;
const MOST_STANDBY = 256;

/** A packet to deliver and what is missing before it; or only something missing. */
export interface Found<Packet> {
  readonly packet?: Packet;
  readonly gap?: Omit<Gap, 'instrumentTokens'>;
}

/** Where one publisher takes over from another. */
interface Place {
  /** The index of the first newer packet; the number of packets: none is newer. */
  readonly index: number;
  /** Nothing is missing before it. */
  readonly followsOn: boolean;
}

/** What a history needs from its reader. */
export interface HistoryHost<Packet> {
  /** A copy of the packet that can be kept. */
  kept(packet: Packet): Packet;
  /** Where these packets of one publisher take over from another publisher's: see {@link Place}. */
  placeOf(token: number, packets: readonly Packet[]): Place;
}

/** A packet of a publisher that is not the one being read. */
interface Standby<Packet> {
  readonly packet: Packet;
  /** Which publisher was read then, and how many of its packets had been read. */
  readonly reading: number;
  readonly count: number;
}

/** What is missing of an instrument; Unix milliseconds of the publisher's clock. */
export interface Missing {
  readonly token: number;
  readonly from: number;
  readonly to: number;
}

/** The reason when something may be missing between two publishers. */
export const ELSEWHERE = 'another publisher was ahead';

/** The reason when something the live feed delivered is missing here. */
export const NOT_STORED = 'packets are missing in the stream of ticks';

/** The instrument's last live packet from each publisher that sends it. */
type Live = (token: number) => readonly Position[];

/**
 * For a reader that begins at a time: which packets of the stream of ticks are new, where some are missing, and when
 * the live feed can take over, behind each instrument's last live packet. Pure.
 */
export class History<Packet extends TickHead> {
  readonly #from: number;
  readonly #tokens: ReadonlySet<number>;
  readonly #tracker: Tracker;
  /** When the last packet of each publisher was received, Unix milliseconds. */
  readonly #heardAt = new Map<number, number>();
  /** For instruments that have not reached their end: the last packet from each publisher. */
  #ends: Map<number, readonly Position[]> | undefined;
  readonly #missing: Missing[] = [];
  /** How many packets of each publisher were read. */
  readonly #counts = new Map<number, number>();
  /** By instrument, what others have sent since the last packet of the publisher being read: they may take over. */
  readonly #standby = new Map<number, Standby<Packet>[]>();
  readonly #host: HistoryHost<Packet>;
  #takesOver = false;

  /** @param from Unix milliseconds: skips what the publisher received earlier */
  constructor(tokens: Iterable<number>, from: number, host: HistoryHost<Packet>) {
    this.#tokens = new Set(tokens);
    this.#from = from;
    this.#host = host;
    this.#tracker = new Tracker(() => !this.#takesOver);
  }

  /** The instrument's last packet in this history. */
  at(token: number): Position | undefined {
    return this.#tracker.at(token);
  }

  /** Whether this history covers the instrument. */
  has(token: number): boolean {
    return this.#tokens.has(token);
  }

  /**
   * Takes the next packet of the stream. Returns the packets to deliver, mostly this one, and what is missing before
   * them, which is reported even if the packet itself is not delivered.
   */
  take(token: number, packet: Packet): Found<Packet>[] {
    if (!this.#tokens.has(token) || this.#ends?.has(token) === false) return [];
    const { epoch, sequence, receivedAt } = packet;
    const before = this.#tracker.at(token);
    const end = endOf(this.#ends?.get(token) ?? [], before?.epoch ?? epoch);
    const isPast = end?.epoch === epoch && sequence >= end.sequence;
    if (isPast) this.#ends!.delete(token);
    const isAtWork = before && before.epoch !== epoch && this.#isAtWork(before.epoch, receivedAt);
    this.#counts.set(epoch, (this.#counts.get(epoch) ?? 0) + 1);
    this.#heardAt.set(epoch, Math.max(receivedAt, this.#heardAt.get(epoch) ?? 0));
    if (isPast && sequence > end.sequence) {
      // The live feed has delivered this one: the end itself is missing here.
      const gap = { from: before?.receivedAt ?? this.#from, to: end.receivedAt, reason: NOT_STORED };
      return [{ gap: this.#clipped(gap) }];
    }
    const isBehind =
      isAtWork === true && !isPast && this.#hasSkipped(token, receivedAt - GONE_AFTER_MS, epoch);
    if (isAtWork && !isPast && !isBehind) {
      if (receivedAt > before.receivedAt) this.#stand(token, before.epoch, packet);
      return [];
    }
    const found =
      before && before.epoch !== epoch
        ? this.#takeOver(token, before, { epoch, below: sequence, isBehind }, packet)
        : this.#next(token, packet);
    this.#standby.delete(token);
    const here = this.#tracker.at(token)!;
    // The live feed has this one from a publisher that is behind the one read here.
    if (isPast && here.epoch !== epoch)
      found.push({ gap: this.#clipped({ from: receivedAt, to: here.receivedAt, reason: NOT_STORED }) });
    return found;
  }

  /** Whether the live feed has delivered everything that was delivered here. */
  canEndAt(live: Live): boolean {
    for (const token of this.#tokens) {
      const here = this.#tracker.at(token);
      const there = here && live(token).find(({ epoch }) => epoch === here.epoch);
      if (there && here.sequence > there.sequence) return false;
    }
    return true;
  }

  /**
   * From now on each instrument ends with its last live packet; an instrument without one ends here. Returns what is
   * still to be delivered of publishers that had not taken over yet.
   */
  endAt(live: Live): { token: number; found: Found<Packet>[] }[] {
    this.#ends = new Map();
    const late: { token: number; found: Found<Packet>[] }[] = [];
    for (const token of this.#tokens) {
      const before = this.#tracker.at(token);
      const ends = live(token);
      const end = endOf(ends, before?.epoch);
      if (!end || end.receivedAt < this.#from) continue;
      if (before && before.epoch !== end.epoch) {
        const found = this.#takeOver(token, before, {
          ...{ epoch: end.epoch, below: end.sequence + 1, isBehind: false },
        });
        if (found.length > 0) late.push({ token, found });
      }
      const here = this.#tracker.at(token);
      const gaps = ends.flatMap(({ openGap }) => openGap ?? []);
      // The live feed has reported it before.
      if (gaps.length === ends.length)
        this.#missing.push(
          ...gaps.map((gap) => ({ token, ...this.#clipped({ from: gap.from, to: gap.to }) })),
        );
      if (here?.epoch === end.epoch && here.sequence >= end.sequence) continue;
      if (end.sequence > 0) this.#ends.set(token, ends);
      else this.#missing.push(this.#missingOf(token, end.receivedAt));
    }
    this.#standby.clear();
    return late;
  }

  /**
   * What is missing between here and the live feed: of instruments that have not reached their end, and of instruments
   * with a replaced publisher, which the live feed has reported before.
   */
  get missing(): readonly Missing[] {
    const open = [...(this.#ends ?? [])].map(([token, ends]) =>
      this.#missingOf(token, endOf(ends, this.#tracker.at(token)?.epoch)!.receivedAt),
    );
    return [...this.#missing, ...open];
  }

  /** Whether the live feed can take over. */
  get isComplete(): boolean {
    return this.#ends?.size === 0;
  }

  /** The next packet of the publisher being read. */
  #next(token: number, packet: Packet): Found<Packet>[] {
    const from = this.#tracker.at(token)?.receivedAt;
    const { receivedAt } = packet;
    const hasSkipped = from !== undefined && this.#hasSkipped(token, receivedAt - APART_MS);
    const found = this.#judge(token, packet);
    if (!hasSkipped || found.length === 0 || found[0]!.gap) return found;
    const gap = this.#clipped({ from, to: Math.max(from, receivedAt), reason: ELSEWHERE });
    return [{ ...found[0], gap }];
  }

  #judge(token: number, packet: Packet): Found<Packet>[] {
    const before = this.#tracker.at(token);
    const { epoch, cached, receivedAt } = packet;
    this.#takesOver = before !== undefined && before.epoch !== epoch;
    const from = before?.receivedAt ?? receivedAt;
    const wasSame = before?.epoch === epoch;
    const { isNew, gap } = this.#tracker.take(token, packet);
    this.#takesOver = false;
    if (!isNew || receivedAt < this.#from) return [];
    if (gap) return [{ packet, gap: this.#clipped(gap) }];
    if (!wasSame || !cached) return [{ packet }];
    return [{ packet, gap: this.#clipped({ from, to: Math.max(from, receivedAt), reason: FEED_GAP }) }];
  }

  /** Whether the publisher being read is still at work; if not, another one takes over from there. */
  #isAtWork(epoch: number, at: number): boolean {
    return (this.#heardAt.get(epoch) ?? 0) > at - GONE_AFTER_MS;
  }

  /**
   * Whether the publisher being read, though it is at work, has not brought what another one received before this time:
   * it did not have the instrument then.
   *
   * @param epoch of the other one; undefined: any
   */
  #hasSkipped(token: number, until: number, epoch?: number): boolean {
    const overdue = (this.#standby.get(token) ?? [])
      .map(({ packet }) => packet)
      .filter((packet) => packet.receivedAt < until && (epoch === undefined || packet.epoch === epoch));
    return overdue.length > 0 && this.#host.placeOf(token, overdue).index < overdue.length;
  }

  #stand(token: number, reading: number, packet: Packet): void {
    const standby = this.#standby.get(token) ?? [];
    this.#standby.set(token, standby);
    standby.push({ packet: this.#host.kept(packet), reading, count: this.#counts.get(reading) ?? 0 });
    if (standby.length > MOST_STANDBY) standby.shift();
  }

  /** This packet, and what its publisher has sent, below this number, since the last packet of the one being read. */
  #takeOver(
    token: number,
    { epoch: reading, receivedAt: from }: Position,
    { epoch, below, isBehind }: { epoch: number; below: number; isBehind: boolean },
    ...now: Packet[]
  ): Found<Packet>[] {
    const count = this.#counts.get(reading) ?? 0;
    const standby = this.#standby.get(token) ?? [];
    this.#standby.delete(token);
    const waited = standby
      .filter((one) => one.packet.epoch === epoch && one.packet.sequence < below)
      .filter((one) => isBehind || (one.reading === reading && one.count === count))
      .map(({ packet }) => packet);
    const packets = [...waited, ...now];
    if (packets.length === 0) return [];
    const { index, followsOn } = this.#host.placeOf(token, packets);
    const found = packets.flatMap((packet, at) => {
      const judged = this.#judge(token, packet);
      return at < index ? [] : judged;
    });
    // What is missing behind the state that both have sent is missing in the new publisher's own numbers.
    if (followsOn) return found;
    const to = Math.max(from, packets[Math.min(index, packets.length - 1)]!.receivedAt);
    const gap = this.#clipped({ from, to, reason: TOOK_OVER });
    const [first, ...rest] = found;
    return to < this.#from ? found : [{ ...first, gap }, ...rest];
  }

  #missingOf(token: number, to: number): Missing {
    const from = this.#tracker.at(token)?.receivedAt ?? this.#from;
    return { token, ...this.#clipped({ from, to }) };
  }

  #clipped<G extends { from: number; to: number }>(gap: G): G {
    return { ...gap, from: Math.min(gap.to, Math.max(gap.from, this.#from)) };
  }
}

/** Where an instrument ends: with the last packet of the publisher being read, or of the last one. */
function endOf(ends: readonly Position[], epoch: number | undefined): Position | undefined {
  return ends.find((end) => end.epoch === epoch) ?? newestOf(ends);
}
