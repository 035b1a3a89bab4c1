import { type Channel, type ChannelOptions, KiteFeed, type LazyTickBatch } from '@kite/connection';
import { withMethods } from '@kite/kit';
import {
  assertMode,
  KiteError,
  KiteInputError,
  type Mode,
  parseInstrumentTokens,
  type TickBatch,
} from '@kite/protocol';

import { CONNECTION_DEFAULTS } from '../connection-parts.js';
import type { BusFeedStats } from './bus-feed-stats.js';
import type { BusReader } from './bus-reader.js';
import { NATS_PARTS, type NatsParts, natsSeam } from './seam.js';
import type { StatedDemand } from './stated-demand.js';

/** The end of the year 9999: JetStream knows no later time. A time in microseconds is later. */
const MAX_TIME = Date.UTC(10_000, 0) - 1;

const isMap = withMethods('keys', 'values', 'get').accepts;

/** Options of {@link BusFeed.ticks}. */
export interface BusChannelOptions extends ChannelOptions {
  /**
   * `last`: begins with the last tick of each instrument, then goes on live. A time, Unix milliseconds: begins with
   * what publishers have received of the subscribed instruments since then, as fast as the channel is read, then goes
   * on live, each tick once; the server keeps a day by default. Default: from now on; an instrument subscribed later
   * always begins with its last tick.
   */
  from?: 'last' | number | undefined;
}

/**
 * A feed of what publishers put on the bus: the instruments that this program subscribes to, with every gap in its
 * place. From `openBusFeed`; lives until {@link close}.
 */
export class BusFeed extends KiteFeed implements AsyncDisposable {
  /** @internal */
  static readonly [natsSeam]: NatsParts = NATS_PARTS;
  /** The name given to `openBusFeed`. */
  readonly name: string;
  readonly #reader: BusReader;
  readonly #demand: StatedDemand;
  /** The last call that wanted an instrument. */
  readonly #wantedBy = new Map<number, symbol>();
  /** The call that gives an instrument up as soon as collectors have answered. */
  readonly #unwantedBy = new Map<number, symbol>();

  /** @internal */
  constructor(name: string, reader: BusReader, demand: StatedDemand) {
    super(reader.outlet);
    this.name = name;
    this.#reader = reader;
    this.#demand = demand;
  }

