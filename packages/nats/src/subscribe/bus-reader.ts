import { counted, groupBy, OwnedMap, textOf, Timer } from '@kite/kit';
import {
  type Clock,
  type Gap,
  KiteError,
  type KiteErrorCode,
  type Mode,
  type TickerMessage,
} from '@kite/protocol';

import type { Bus, BusMessage, BusState } from '../bus/bus.js';
import type { SourceTag } from '../connection-parts.js';
import { decodeTickMessage, type TickMessage } from '../wire/head.js';
import { decodeReport } from '../wire/report.js';
import type { Subjects } from '../wire/subjects.js';
import type { BusFeedStats } from './bus-feed-stats.js';
import { BusOutlet } from './bus-outlet.js';
import { LastValues } from './last-values.js';
import { MergedStream } from './merged-stream.js';
import { Openings } from './openings.js';
import { OrderReader } from './order-reader.js';
import { NO_CONNECTION, type Origin, Origins } from './origins.js';
import { PublisherWatch } from './publisher-watch.js';
import { StatedDemand } from './stated-demand.js';
import { Subscription } from './subscription.js';

/** A message without the fields that every message has. */
type Body<M> = M extends unknown ? Omit<M, 'channelId' | 'apiKeyId' | 'receivedAt'> : never;

const WATCH_EVERY_MS = 1000;
const MOST_REFUSALS = 100;
const RECENT_MS = 3000;

/** Reads what publishers put on the bus, orders it, and passes it to the outlet. */
export class BusReader {
  readonly outlet: BusOutlet;
  /** The beginnings of channels that do not begin with now. */
  readonly openings: Openings;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #subjects: Subjects;
  readonly #modes = new OwnedMap<number, Mode>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #lastValues: LastValues;
  readonly #watch: PublisherWatch;
  readonly #origins: Origins;
  readonly #stream: MergedStream;
  readonly #stops: (() => void)[] = [];
  readonly #timer: Timer;
  readonly #orders: OrderReader;
  /** When the bus was heard last, Unix milliseconds. */
  #heardAt: number;
  #downSince: number | undefined;
  readonly #refusals = new Set<string>();
  #ticksReceived = 0;
  #repeats = 0;
  #strangers = 0;
  #demand: StatedDemand | undefined;
  #closing: Promise<void> | undefined;

