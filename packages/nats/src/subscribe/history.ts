import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import { APART_MS, type Place } from './joining.js';
import { FEED_GAP, newestOf, type Position, TOOK_OVER, Tracker } from './tracker.js';

/** A publisher without a packet in the stream for this long counts as gone. */
const GONE_AFTER_MS = 3000;
const MOST_STANDBY = 256;

/** A packet to deliver and what is missing before it; or only something missing. */
export interface Found<Packet> {
  readonly packet?: Packet;
  readonly gap?: Omit<Gap, 'instrumentTokens'>;
}

/** What a history needs from its reader. */
export interface HistoryHost<Packet> {
  /** A copy of the packet that can be kept. */
  kept(packet: Packet): Packet;
  /**
   * Where these packets of one publisher go on behind what was delivered of another one's.
   *
   * @param found what is delivered next, before these
   */
  placeOf(token: number, packets: readonly Packet[], found: readonly Packet[]): Place;
}

/** The last live packet of one publisher. */
interface End extends Position {
  /** Whether the stream has come this far. */
  isReached: boolean;
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
  #ends: Map<number, readonly End[]> | undefined;
  #live: Live = () => [];
  readonly #missing: Missing[] = [];
  /** By instrument and publisher, the last packet in the stream. */
  readonly #read = new Map<number, Map<number, number>>();
  /** By instrument, what others have received since shortly before the last packet of the publisher being read: they may take over. */
  readonly #standby = new Map<number, Packet[]>();
  readonly #host: HistoryHost<Packet>;

  /** @param from Unix milliseconds: skips what the publisher received earlier */
  constructor(tokens: Iterable<number>, from: number, host: HistoryHost<Packet>) {
    this.#tokens = new Set(tokens);
    this.#from = from;
    this.#host = host;
    // Which publisher is read is decided here.
    this.#tracker = new Tracker(() => true);
  }

  /** The instrument's last packet in this history. */
  at(token: number): Position | undefined {
    return this.#tracker.at(token);
  }

  /** Whether this history covers the instrument. */
  has(token: number): boolean {
    return this.#tokens.has(token);
  }

