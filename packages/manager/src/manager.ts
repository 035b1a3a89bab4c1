import type {
  AccessToken,
  Channel,
  ChannelId,
  ChannelOptions,
  ConnectionStats,
  RawChannelOptions,
  RawTick,
} from '@kite/connection';
import { begunAfter, checkOptions, Listeners, promised } from '@kite/kit';
import {
  assertMode,
  KiteInputError,
  type Mode,
  parseInstrumentTokens,
  type RawFrame,
  type Tick,
  type TickBatch,
  type TickerMessage,
} from '@kite/protocol';

import {
  assertListener,
  checkNewCredentials,
  Endpoint,
  listenerFailed,
  Outlets,
} from './connection-parts.js';
import { MANAGER_EVENTS, type ManagerEvents, type OwnEvents } from './events.js';
import { Fleet } from './fleet.js';
import { assessHealth, type HealthSummary, sum } from './health.js';
import { HealthWatch } from './health-watch.js';
import { lastTickOf, LastTicks } from './last-ticks.js';
import { type OptionBuilder, optionBuilder } from './option-builder.js';
import {
  ASSIGN_RULES,
  MANAGER_RULES,
  type ManagerConfig,
  type ManagerOptionName,
  type ManagerOptions,
  type ResolvedManagerConfig,
  resolveManagerOptions,
  START_RULES,
} from './options.js';
import type { ProcessorStats } from './processor-stats.js';
import { MANAGER_PARTS, type ManagerInside, type ManagerParts, managerSeam } from './seam.js';
import { SilenceTracker } from './silence-tracker.js';
import type { ManagerStats } from './stats.js';

/** What `KiteTickerManager.builder` gives. */
export type KiteTickerManagerBuilder = OptionBuilder<ManagerConfig, KiteTickerManager>;

/**
 * One account's whole allowance, up to 3 connections and 9000 instruments, as one feed.
 *
 * Spreads instruments over the connections, keeps each alive, moves instruments away from one that stays down, and tells
 * in the stream whatever happens to them.
 */
export class KiteTickerManager implements AsyncDisposable {
  /** For the packages above this one. */
  static readonly [managerSeam]: ManagerParts = MANAGER_PARTS;

  /** For the packages above this one. */
  readonly [managerSeam]: ManagerInside;

  readonly #config: ResolvedManagerConfig;
  readonly #fleet: Fleet;
  readonly #outlets: Outlets;
  readonly #silence: SilenceTracker;
  readonly #lastTicks: LastTicks | undefined;
  readonly #health: HealthWatch<HealthSummary>;
  readonly #listeners: Listeners<OwnEvents>;
  #unplaced: readonly number[] = [];