  constructor(bus: Bus, subjects: Subjects, clock: Clock) {
    this.#bus = bus;
    this.#subjects = subjects;
    this.#clock = clock;
    this.#heardAt = clock.now();
    this.#timer = new Timer(clock);
    this.outlet = new BusOutlet(clock, (consumer) => this.openings.attached(consumer));
    this.#lastValues = new LastValues(bus, subjects, clock, {
      subscriptionOf: (token) => this.#subscriptions.get(token),
      isClosed: () => this.isClosed,
      found: (subscription, message) => this.#packet(subscription, message, false),
      waited: (subscription, message) => this.#deliver(subscription, message),
      failed: (cause) => {
        this.#issue('KITE_NATS_STREAM_FAILED', `the last ticks cannot be read yet: ${textOf(cause)}`, cause);
      },
    });
    this.#watch = new PublisherWatch({
      message: (body, account, connection, epoch) => {
        if (body.type === 'state' && body.state !== 'open')
          this.#stream.stopped(epoch, { account, connection });
        this.#emit(body, this.#origins.of(epoch, account, connection).tag);
      },
      replaced: (former, epoch, to) => {
        // What waits of the former life counts as received: it must not come behind the gap.
        for (const subscription of this.#subscriptions.values())
          for (const message of subscription.taken()) this.#deliver(subscription, message);
        const tokens = this.#stream.gone(former, false);
        const byStart = groupBy(tokens, (token) => this.#stream.coveredUntil(token));
        for (const [from, some] of byStart)
          this.#gapOf(some, { from, to, reason: 'the publisher was replaced' });
        this.#stream.adopt(tokens, former, epoch, to);
        this.#lastValues.readAgain(tokens);
      },
      lost: (epoch, isSilent) => this.#lastValues.readAgain(this.#stream.gone(epoch, isSilent)),
      beat: (epoch) => {
        this.#origins.renewed(epoch);
        this.#stream.look();
      },
      gap: (epoch, gap, origin) => {
        const tokens = this.#stream.feedGap(epoch, gap, origin, gap.instrumentTokens);
        if (tokens.length === 0) return;
        const { tag } = this.#origins.of(epoch, origin.account, origin.connection);
        this.#emit({ type: 'gap', ...gap, instrumentTokens: tokens }, tag);
      },
    });
    this.#origins = new Origins((epoch, account) => this.#watch.accountOf(epoch, account));
    this.#stream = new MergedStream(this.#watch, this.#origins, clock, {
      wantsFrames: () => this.outlet.wantsFrames,
      frame: (packets, source, receivedAt) => {
        this.outlet.frame(packets, source, receivedAt);
      },
      ticks: (ticks, origin, receivedAt, packets) => this.#ticks(ticks, origin, receivedAt, packets),
      gap: (tokens, gap) => this.#gapOf(tokens, gap),
      lastOf: (token) => this.#subscriptions.get(token)?.delivered.last,
      repeated: () => {
        this.#repeats++;
      },
    });
    this.#stops.push(
      bus.onState((state) => this.#busIs(state)),
      bus.onRefused((cause) => {
        const what = `the server refused: ${textOf(cause)}`;
        // Retries are refused every time: report each subject once per connection.
        if (!this.#refusals.has(what)) this.#issue('KITE_NATS_NOT_ALLOWED', what, cause);
        if (this.#refusals.size < MOST_REFUSALS) this.#refusals.add(what);
      }),
      bus.subscribe(subjects.allReports, (message) => this.#report(message)),
    );
    this.openings = new Openings(this.#subscriptions, {
      ...{ bus, subjects, clock, outlet: this.outlet },
      packetOf: ({ subject, data }, token) => this.#packetOf(subject, data, token),
      sourceOf: ({ epoch, account, connection }) => this.#origins.of(epoch, account, connection).tag,
      flush: () => {
        this.#stream.flush();
      },
      isSettled: () => this.#stream.isSettled,
      positionsOf: (token) => this.#stream.positionsOf(token),
      bySource: (tokens) => this.#bySource(tokens),
      failed: (cause) => {
        this.#issue('KITE_NATS_STREAM_FAILED', `past ticks cannot be read: ${textOf(cause)}`, cause);
      },
    });
    this.#orders = new OrderReader(bus, subjects, clock, {
      order: (order, account) => {
        this.#emit(
          { type: 'order', order },
          account === undefined ? NO_CONNECTION : { channelId: 0, apiKeyId: account },
        );
      },
      stranger: (subject, flaw) => this.#stranger(subject, flaw),
      failed: (cause) => {
        this.#issue('KITE_NATS_STREAM_FAILED', `orders cannot be read: ${textOf(cause)}`, cause);
      },
    });
    this.#look();
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes.view;
  }

  getStats(): BusFeedStats {
    return {
      isConnected: this.#bus.state === 'up',
      symbolCount: this.#modes.size,
      publishers: this.#watch.names,
      ticksReceived: this.#ticksReceived,
      repeats: this.#repeats,
      strangers: this.#strangers,
      droppedTicks: this.outlet.dropped,
    };
  }

  /** Subscribes to what is not subscribed yet, and reads the last values of the new instruments. */
  async want(modes: ReadonlyMap<number, Mode>): Promise<void> {
    const added: Subscription[] = [];
    for (const [token, mode] of modes) {
      this.#modes.set(token, mode);
      const known = this.#subscriptions.get(token);
      if (known) known.mode = mode;
      else added.push(this.#subscribe(token, mode));
    }
    if (added.length > 0 && this.#bus.state === 'up') await this.#lastValues.read(added);
  }

  drop(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.#stream.forget(token);
      this.#subscriptions.get(token)?.stop();
      this.#subscriptions.delete(token);
      this.#modes.delete(token);
    }
  }

  /** This program's demand; the key is unique to the program. */
  demandAs(key: string): StatedDemand {
    this.#demand = new StatedDemand(this.#bus, this.#subjects, this.#clock, key, {
      refused: (error) => this.#emit({ type: 'issue', issue: error }, NO_CONNECTION),
      lapsed: (since) => this.#lapsed(since),
    });
    return this.#demand;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  #subscribe(token: number, mode: Mode): Subscription {
    const subscription: Subscription = new Subscription(token, mode, () =>
      this.#bus.subscribe(this.#subjects.anyShard(token), (message) =>
        this.#packet(subscription, message, true),
      ),
    );
    this.#subscriptions.set(token, subscription);
    return subscription;
  }

  #packet(subscription: Subscription, { subject, data }: BusMessage, isLive: boolean): void {
    const message = this.#packetOf(subject, data, subscription.token);
    if (isLive) {
      this.#heardAt = this.#clock.now();
      subscription.hasCome = true;
    }
    if (message && !this.#watch.isLive(message.epoch)) {
      // If the last value is recent, its publisher is probably at work.
      const isRecent = message.receivedAt > this.#clock.now() - RECENT_MS;
      if (isLive || isRecent) this.#watch.sent(message.epoch, this.#clock.monotonic());
    }
    if (message && (!isLive || !subscription.keep(message))) this.#deliver(subscription, message);
  }

  /** Reads a message as a packet of this instrument; undefined: it is not one. */
  #packetOf(subject: string, data: Uint8Array, token: number): TickMessage | undefined {
    const message = decodeTickMessage(data);
    if ('flaw' in message) {
      this.#stranger(subject, message.flaw);
      return undefined;
    }
    const { packet } = message;
    // A DataView for each packet costs more than this.
    const found = ((packet[0]! << 24) | (packet[1]! << 16) | (packet[2]! << 8) | packet[3]!) >>> 0;
    if (found === token) return message;
    this.#stranger(subject, `its packet is of the instrument ${found}`);
    return undefined;
  }

  #deliver(subscription: Subscription, message: TickMessage): void {
    const { token } = subscription;
    if (this.#subscriptions.get(token) !== subscription) return;
    this.#stream.packet(token, message);
  }

  #ticks(
    ticks: Extract<TickerMessage, { type: 'ticks' }>['ticks'],
    { epoch, tag }: Origin,
    receivedAt: number,
    packets: readonly Uint8Array[] | undefined,
  ): void {
    this.#ticksReceived += ticks.length;
    for (const [index, tick] of ticks.entries()) {
      const subscription = this.#subscriptions.get(tick.instrumentToken);
      subscription?.delivered.note(epoch, tick, packets?.[index], tag, receivedAt);
    }
    this.outlet.message({ type: 'ticks', ticks, ...tag, receivedAt }, tag);
  }

  #report({ subject, data }: BusMessage): void {
    this.#heardAt = this.#clock.now();
    const report = decodeReport(data);
    if (report === undefined) return;
    if ('flaw' in report) this.#stranger(subject, report.flaw);
    else this.#watch.take(report, this.#clock.monotonic());
  }

  #busIs(state: BusState): void {
    if (this.isClosed) return;
    this.#stream.flush();
    if (state === 'down') {
      this.#downSince ??= this.#heardAt;
      const error = new KiteError(
        'KITE_NATS_CONNECTION_LOST',
        'the NATS server is gone; it is dialled again',
      );
      for (const source of this.#origins.known)
        this.#emit({ type: 'state', state: 'waiting', error }, source);
    } else if (state === 'up') this.#returned();
    else void this.#end(new KiteError('KITE_NATS_CLOSED', 'the NATS connection was closed'));
  }

  /** What was sent meanwhile may be lost: reports one gap, and reads the last values again. */
  #returned(): void {
    const from = this.#downSince ?? this.#heardAt;
    this.#downSince = undefined;
    this.#refusals.clear();
    this.#watch.excuse(this.#clock.monotonic());
    for (const source of this.#origins.known) this.#emit({ type: 'state', state: 'open' }, source);
    const all = [...this.#subscriptions.keys()];
    this.#stream.interrupted(all);
    this.#gapOf(all, { from, to: this.#clock.now(), reason: 'the NATS server was gone' });
    this.#lastValues.readAgain(all);
  }

  /** What nobody else wanted was not streamed meanwhile. */
  #lapsed(since: number): void {
    const silent = [...this.#subscriptions.values()].filter(({ delivered }) => delivered.isUntil(since));
    const tokens = silent.map(({ token }) => token);
    this.#gapOf(tokens, { from: since, to: this.#clock.now(), reason: 'the demand was not renewed in time' });
  }

  #gapOf(tokens: readonly number[], { from, to, reason }: Omit<Gap, 'instrumentTokens'>): void {
    // The ticks before the gap go first.
    this.#stream.flush();
    for (const [source, instrumentTokens] of this.#bySource(tokens))
      this.#emit({ type: 'gap', from: Math.min(from, to), to, reason, instrumentTokens }, source);
  }

  /** Instruments by the source of their last tick. */
  #bySource(tokens: readonly number[]): Map<SourceTag, number[]> {
    return groupBy(tokens, (token) => this.#subscriptions.get(token)?.delivered.source ?? NO_CONNECTION);
  }

  #emit(body: Body<TickerMessage>, source: SourceTag): void {
    this.#stream.flush();
    this.outlet.message({ ...body, ...source, receivedAt: this.#clock.now() }, source);
  }

  #stranger(subject: string, flaw: string): void {
    // One issue for the 1st, 10th, 100th … message, so that a flood of messages is no flood of issues.
    if (!/^10*$/u.test(String(++this.#strangers))) return;
    const what = `${counted(this.#strangers, 'message')} so far, the last on ${subject}: ${flaw}`;
    this.#issue('KITE_NATS_NOT_A_MESSAGE', `messages with an unknown format: ${what}`);
  }

  #issue(code: KiteErrorCode, message: string, cause?: unknown): void {
    const issue = new KiteError(code, message, cause === undefined ? {} : { cause });
    this.#emit({ type: 'issue', issue }, NO_CONNECTION);
  }

  #look(): void {
    const dueAt = this.#clock.monotonic() + WATCH_EVERY_MS;
    this.#timer.set(WATCH_EVERY_MS, () => {
      const now = this.#clock.monotonic();
      // A process that was blocked has not read yet what came meanwhile.
      this.#watch.excuse(now, now - dueAt);
      if (this.#bus.state === 'up') this.#watch.look(now);
      this.#look();
    });
  }

  #end(error?: KiteError): Promise<void> {
    return (this.#closing ??= this.#close(error));
  }

  async #close(error?: KiteError): Promise<void> {
    this.#timer.clear();
    this.#lastValues.close();
    this.#orders.close();
    for (const stop of this.#stops) stop();
    for (const subscription of this.#subscriptions.values()) subscription.stop();
    this.#stream.close();
    this.outlet.close(error);
    await this.#demand?.close();
    await this.#bus.close().catch(() => undefined);
  }
}