  /** Whether the stream has packets of the instrument from several publishers. */
  isShared(token: number): boolean {
    return (this.#read.get(token)?.size ?? 0) > 1;
  }

  /**
   * Takes the next packet of the stream. Returns the packets to deliver, mostly this one, and what is missing before
   * them, which is reported even if the packet itself is not delivered.
   */
  take(token: number, packet: Packet): Found<Packet>[] {
    if (!this.#tokens.has(token)) return [];
    const ends = this.#ends?.get(token);
    if (this.#ends && !ends) return [];
    const { epoch, sequence, receivedAt } = packet;
    this.#heardAt.set(epoch, Math.max(receivedAt, this.#heardAt.get(epoch) ?? 0));
    this.#note(token, packet);
    const end = ends?.find((one) => one.epoch === epoch);
    // The live feed has this one, or a publisher that has begun since.
    if (end?.isReached || (ends && !end && isAmong(this.#live(token), epoch))) return [];
    const isBehind = end !== undefined && sequence > end.sequence;
    const found = isBehind ? this.#endIsMissing(token, end) : this.#handOut(token, packet);
    if (!end || sequence < end.sequence) return found;
    end.isReached = true;
    return [...found, ...this.#finish(token, ends!, found)];
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
   * From now on each instrument ends with the last live packet of each publisher; an instrument without one ends here.
   * Returns what is still to be delivered of publishers that had not taken over yet.
   */
  endAt(live: Live): { token: number; found: Found<Packet>[] }[] {
    this.#ends = new Map();
    this.#live = live;
    const late: { token: number; found: Found<Packet>[] }[] = [];
    for (const token of this.#tokens) {
      const positions = live(token);
      const newest = newestOf(positions);
      if (!newest || newest.receivedAt < this.#from) continue;
      const gaps = positions.flatMap(({ openGap }) => openGap ?? []);
      // The live feed has reported it before.
      if (gaps.length === positions.length)
        this.#missing.push(...gaps.map(({ from, to }) => ({ token, ...this.#clipped({ from, to }) })));
      if (positions.every(({ sequence }) => sequence === 0)) {
        this.#missing.push(this.#missingOf(token, newest));
        continue;
      }
      const read = this.#read.get(token);
      const ends = positions.map((position) => ({
        ...position,
        isReached: (read?.get(position.epoch) ?? 0) >= position.sequence,
      }));
      this.#ends.set(token, ends);
      const found = this.#finish(token, ends, []);
      if (found.length > 0) late.push({ token, found });
    }
    return late;
  }

  /**
   * What is missing between here and the live feed: of instruments that have not reached their end, and of instruments
   * with a replaced publisher, which the live feed has reported before.
   */
  get missing(): readonly Missing[] {
    const open = [...(this.#ends ?? [])].map(([token, ends]) => this.#missingOf(token, newestOf(ends)!));
    return [...this.#missing, ...open];
  }

  /** Whether the live feed can take over. */
  get isComplete(): boolean {
    return this.#ends?.size === 0;
  }

  /** The next packet before the end: what it delivers, mostly itself. */
  #handOut(token: number, packet: Packet): Found<Packet>[] {
    const { epoch, sequence, receivedAt } = packet;
    const before = this.#tracker.at(token);
    if (!before || before.epoch === epoch) {
      const found = this.#next(token, packet);
      this.#trim(token, receivedAt - APART_MS);
      return found;
    }
    const isBehind = this.#hasSkipped(token, receivedAt - GONE_AFTER_MS, epoch);
    if (!isBehind && this.#isAtWork(before.epoch, receivedAt)) {
      if (receivedAt > before.receivedAt - APART_MS) this.#stand(token, packet);
      return [];
    }
    const found = this.#takeOver(token, before, { epoch, below: sequence, after: [] }, packet);
    this.#standby.delete(token);
    return found;
  }

  /** The live feed has a later packet of this publisher: its last one is missing in the stream. */
  #endIsMissing(token: number, end: End): Found<Packet>[] {
    const { from, to } = this.#missingOf(token, end);
    return [{ gap: { from, to, reason: NOT_STORED } }];
  }

  /** Where every publisher has come to its end: what another one has sent behind the one being read. */
  #finish(token: number, ends: readonly End[], before: readonly Found<Packet>[]): Found<Packet>[] {
    if (ends.some(({ isReached }) => !isReached)) return [];
    this.#ends!.delete(token);
    const here = this.#tracker.at(token);
    const end = newestOf(ends.filter(({ epoch }) => epoch !== here?.epoch));
    if (!here || !end) return [];
    const after = before.flatMap(({ packet }) => packet ?? []);
    const found = this.#takeOver(token, here, { epoch: end.epoch, below: end.sequence + 1, after });
    this.#standby.delete(token);
    return found;
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
    const from = before?.receivedAt ?? receivedAt;
    const wasSame = before?.epoch === epoch;
    const { isNew, gap } = this.#tracker.take(token, packet);
    if (!isNew || receivedAt < this.#from) return [];
    if (gap) return [{ packet, gap: this.#clipped(gap) }];
    if (!wasSame || !cached) return [{ packet }];
    return [{ packet, gap: this.#clipped({ from, to: Math.max(from, receivedAt), reason: FEED_GAP }) }];
  }

  /** The packet, unless it is from before the time that the reader begins with. */
  #since(packet: Packet): Found<Packet>[] {
    return packet.receivedAt < this.#from ? [] : [{ packet }];
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
    const overdue = (this.#standby.get(token) ?? []).filter(
      (packet) => packet.receivedAt < until && (epoch === undefined || packet.epoch === epoch),
    );
    return overdue.length > 0 && this.#host.placeOf(token, overdue, []).index < overdue.length;
  }

  #stand(token: number, packet: Packet): void {
    const standby = this.#standby.get(token) ?? [];
    this.#standby.set(token, standby);
    standby.push(this.#host.kept(packet));
    if (standby.length > MOST_STANDBY) standby.shift();
  }

  /** What others received before this time was delivered, or reported. */
  #trim(token: number, until: number): void {
    const standby = this.#standby.get(token);
    if (!standby) return;
    while (standby.length > 0 && standby[0]!.receivedAt < until) standby.shift();
    if (standby.length === 0) this.#standby.delete(token);
  }

  /** What this publisher has sent, below this number, since the last packet of the one being read; then these packets. */
  #takeOver(
    token: number,
    { receivedAt }: Position,
    { epoch, below, after }: { epoch: number; below: number; after: readonly Packet[] },
    ...now: Packet[]
  ): Found<Packet>[] {
    const waited = (this.#standby.get(token) ?? []).filter(
      (packet) => packet.epoch === epoch && packet.sequence < below,
    );
    const packets = [...waited, ...now];
    if (packets.length === 0) return [];
    const { index, followsOn } = this.#host.placeOf(token, packets, after);
    this.#tracker.follow(token, packets[0]!);
    const found = packets.flatMap((packet, at) => {
      const judged = at === 0 ? this.#since(packet) : this.#judge(token, packet);
      return at < index ? [] : judged;
    });
    // What is missing behind the state that both have sent is missing in the new publisher's own numbers.
    if (followsOn) return found;
    const from = receivedAt - APART_MS;
    const to = Math.max(receivedAt, packets[Math.min(index, packets.length - 1)]!.receivedAt);
    const gap = this.#clipped({ from, to, reason: TOOK_OVER });
    const [first, ...rest] = found;
    return to < this.#from ? found : [{ ...first, gap }, ...rest];
  }

  #note(token: number, { epoch, sequence }: Packet): void {
    let read = this.#read.get(token);
    if (!read) this.#read.set(token, (read = new Map<number, number>()));
    if (sequence > (read.get(epoch) ?? 0)) read.set(epoch, sequence);
  }

  /** What is missing up to this live packet. Another publisher may have received a state earlier. */
  #missingOf(token: number, { epoch, sequence, receivedAt: to }: Position): Missing {
    const here = this.#tracker.at(token);
    const isOfAnother = here?.epoch !== epoch && sequence > 0;
    const from = here ? here.receivedAt - (isOfAnother ? APART_MS : 0) : this.#from;
    return { token, ...this.#clipped({ from, to }) };
  }

  #clipped<G extends { from: number; to: number }>(gap: G): G {
    return { ...gap, from: Math.min(gap.to, Math.max(gap.from, this.#from)) };
  }
}

function isAmong(positions: readonly Position[], epoch: number): boolean {
  return positions.some((position) => position.epoch === epoch);
}
