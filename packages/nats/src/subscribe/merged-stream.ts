import { Timer } from '@kite/kit';
import type { Clock, Gap, Tick, TickerMessage } from '@kite/protocol';

import type { SourceTag } from '../connection-parts.js';
import type { TickMessage } from '../wire/head.js';
import { Copies, type Lives } from './copies.js';
import { Holes } from './holes.js';
import { APART_MS, type Brought, type Joined, Joining } from './joining.js';
import { type Last, Merging } from './merging.js';
import type { Origin, Origins } from './origins.js';
import { PacketBatch, tickOf } from './packet-batch.js';
import type { Position } from './tracker.js';

type ConnectionOf = Pick<TickMessage, 'account' | 'connection'>;
type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** Where the stream goes. */
export interface StreamSink {
  wantsFrames(): boolean;
  /** Packets of one frame, as one publisher sent them, copies included. */
  frame(packets: readonly Uint8Array[], source: SourceTag, receivedAt: number): void;
  /** New ticks, each state once; `packets`: what each was decoded from, in memory of the bus. */
  ticks(
    ticks: TicksMessage['ticks'],
    origin: Origin,
    receivedAt: number,
    packets?: readonly Uint8Array[],
  ): void;
  /** No publisher has sent what these instruments did in this time. */
  gap(tokens: readonly number[], gap: Omit<Gap, 'instrumentTokens'>): void;
  /** What was delivered last of an instrument. */
  lastOf(token: number): Last | undefined;
  /** A packet had come before. */
  repeated(): void;
}

/** Merges the packets of all publishers into one stream: each state once, in order, and a gap where all missed some. */
export class MergedStream {
  readonly #origins: Origins;
  readonly #sink: StreamSink;
  readonly #copies: Copies;
  readonly #holes: Holes;
  readonly #joining = new Joining();
  readonly #merging: Merging;
  readonly #batch: PacketBatch<Origin>;
  /** Instruments that no joined publisher sends any more, and that others have begun to send. */
  readonly #needed = new Set<number>();
  readonly #timer: Timer;
  #isMerging = false;

