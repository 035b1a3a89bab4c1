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
import type { StatedDemand } from './stated-demand.js';

const isMap = withMethods('keys', 'values', 'get').accepts;

/** Options of {@link BusFeed.ticks}. */
export interface BusChannelOptions extends ChannelOptions {
  /**
   * `last`: begins with the last tick of each instrument that the feed has, and goes on live. A time, Unix milliseconds: begins
   * with what publishers have received since then of the instruments that are subscribed, as fast as the channel is read, and
   * goes on live, each tick once; the server keeps a day unless told otherwise. Default: from now on; but what is subscribed
   * later always begins with its last tick.
   */
  from?: 'last' | number | undefined;
}

/**
 * A feed of what publishers put on the bus: the instruments that this program subscribes to, with every gap in its place. It
 * comes from `openBusFeed`, and lives until {@link close}.
 */
export class BusFeed extends KiteFeed implements AsyncDisposable {
  /** As it was given. */
  readonly name: string;
  readonly #reader: BusReader;
  readonly #demand: StatedDemand;

  /** @internal */
  constructor(name: string, reader: BusReader, demand: StatedDemand) {
    super(reader.outlet);
    this.name = name;
    this.#reader = reader;
    this.#demand = demand;
  }

  /** Token to mode: what is subscribed. A view, which cannot be changed. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#reader.modes;
  }

  /**
   * Ticks alone, by the frame; gaps and losses are marked on the batches.
   *
   * @throws KiteInputError `KITE_NATS_INVALID_OPTION` for a `from` that is no time, `KITE_CONNECTION_INVALID_OPTION`
   */
  override ticks(options: BusChannelOptions & { form: 'lazy' }): Channel<LazyTickBatch>;
  override ticks(options?: BusChannelOptions): Channel<TickBatch>;
  override ticks({ from, ...options }: BusChannelOptions = {}): Channel<TickBatch> {
    if (from === undefined) return super.ticks(options);
    if (from === 'last') return this.#reader.openings.withLast(() => super.ticks(options));
    if (!Number.isFinite(from) || from < 0)
      throw new KiteInputError('KITE_NATS_INVALID_OPTION', {
        field: 'from',
        value: from,
        allowed: "'last', or a time in Unix milliseconds",
      });
    // Gone through twice.
    const tokens = options.tokens && parseInstrumentTokens(options.tokens as Iterable<number>);
    const { capacityTicks = CONNECTION_DEFAULTS.capacityTicks, overflow } = options;
    const pace = { capacityTicks, isConflated: overflow === 'conflate' };
    return this.#reader.openings.since(from, tokens ?? this.#reader.modes.keys(), pace, () =>
      super.ticks({ ...options, tokens }),
    );
  }

  /**
   * Subscribes to these instruments; one that is subscribed keeps its mode unless one is given, a new one gets `quote`. Each
   * new one begins with its last tick. A collector that serves demand subscribes to them; ticks come in the mode that it has,
   * which is the highest that any program wants.
   *
   * Resolves when the last ticks are there and a collector has answered; after 3 s where none does, at once where none serves
   * demand. While the server is gone it resolves at once, and the ticks come when it is back. Rejects with
   * `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or `KITE_NATS_CLOSED`, and with the error of the collector's own
   * call where that refuses, such as `KITE_MANAGER_CAPACITY`; then nothing has changed.
   */
  async subscribeSymbols(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    this.#assertOpen();
    const list = parseInstrumentTokens(tokens);
    if (mode !== undefined) assertMode(mode);
    const { modes } = this.#reader;
    await this.#change(new Map(list.map((token) => [token, mode ?? modes.get(token) ?? 'quote'])));
  }

  /**
   * Subscribes to these instruments, and to no others: its whole set in one call. Rejects as {@link subscribeSymbols}, and with
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

  /** Wants these no longer; what is not subscribed is ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN` or `KITE_NATS_CLOSED`. */
  async unsubscribeSymbols(tokens: Iterable<number>): Promise<void> {
    await Promise.resolve();
    this.#assertOpen();
    await this.#change(new Map(), parseInstrumentTokens(tokens));
  }

  /** Strict: rejects with `KITE_NATS_NOT_SUBSCRIBED` where one of them is not subscribed; then nothing has changed. */
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

  /** Plain figures: what was received, and what was not. */
  getStats(): BusFeedStats {
    return this.#reader.getStats();
  }

  /** Ends its channels, and closes the connection that was opened for it. Idempotent. */
  close(): Promise<void> {
    return this.#reader.close();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Changes what is heard here, and what collectors are to subscribe to; where they refuse, nothing has changed. */
  async #change(wanted: ReadonlyMap<number, Mode>, unwanted: readonly number[] = []): Promise<void> {
    const reader = this.#reader;
    if (wanted.size === 0) {
      reader.drop(unwanted);
      // Nobody can refuse to give up something; what else is refused is told in the stream.
      await this.#demand.state(reader.modes).catch(() => undefined);
      return;
    }
    const before = [...wanted.keys()].map((token) => [token, reader.modes.get(token)] as const);
    const caughtUp = reader.want(wanted);
    const left = new Map(reader.modes);
    for (const token of unwanted) left.delete(token);
    try {
      await this.#demand.state(left);
    } catch (error) {
      reader.drop(before.flatMap(([token, mode]) => (mode ? [] : [token])));
      void reader.want(new Map(before.flatMap(([token, mode]) => (mode ? [[token, mode] as const] : []))));
      await this.#demand.state(reader.modes).catch(() => undefined);
      throw error;
    }
    reader.drop(unwanted);
    await caughtUp;
  }

  #assertOpen(): void {
    if (this.#reader.isClosed)
      throw new KiteError('KITE_NATS_CLOSED', `the bus feed '${this.name}' was closed`);
  }
}
