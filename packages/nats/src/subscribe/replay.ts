import type { Channel } from '@kite/connection';
import { Timer } from '@kite/kit';
import type { Clock, Gap, KiteError, Tick, TickerMessage } from '@kite/protocol';

import type { BusMessage, ReplayReader } from '../bus/bus.js';
import type { MessageConsumer, SourceTag } from '../connection-parts.js';
import type { TickMessage } from '../wire/head.js';
import type { HandedOut } from './delivered.js';
import { ELSEWHERE, type Found, History, NOT_STORED } from './history.js';
import { type Brought, isOlder, isRepeat, isSameState, placeBehind } from './joining.js';
import { PacketBatch, tickOf } from './packet-batch.js';
import type { Position } from './tracker.js';

/** What a replay needs from the reader. */
export interface ReplayHost {
  readonly clock: Clock;
  /** Reads the stream of ticks from a time on. Returns a function that stops it. */
  read(tokens: readonly number[], since: number, reader: ReplayReader): () => void;
  /** Reads a message of the stream as a packet of one of these instruments; undefined: it is not one. */
  packetOf(message: BusMessage): { token: number; message: TickMessage } | undefined;
  sourceOf(message: TickMessage): SourceTag;
  /** Delivers what has come live. Returns false while something waits for last values that are being read. */
  settle(): boolean;
  /** Whether nothing that has come live waits for its place among the ticks of other publishers. */
  isSettled(): boolean;
  /** The instrument's last live packet from each publisher at work; if none is, from the last one that was. */
  positionsOf(token: number): readonly Position[];
  /** The instrument's last live tick. */
  lastOf(token: number): HandedOut | undefined;
  /** Instruments by the source of their last tick: a gap belongs to its source. */
  bySource(tokens: readonly number[]): ReadonlyMap<SourceTag, number[]>;
  /** The message in the form that the consumer takes. */
  inFormOf(consumer: MessageConsumer, message: TicksMessage): TicksMessage;
  /** Whether another attempt may help. */
  canTryAgain(): boolean;
  failed(cause: unknown): void;
}

type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** What the channel's reader has to keep up with. */
export interface ReplayPace {
  /** At most this many ticks wait to be read. */
  readonly capacityTicks: number;
  /** What waits may be replaced, so the replay need not wait. */
  readonly isConflated: boolean;
}

/** A publisher's clock, and a packet's way to the stream, may be off by this much. */
const SLACK_MS = 2000;
/** Join the live feed when at most this many packets are left; from then on the reader has to keep up. */
const NEARLY = 1000;
const MOST_TICKS = 10_000;
/** How soon to look for room again; doubles each time. */
const LOOK_AGAIN_MS = 5;
const MOST_SELDOM_MS = 50;
const JOIN_AGAIN_MS = 50;
const TRY_AGAIN_MS = 1000;
/**
 * The rest counts as missing this long after the packets that were left at the time of joining, or when the stream has
 * sent nothing for this long.
 */
const MISSING_AFTER_MS = 2000;
const MOST_GAPS = 1000;
/** By then, what waits live for its place is decided. */
const MOST_ATTEMPTS = 40;
const MOST_LAST = 16;

/**
 * Stands before a channel that begins in the past: first the stored ticks since then, as fast as the channel is read,
 * then the live feed, behind the packets it had reached. Each packet comes once, and what is missing is a gap.
 */
export class Replay implements MessageConsumer {
  readonly takesTicks = true;
  readonly #consumer: MessageConsumer;
  readonly #host: ReplayHost;
  readonly #tokens: readonly number[];
  readonly #from: number;
  readonly #history: History<TickMessage>;
  readonly #batch: PacketBatch<SourceTag>;
  readonly #timer: Timer;
  readonly #waiting: Timer;
  #endWait: () => void = () => undefined;
  #channel: Pick<Channel<unknown>, 'size' | 'capacity'> | undefined;
  #pace: ReplayPace | undefined;
  #stopReading: () => void = () => undefined;
  /** What has come live since joining, and the gaps from before. */
  #held: { message: TickerMessage; source: SourceTag }[] = [];
  #phase: 'past' | 'joining' | 'live' = 'past';
  #unread = 0;
  #attempts = 0;
  /** How many of the packets that were left at the time of joining are still to come. */
  #left = 0;
  /** The last replayed ticks of each instrument. */
  readonly #last = new Map<number, Brought[]>();
  /** For instruments of several publishers, the same until the live feed has brought something new. */
  readonly #brought = new Map<number, readonly Brought[]>();
  /** The last live ticks at the time of joining, for instruments of several publishers. */
  #ahead: HandedOut[] = [];
  #readUntil: number;
  #hasToldStart = false;