  constructor(lives: Lives, origins: Origins, clock: Clock, sink: StreamSink) {
    this.#origins = origins;
    this.#sink = sink;
    this.#timer = new Timer(clock);
    this.#copies = new Copies(lives);
    this.#holes = new Holes(this.#copies, clock, (tokens, gap) => {
      sink.gap(tokens, gap);
    });
    this.#merging = new Merging(clock, {
      handOn: (epoch, { ticks, apiKeyId = '', channelId, receivedAt }) => {
        const tag = origins.tagOf(apiKeyId, channelId);
        sink.ticks(ticks, { epoch, tag }, receivedAt);
      },
      tooLate: (_, { instrumentTokens = [], ...gap }) => {
        sink.gap(instrumentTokens, gap);
      },
      copied: () => {
        sink.repeated();
      },
    });
    this.#batch = new PacketBatch({
      takesPackets: true,
      wantsFrames: () => sink.wantsFrames(),
      frame: (packets, { tag }, receivedAt) => {
        sink.frame(packets, tag, receivedAt);
      },
      ticks: (ticks, origin, receivedAt, packets) => this.#ticks(ticks, origin, receivedAt, packets),
    });
  }

  /** A packet of the instrument has come. */
  packet(token: number, message: TickMessage): void {
    const { isNew, gap } = this.#copies.take(token, message);
    if (!isNew) {
      this.#sink.repeated();
      return;
    }
    const { epoch, account, connection, packet, receivedAt } = message;
    if (gap) this.#holes.found([token], epoch, gap);
    const origin = this.#origins.of(epoch, account, connection);
    if (!this.#copies.hasJoined(token, epoch))
      this.#bring(token, { tick: tickOf(token, packet), receivedAt }, origin);
    else this.#batch.add(token, packet, origin, receivedAt);
  }

  /** The publisher's feed had a gap, of these instruments or its whole connection. Returns those no other sends. */
  feedGap(
    epoch: number,
    { from, to, reason }: Gap,
    origin: ConnectionOf,
    tokens?: readonly number[],
  ): number[] {
    const own = this.#copies.of(epoch, origin).filter((token) => !tokens || tokens.includes(token));
    this.flush();
    this.#copies.missed(own, epoch, { from, to });
    const [alone, others] = this.#split(own, epoch);
    if (others.length > 0) this.#holes.found(others, epoch, { from, to, reason });
    return alone;
  }

  /** A connection of the publisher has ended. */
  stopped(epoch: number, origin: ConnectionOf): void {
    if (!this.#isMerging) return;
    this.flush();
    this.#merging.stop(epoch, this.#copies.of(epoch, origin), false);
  }

  /** Call it when more is known about what publishers have sent. */
  look(): void {
    this.#holes.look();
  }

  /**
   * The publisher is gone. Returns the instruments that no other sends.
   *
   * @param isSilent it may resume where it stopped
   */
  gone(epoch: number, isSilent: boolean): number[] {
    this.flush();
    const tokens = this.#copies.of(epoch);
    const [alone, others] = this.#split(tokens, epoch);
    if (isSilent) this.#merging.stop(epoch, tokens, true);
    else for (const token of tokens) this.#merging.leave(token, epoch);
    this.#holes.look();
    for (const token of others) this.#needs(token);
    return alone;
  }

  /** Another life of the publisher sends these instruments now; what was missed until then was reported. */
  adopt(tokens: readonly number[], former: number, epoch: number, at: number): void {
    this.#copies.adopt(tokens, former, epoch, at);
    for (const token of tokens)
      if (this.#merging.isMerged(token)) this.#merging.join(token, epoch, undefined);
  }

  /** Everything received of the instrument before this time has come from some publisher; Unix milliseconds. */
  coveredUntil(token: number): number {
    return this.#copies.coveredUntil(token);
  }

  /** The bus was gone: what publishers send next may not follow on what has come. */
  interrupted(tokens: readonly number[]): void {
    this.flush();
    this.#copies.interrupted();
    if (!this.#isMerging) return;
    for (const token of tokens)
      for (const epoch of this.#copies.live(token)) this.#merging.stop(epoch, [token], true);
  }

  /** The instrument's last packet from each publisher at work; if none is, from the last one that was. */
  positionsOf(token: number): readonly Position[] {
    return this.#copies.at(token);
  }

  /** Whether everything that has come is delivered. */
  get isSettled(): boolean {
    return !this.#merging.isWaiting;
  }

  forget(token: number): void {
    this.flush();
    this.#holes.forget(token);
    this.#copies.forget(token);
    this.#joining.forget(token);
    this.#merging.forget(token);
  }

  /** Delivers what has gathered. */
  flush(): void {
    this.#batch.flush();
  }

  close(): void {
    this.flush();
    this.#timer.clear();
    this.#merging.close();
    this.#holes.close();
  }

  /** A publisher that has not joined sends an instrument that others have sent. */
  #bring(token: number, brought: Brought, origin: Origin): void {
    this.flush();
    const last = this.#sink.lastOf(token);
    const { epoch } = origin;
    const joined = this.#joining.bring(token, epoch, brought, last);
    if (joined) this.#join(token, joined, origin, last);
    else {
      this.#sink.repeated();
      this.#needs(token);
    }
  }

  /** If no joined publisher sends the instrument any more, the others join soon, wherever they stand. */
  #needs(token: number): void {
    if (this.#copies.hasOthers(token)) return;
    this.#needed.add(token);
    if (this.#needed.size > 1) return;
    this.#timer.set(2 * APART_MS, () => {
      const tokens = [...this.#needed];
      this.#needed.clear();
      for (const one of tokens) this.#joinNow(one);
    });
  }

  #joinNow(token: number): void {
    for (const epoch of this.#copies.live(token)) {
      if (this.#copies.hasOthers(token)) return;
      const brought = this.#joining.newest(token, epoch);
      const last = this.#sink.lastOf(token);
      if (!brought || (last && brought.receivedAt <= last.receivedAt)) continue;
      const { account, connection } = this.#copies.originOf(token, epoch)!;
      const origin = this.#origins.of(epoch, account, connection);
      this.#join(token, { ticks: [brought], followsOn: false }, origin, last);
    }
  }

  #join(token: number, { ticks, followsOn }: Joined, origin: Origin, last: Last | undefined): void {
    const gap = this.#copies.joined(token, origin.epoch, ticks[0]!.receivedAt);
    if (gap && !followsOn) this.#holes.found([token], origin.epoch, gap);
    this.#merging.join(token, origin.epoch, last);
    for (const epoch of this.#copies.live(token))
      if (this.#copies.hasJoined(token, epoch) && !this.#merging.has(token, epoch))
        this.#merging.join(token, epoch, undefined);
    this.#isMerging = true;
    for (const { tick, receivedAt } of ticks) this.#ticks([tick], origin, receivedAt);
  }

  #ticks(ticks: Tick[], origin: Origin, receivedAt: number, packets?: readonly Uint8Array[]): void {
    if (!this.#isMerging) {
      this.#sink.ticks(ticks, origin, receivedAt, packets);
      return;
    }
    this.#merging.ticks(origin.epoch, { type: 'ticks', ticks, ...origin.tag, receivedAt });
  }

  /** The instruments that no other publisher sends, and the rest. */
  #split(tokens: readonly number[], epoch: number): [alone: number[], others: number[]] {
    const alone: number[] = [];
    const others: number[] = [];
    for (const token of tokens) (this.#copies.hasLive(token, epoch) ? others : alone).push(token);
    return [alone, others];
  }
}