  /** What is subscribed, token to mode. A read-only view. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#reader.modes;
  }

  /**
   * Only ticks, by the frame; gaps and losses are marked on the batches.
   *
   * @throws KiteInputError `KITE_NATS_INVALID_OPTION` for a `from` that is no time, `KITE_CONNECTION_INVALID_OPTION`
   */
  override ticks(options: BusChannelOptions & { form: 'lazy' }): Channel<LazyTickBatch>;
  override ticks(options?: BusChannelOptions): Channel<TickBatch>;
  override ticks({ from, ...options }: BusChannelOptions = {}): Channel<TickBatch> {
    if (from === undefined) return super.ticks(options);
    if (from === 'last') return this.#reader.openings.withLast(() => super.ticks(options));
    if (!Number.isFinite(from) || from < 0 || from > MAX_TIME)
      throw new KiteInputError('KITE_NATS_INVALID_OPTION', {
        field: 'from',
        value: from,
        allowed: "'last', or a time in Unix milliseconds",
      });
    // An array: it is iterated twice.
    const tokens = options.tokens && parseInstrumentTokens(options.tokens as Iterable<number>);
    const { capacityTicks = CONNECTION_DEFAULTS.capacityTicks, overflow } = options;
    const pace = { capacityTicks, isConflated: overflow === 'conflate' };
    return this.#reader.openings.since(from, tokens ?? this.#reader.modes.keys(), pace, () =>
      super.ticks({ ...options, tokens }),
    );
  }

  /**
   * Subscribes to these instruments. Without a mode, subscribed ones keep theirs and new ones get `quote`. Each new one
   * begins with its last tick. A collector that serves demand subscribes to them; ticks come in the collector's mode,
   * the highest that any program wants.
   *
   * Resolves when the last ticks have come and a collector has answered: after 3 s if none answers, at once if none
   * serves demand. While the server is gone it resolves at once, and the ticks come when the server is back. Rejects
   * with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or `KITE_NATS_CLOSED`, or with the error of the
   * collector's own call if the collector refuses, such as `KITE_MANAGER_CAPACITY`; then nothing has changed.
   */
  async subscribeSymbols(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    this.#assertOpen();
    const list = parseInstrumentTokens(tokens);
    if (mode !== undefined) assertMode(mode);
    const { modes } = this.#reader;
    await this.#change(new Map(list.map((token) => [token, mode ?? modes.get(token) ?? 'quote'])));
  }

  /**
   * Subscribes to exactly these instruments: the whole set in one call. Rejects like {@link subscribeSymbols}, and with
   * `KITE_NATS_INVALID_OPTION` for anything but a Map.
   */
  async replaceSymbols(modes: ReadonlyMap<number, Mode>): Promise<void> {
    this.#assertOpen();
    if (!isMap(modes))
      throw new KiteInputError('KITE_NATS_INVALID_OPTION', {
        field: 'modes',
        value: modes,
        allowed: 'a Map of instruments to modes',
      });
    const wanted = new Map(parseInstrumentTokens(modes.keys()).map((token) => [token, modes.get(token)!]));
    for (const mode of wanted.values()) assertMode(mode);
    await this.#change(
      wanted,
      [...this.#reader.modes.keys()].filter((token) => !wanted.has(token)),
    );
  }

  /** Unsubscribes; ignores what is not subscribed. Rejects with `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_NATS_CLOSED`. */
  async unsubscribeSymbols(tokens: Iterable<number>): Promise<void> {
    await Promise.resolve();
    this.#assertOpen();
    await this.#change(new Map(), parseInstrumentTokens(tokens));
  }

  /** Strict: rejects with `KITE_NATS_NOT_SUBSCRIBED` if one of them is not subscribed; then nothing has changed. */
  async changeMode(tokens: Iterable<number>, mode: Mode): Promise<void> {
    this.#assertOpen();
    assertMode(mode);
    const list = parseInstrumentTokens(tokens);
    const unknown = list.filter((token) => !this.#reader.modes.has(token));
    if (unknown.length > 0) {
      const what = `not subscribed: ${unknown.slice(0, 10).join(', ')}${unknown.length > 10 ? ', …' : ''}`;
      throw new KiteError('KITE_NATS_NOT_SUBSCRIBED', what, { tokens: unknown });
    }
    await this.#change(new Map(list.map((token) => [token, mode])));
  }

  /** Plain figures: what was received and what was lost. */
  getStats(): BusFeedStats {
    return this.#reader.getStats();
  }

  /** Ends its channels and closes its own connection. Idempotent. */
  close(): Promise<void> {
    return this.#reader.close();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Changes what is read here and what collectors subscribe to; if they refuse, nothing has changed. What a later call
   * says meanwhile about an instrument counts.
   */
  async #change(wanted: ReadonlyMap<number, Mode>, unwanted: readonly number[] = []): Promise<void> {
    const reader = this.#reader;
    if (wanted.size === 0) {
      for (const token of unwanted) this.#wantedBy.delete(token);
      this.#drop(unwanted);
      // Giving up is never refused; any other refusal is reported in the stream.
      await this.#demand.state(this.#left).catch(() => undefined);
      return;
    }
    const call = Symbol('call');
    const before = [...wanted.keys()].map((token) => [token, reader.modes.get(token)] as const);
    for (const token of wanted.keys()) {
      this.#wantedBy.set(token, call);
      this.#unwantedBy.delete(token);
    }
    for (const token of unwanted) {
      this.#wantedBy.delete(token);
      this.#unwantedBy.set(token, call);
    }
    const caughtUp = reader.want(wanted);
    const isUnwanted = (token: number): boolean => this.#unwantedBy.get(token) === call;
    try {
      await this.#demand.state(this.#left);
    } catch (error) {
      for (const token of unwanted) if (isUnwanted(token)) this.#unwantedBy.delete(token);
      const own = before.filter(([token]) => this.#wantedBy.get(token) === call);
      this.#drop(own.flatMap(([token, mode]) => (mode ? [] : [token])));
      void reader.want(new Map(own.flatMap(([token, mode]) => (mode ? [[token, mode] as const] : []))));
      await this.#demand.state(this.#left).catch(() => undefined);
      throw error;
    }
    this.#drop(unwanted.filter(isUnwanted));
    await caughtUp;
  }

  /** What is subscribed, without what is about to be given up. */
  get #left(): Map<number, Mode> {
    return new Map([...this.#reader.modes].filter(([token]) => !this.#unwantedBy.has(token)));
  }

  #drop(tokens: readonly number[]): void {
    for (const token of tokens) this.#unwantedBy.delete(token);
    this.#reader.drop(tokens);
  }

  #assertOpen(): void {
    if (this.#reader.isClosed)
      throw new KiteError('KITE_NATS_CLOSED', `the bus feed '${this.name}' was closed`);
  }
}