  /**
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION`, `KITE_CONNECTION_INVALID_OPTION` (the URL) or
   * `KITE_CONNECTION_INSECURE_URL`
   */
  constructor(options: ManagerOptions);
  constructor(apiKey: string, accessToken: AccessToken, config?: ManagerConfig);
  constructor(first: ManagerOptions | string, accessToken?: AccessToken, rest?: ManagerConfig) {
    const options = typeof first === 'string' ? { ...rest, apiKey: first, accessToken: accessToken! } : first;
    const config = resolveManagerOptions(options);
    this.#config = config;
    const endpoint = new Endpoint(config.url, config.allowInsecure);
    this.#fleet = new Fleet(
      { ...config, endpoint },
      {
        started: () => {
          this.#health.start();
        },
        changed: () => {
          this.#changed();
        },
        stopped: () => {
          this.#health.stop();
        },
      },
    );
    const hubs = this.#fleet.connections.map(({ hub }) => hub);
    this.#outlets = new Outlets(hubs, config);
    this.#silence = new SilenceTracker(config.clock);
    this.#lastTicks = config.lastTicks ? new LastTicks(this.#fleet.modes) : undefined;
    this[managerSeam] = this.#inside();
    this[managerSeam].attach(this.#silence);
    if (this.#lastTicks) this[managerSeam].attach(this.#lastTicks);
    this.#listeners = new Listeners((cause, type) => {
      hubs[0]?.issue(listenerFailed(cause, type));
    });
    this.#health = new HealthWatch({
      clock: config.clock,
      intervalMs: config.healthCheckIntervalMs,
      assess: () => this.getHealth(),
      tell: (health) => {
        this.#listeners.emit('health', health);
      },
    });
  }

  /** A builder with a setter for each option, as in `KiteTickerManager.builder(key, token).rawOnly(true).build()`. */
  static builder(apiKey: string, accessToken: AccessToken): KiteTickerManagerBuilder {
    const options = Object.keys(MANAGER_RULES) as ManagerOptionName[];
    return optionBuilder(options, (config) => new KiteTickerManager({ ...config, apiKey, accessToken }));
  }

  /**
   * Opens the connections. Settles when each one has opened or had its first attempt fail, and resolves if one is open;
   * the others are tried on. While it is under way, another call gets the same promise; once started, it resolves at once.
   *
   * Rejects with `KITE_MANAGER_START_FAILED`, whose `reasons` has every failure, and `KITE_MANAGER_STOPPED` when `stop()`
   * is called before; then nothing is left running. Channels outlive a start that has failed, and a stop ends them. With
   * `keepTrying` it resolves even if none is open, and goes on.
   */
  start(options: { keepTrying?: boolean } = {}): Promise<void> {
    return begunAfter(
      () => {
        checkOptions(KiteInputError, 'KITE_MANAGER_INVALID_OPTION', options, START_RULES);
      },
      () => this.#fleet.start(options.keepTrying ?? false),
    );
  }

  /**
   * Closes every socket and thread, and ends every channel; the process can then exit. Idempotent. `start()` works again
   * after it, with the same subscriptions and new channels.
   */
  stop(): Promise<void> {
    return this.#fleet.stop();
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Streams these instruments, spread over the connections. One that is already subscribed keeps its mode unless one is
   * given; a new one gets `defaultMode`. Resolves when the wish is recorded and handed to the open connections.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or `KITE_MANAGER_CAPACITY`, which says how
   * many would fit; then nothing has changed and nothing was sent.
   */
  subscribeSymbols(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    return promised(() => {
      if (mode !== undefined) assertMode(mode);
      const list = parseInstrumentTokens(tokens);
      const added = list.filter((token) => !this.#fleet.modes.has(token));
      this.#fleet.subscribe(list, mode);
      this.#silence.await(added);
    });
  }

  /**
   * Streams each of these instruments in its own mode, with no more requests than if they shared one. Rejects as
   * {@link subscribeSymbols}.
   */
  assignSymbols(modes: ReadonlyMap<number, Mode>): Promise<void> {
    return promised(() => {
      checkOptions(KiteInputError, 'KITE_MANAGER_INVALID_OPTION', { modes }, ASSIGN_RULES);
      for (const mode of modes.values()) assertMode(mode);
      const added = parseInstrumentTokens(modes.keys()).filter((token) => !this.#fleet.modes.has(token));
      this.#fleet.assign(modes);
      this.#silence.await(added);
    });
  }

  /** Stops streaming these instruments; those that are not subscribed are ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`. */
  unsubscribeSymbols(tokens: Iterable<number>): Promise<void> {
    return promised(() => {
      const list = parseInstrumentTokens(tokens);
      this.#fleet.unsubscribe(list);
      this.#silence.forget(list);
      this.#lastTicks?.forget(list);
    });
  }

  /**
   * Changes the mode of subscribed instruments. Rejects with `KITE_MANAGER_NOT_SUBSCRIBED`, which lists the tokens that
   * are not; then nothing has changed and nothing was sent.
   */
  changeMode(tokens: Iterable<number>, mode: Mode): Promise<void> {
    return promised(() => {
      assertMode(mode);
      this.#fleet.changeMode(parseInstrumentTokens(tokens), mode);
    });
  }

  /** Token to mode, of all connections. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#fleet.modes;
  }

  /** Everything that one connection has to say, in order; undefined for one that `maxConnections` does not include. */
  getChannel(channelId: ChannelId, options?: ChannelOptions): Channel<TickerMessage> | undefined {
    return this.#outletsOf(channelId)?.messages(options);
  }

  /** A channel for each connection. */
  getAllChannels(options?: ChannelOptions): [ChannelId, Channel<TickerMessage>][] {
    return this.#fleet.connections.map(({ channelId, hub }) => [
      channelId,
      new Outlets([hub], this.#config).messages(options),
    ]);
  }

  /** Everything that all connections have to say, as one stream. */
  getUnifiedChannel(options?: ChannelOptions): Channel<TickerMessage> {
    return this.#outlets.messages(options);
  }

  /**
   * The ticks of all connections, by the frame; gaps and outages are marked on the batches.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY`
   */
  ticks(options?: ChannelOptions): Channel<TickBatch> {
    return this.#outlets.ticks(options);
  }

  /** One connection's binary messages as they came; undefined for one that `maxConnections` does not include. */
  getRawFrameChannel(channelId: ChannelId, options?: RawChannelOptions): Channel<RawFrame> | undefined {
    return this.#outletsOf(channelId)?.rawFrames(options);
  }

  /** A channel of raw frames for each connection. */
  getAllRawFrameChannels(options?: RawChannelOptions): [ChannelId, Channel<RawFrame>][] {
    return this.#fleet.connections.map(({ channelId, hub }) => [
      channelId,
      new Outlets([hub], this.#config).rawFrames(options),
    ]);
  }

  /** Views of one connection's full packets; undefined for one that `maxConnections` does not include. */
  getFullRawSubscriber(channelId: ChannelId, options?: RawChannelOptions): Channel<RawTick> | undefined {
    return this.#outletsOf(channelId)?.fullRaw(options);
  }

  /**
   * Calls the listener for each message of this type on any connection, or for each undecoded `frame`: synchronously,
   * before any channel gets it; or for `health`, when its status changes. A listener that throws is contained and
   * reported as an `issue`. Returns how to stop listening.
   *
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for an event that there is not
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks`
   */
  on<Type extends keyof ManagerEvents>(
    type: Type,
    listener: (event: ManagerEvents[Type]) => unknown,
  ): () => void {
    assertListener('KITE_MANAGER_INVALID_OPTION', MANAGER_EVENTS, type, listener);
    if (type === 'health' || type === 'unplaced') return this.#listeners.on(type, listener as never);
    if (type === 'ticks') this.#outlets.assertDecodes();
    const stops = this.#fleet.connections.map(({ hub }) => hub.on(type, listener as never));
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Which connection holds which instruments. */
  getSymbolDistribution(): Record<ChannelId, number[]> {
    const distribution = {} as Record<ChannelId, number[]>;
    for (const { channelId } of this.#fleet.connections)
      distribution[channelId] = [...this.#fleet.heldBy(channelId)];
    return distribution;
  }

  /**
   * Instruments that have been subscribed on an open connection for so many milliseconds and never sent a packet: Kite
   * acknowledges nothing and sends a cached tick to a living token at once, so these are dead or mistyped.
   *
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for anything but a finite number of milliseconds from 0
   */
  getSilentSymbols(forMs: number): number[] {
    if (!Number.isFinite(forMs) || forMs < 0) {
      const allowed = 'a finite number of milliseconds from 0';
      throw new KiteInputError('KITE_MANAGER_INVALID_OPTION', { field: 'forMs', value: forMs, allowed });
    }
    const uptimes = new Map(
      this.#fleet.connections.map(({ channelId, hub }) => [channelId, hub.stats(0).connectionUptimeMs]),
    );
    return this.#silence.silentFor(forMs, (token) => uptimes.get(this.#fleet.homeOf(token)!) ?? null);
  }

  /**
   * The newest tick of an instrument; undefined before its first.
   *
   * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` unless the option `lastTicks` is on
   */
  getLastTick(token: number): Tick | undefined {
    return lastTickOf(this.#lastTicks, token);
  }

  /** What has been counted so far: since the manager was made, over stops as well. */
  getStats(): ManagerStats {
    const connectionStats = this.#connectionStats();
    return {
      totalSymbols: this.#fleet.modes.size,
      activeConnections: connectionStats.filter(({ isConnected }) => isConnected).length,
      totalMessagesReceived: sum(connectionStats, 'messagesReceived'),
      totalMessagesParsed: sum(connectionStats, 'messagesParsed'),
      totalErrors: sum(connectionStats, 'errorsCount'),
      uptimeMs: this.#fleet.uptimeMs,
      connectionStats,
    };
  }

  /** How each connection's frames are processed: one entry for each, as in {@link getStats}. */
  getProcessorStats(): ProcessorStats[] {
    return this.#fleet.connections.map((connection) => connection.processorStats());
  }

  /** How things stand now. `on('health', …)` tells when the status changes. */
  getHealth(): HealthSummary {
    const troubles = new Map<ChannelId, string>();
    for (const { channelId, trouble } of this.#fleet.connections)
      if (trouble !== undefined) troubles.set(channelId, trouble);
    return assessHealth({
      connections: this.#connectionStats(),
      troubles,
      totalSymbols: this.#fleet.modes.size,
      unplacedSymbols: this.#fleet.unplaced.length,
      livenessThresholdMs: this.#config.heartbeatLivenessThresholdMs,
      uptimeMs: this.#fleet.uptimeMs,
    });
  }

  /**
   * Credentials for the next connects; open streams go on, since they are checked only there. Failed connections are
   * opened again with them. Rejects with `KITE_MANAGER_INVALID_OPTION`, and with `KITE_CONNECTION_LIMIT_REACHED` where
   * another API key has connections in this process already.
   */
  updateCredentials(credentials: { apiKey?: string; accessToken: AccessToken }): Promise<void> {
    return promised(() => {
      checkNewCredentials('KITE_MANAGER_INVALID_OPTION', credentials);
      this.#fleet.updateCredentials(credentials.apiKey, credentials.accessToken);
    });
  }

  /** Instruments whose connection is down while no other has room. */
  getUnplacedSymbols(): number[] {
    return [...this.#fleet.unplaced];
  }

  /** How many more instruments the connections that are healthy could take. */
  getFreeCapacity(): number {
    return this.#fleet.room;
  }

  /** What may be shown: no credentials. */
  toJSON(): { health: HealthSummary; stats: ManagerStats } {
    return { health: this.getHealth(), stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const states = this.#fleet.connections.map(({ hub }) => hub.stats(0).state).join(', ');
    return `KiteTickerManager { connections: [${states}], symbols: ${this.#fleet.modes.size} }`;
  }

  #inside(): ManagerInside {
    const fleet = this.#fleet;
    return {
      attach(consumer) {
        for (const { hub } of fleet.connections) hub.attach(consumer);
        return () => {
          for (const { hub } of fleet.connections) hub.detach(consumer);
        };
      },
      countDropped(channelId, weight, isFirst) {
        fleet.connections[channelId]?.hub.countDropped(weight, isFirst);
      },
      outagesOf: (tokens) => fleet.outagesOf(tokens),
      missed(outages) {
        fleet.missed(outages);
      },
      halt: () => fleet.halt(),
    };
  }

  #outletsOf(channelId: ChannelId): Outlets | undefined {
    const connection = this.#fleet.connections.find((candidate) => candidate.channelId === channelId);
    return connection && new Outlets([connection.hub], this.#config);
  }

  #connectionStats(): ConnectionStats[] {
    return this.#fleet.connections.map((connection) =>
      connection.hub.stats(this.#fleet.heldBy(connection.channelId).size),
    );
  }

  #changed(): void {
    const { unplaced } = this.#fleet;
    if (!isSameList(unplaced, this.#unplaced)) {
      this.#unplaced = unplaced;
      this.#listeners.emit('unplaced', unplaced);
    }
    this.#health.look();
  }
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