  constructor(consumer: MessageConsumer, host: ReplayHost, tokens: readonly number[], from: number) {
    this.#consumer = consumer;
    this.#host = host;
    this.#tokens = tokens;
    this.#from = from;
    this.#readUntil = from;
    this.#history = new History(tokens, from, {
      // A packet's bytes lie in the bus client's memory.
      kept: (message) => ({ ...message, packet: message.packet.slice() }),
      placeOf: (token, messages, found) => {
        const brought = (list: readonly TickMessage[]): Brought[] =>
          list.map(({ packet, receivedAt }) => ({ tick: tickOf(token, packet), receivedAt }));
        return placeBehind([...(this.#last.get(token) ?? []), ...brought(found)], brought(messages));
      },
    });
    this.#timer = new Timer(host.clock);
    this.#waiting = new Timer(host.clock);
    this.#batch = new PacketBatch(
      {
        takesPackets: false,
        wantsFrames: () => false,
        frame: () => undefined,
        ticks: (ticks, source, receivedAt) => this.#ticks(ticks, source, receivedAt),
      },
      () => undefined,
    );
  }

  /** Begins to read. @param channel must not be overrun */
  begin(channel: Pick<Channel<unknown>, 'size' | 'capacity'>, pace: ReplayPace): void {
    this.#channel = channel;
    this.#pace = pace;
    if (this.#phase === 'past') this.#read();
  }

  /** Takes a message of the live feed. */
  message(message: TickerMessage, source: SourceTag): void {
    if (this.#phase === 'live') this.#passLive(message, source);
    else if (this.#phase === 'joining') this.#held.push({ message, source });
    else if (message.type === 'ticks') {
      // Instruments subscribed since have no past here.
      const ticks = message.ticks.filter(({ instrumentToken }) => !this.#history.has(instrumentToken));
      if (ticks.length > 0) this.#pass({ ...message, ticks }, source);
    } else if (message.type === 'gap' && this.#held.length < MOST_GAPS) this.#held.push({ message, source });
  }

  end(error?: KiteError): void {
    this.stop();
    this.#consumer.end(error);
  }

  /** The channel is closed. */
  stop(): void {
    this.#phase = 'live';
    this.#timer.clear();
    this.#waiting.clear();
    this.#endWait();
    this.#stopReading();
    this.#stopReading = () => undefined;
    this.#held = [];
    this.#ahead = [];
    this.#last.clear();
    this.#brought.clear();
  }

  #read(): void {
    this.#stopReading = this.#host.read(this.#tokens, this.#readUntil - SLACK_MS, {
      begun: (behind, completeSince) => {
        this.#begun(completeSince);
        this.#stands(behind);
      },
      message: (message, behind) => this.#take(message, behind),
      failed: (cause) => this.#failed(cause),
    });
  }

  #begun(completeSince: number): void {
    if (this.#hasToldStart) return;
    this.#hasToldStart = true;
    if (completeSince <= this.#from) return;
    this.#gap(this.#tokens, {
      from: this.#from,
      to: completeSince,
      reason: 'the stream of ticks begins later',
    });
  }

  #take(message: BusMessage, behind: number): Promise<void> | undefined {
    const packet = this.#host.packetOf(message);
    if (packet) this.#packet(packet.token, packet.message);
    if (this.#phase === 'joining') this.#left--;
    this.#stands(behind);
    return this.#phase !== 'past' || this.#hasRoom() ? undefined : this.#room();
  }

  #packet(token: number, message: TickMessage): void {
    this.#handOut(token, this.#history.take(token, message));
  }

  #handOut(token: number, found: readonly Found<TickMessage>[]): void {
    for (const { packet: message, gap } of found) {
      if (gap) this.#gap([token], gap);
      if (!message) continue;
      const { receivedAt, packet } = message;
      this.#readUntil = Math.max(this.#readUntil, receivedAt);
      const tick = this.#batch.add(token, packet, this.#host.sourceOf(message), receivedAt);
      const last = this.#last.get(token) ?? [];
      this.#last.set(token, last);
      last.push({ tick, receivedAt });
      if (last.length > MOST_LAST) last.shift();
    }
  }

  /** @param behind how many packets are left */
  #stands(behind: number): void {
    if (behind === 0) this.#batch.flush();
    if (this.#phase === 'past' && behind <= this.#nearly) this.#join(behind);
    if (this.#phase !== 'joining') return;
    if (this.#history.isComplete) this.#goLive();
    else if (this.#left >= 0) this.#timer.set(MISSING_AFTER_MS, () => this.#goLive());
  }

  /** Joins the live feed where it stands, unless it is behind. */
  #join(behind: number): void {
    const host = this.#host;
    const live = (token: number): readonly Position[] => host.positionsOf(token);
    const mayJoin = host.settle() && (host.isSettled() || ++this.#attempts > MOST_ATTEMPTS);
    if (mayJoin && this.#history.canEndAt(live)) {
      this.#ahead = this.#tokens.flatMap((token) => {
        const last = host.lastOf(token);
        return last && live(token).some(({ epoch }) => epoch !== last.epoch) ? last : [];
      });
      for (const { token, found } of this.#history.endAt(live)) this.#handOut(token, found);
      this.#phase = 'joining';
      this.#left = behind;
    } else if (behind === 0) this.#timer.set(JOIN_AGAIN_MS, () => this.#stands(0));
  }

  #goLive(): void {
    this.#batch.flush();
    for (const { token, from, to } of this.#history.missing)
      this.#gap([token], { from, to, reason: NOT_STORED });
    for (const last of this.#ahead) this.#catchUp(last);
    this.#passHeld();
  }

  /** In the live feed another publisher may be further than the one read here. */
  #catchUp({ epoch, tick, source, receivedAt }: HandedOut): void {
    const token = tick.instrumentToken;
    if (this.#history.at(token)?.epoch === epoch) return;
    const recent = this.#last.get(token) ?? [];
    const here = recent.at(-1);
    if (receivedAt < this.#from || (here && here.receivedAt >= receivedAt)) return;
    if (recent.some((one) => isSameState(one.tick, tick))) return;
    this.#gap([token], { from: here?.receivedAt ?? this.#from, to: receivedAt, reason: ELSEWHERE });
    this.#ticks([tick], source, receivedAt);
    this.#last.set(token, [...recent, { tick, receivedAt }]);
  }

  #failed(cause: unknown): void {
    if (this.#phase === 'live') return;
    if (this.#host.canTryAgain()) {
      this.#timer.set(TRY_AGAIN_MS, () => this.#read());
      return;
    }
    this.#host.failed(cause);
    this.#batch.flush();
    const now = this.#host.clock.now();
    const from = Math.min(now, this.#readUntil);
    this.#gap(this.#tokens, { from, to: now, reason: 'the stream of ticks cannot be read' });
    this.#passHeld();
  }

  #passHeld(): void {
    const held = this.#held;
    const shared = [...this.#last].filter(([token]) => this.#history.isShared(token));
    this.stop();
    for (const [token, brought] of shared) this.#brought.set(token, brought);
    for (const { message, source } of held) this.#passLive(message, source);
  }

  /** Of several publishers, the one read here may have been ahead of what the live feed had delivered. */
  #passLive(message: TickerMessage, source: SourceTag): void {
    if (message.type !== 'ticks' || this.#brought.size === 0) {
      this.#pass(message, source);
      return;
    }
    const ticks = message.ticks.filter((tick) => !this.#hasBrought(tick, message.receivedAt));
    if (ticks.length > 0) this.#pass({ ...message, ticks }, source);
  }

  /** Whether the tick is none that is new here. What is dropped and did not come before is reported. */
  #hasBrought(tick: Tick, receivedAt: number): boolean {
    const token = tick.instrumentToken;
    const brought = this.#brought.get(token);
    if (!brought) return false;
    const one = { tick, receivedAt };
    if (isRepeat(one, brought)) return true;
    if (!isOlder(one, brought.at(-1)!)) {
      this.#brought.delete(token);
      return false;
    }
    this.#gap([token], { from: receivedAt, to: receivedAt, reason: ELSEWHERE });
    return true;
  }

  /** How few packets must be left before joining: the channel must be able to hold them. */
  get #nearly(): number {
    return Math.min(NEARLY, this.#channel!.capacity / 2, this.#pace!.capacityTicks / 2);
  }

  #hasRoom(): boolean {
    const channel = this.#channel!;
    const { capacityTicks, isConflated } = this.#pace!;
    if (channel.size === 0) this.#unread = 0;
    if (isConflated) return true;
    return (
      this.#unread < Math.min(MOST_TICKS, capacityTicks / 2) &&
      channel.size < Math.max(1, channel.capacity / 2)
    );
  }

  /** Resolves when the reader has read, or the replay is over. */
  async #room(): Promise<void> {
    this.#batch.flush();
    for (let afterMs = LOOK_AGAIN_MS; this.#phase === 'past' && !this.#hasRoom(); afterMs *= 2)
      await new Promise<void>((resolve) => {
        this.#endWait = resolve;
        this.#waiting.set(Math.min(afterMs, MOST_SELDOM_MS), resolve);
      });
  }

  #ticks(ticks: Tick[], source: SourceTag, receivedAt: number): void {
    this.#unread += ticks.length;
    this.#pass({ type: 'ticks', ticks, ...source, receivedAt }, source);
  }

  #gap(tokens: readonly number[], gap: Omit<Gap, 'instrumentTokens'>): void {
    this.#batch.flush();
    const receivedAt = this.#host.clock.now();
    for (const [source, instrumentTokens] of this.#host.bySource(tokens))
      this.#pass({ type: 'gap', ...gap, instrumentTokens, ...source, receivedAt }, source);
  }

  #pass(message: TickerMessage, source: SourceTag): void {
    this.#consumer.message(
      message.type === 'ticks' ? this.#host.inFormOf(this.#consumer, message) : message,
      source,
    );
  }
}
