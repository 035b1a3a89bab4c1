import {
  assertMode,
  checkCredentials,
  ChannelId,
  Endpoint,
  KiteError,
  Listeners,
  Outlets,
  parseInstrumentTokens,
  promised,
  type AccessToken,
  type Channel,
  type ChannelOptions,
  type ConnectionStats,
  type Mode,
  type RawChannelOptions,
  type RawFrame,
  type RawTick,
  type Tick,
  type TickBatch,
  type TickerEvents,
  type TickerMessage,
  type TickerState,
  type TimerHandle,
} from '@kite/connection';

import { assessHealth, sum, type HealthSummary } from './health.js';
import { LastTicks } from './last-ticks.js';
import { openLinkPool, type LinkPool } from './link-pool.js';
import { ManagedConnection } from './managed-connection.js';
import { optionBuilder, type OptionBuilder } from './option-builder.js';
import {
  MANAGER_RULES,
  resolveManagerOptions,
  type ManagerConfig,
  type ManagerOptions,
  type ResolvedManagerConfig,
} from './options.js';
import { OrderDedup } from './order-dedup.js';
import type { ProcessorStats } from './processor-stats.js';
import { shareCalls } from './share-calls.js';
import { SilenceTracker } from './silence-tracker.js';
import type { ManagerStats } from './stats.js';
import { SymbolLedger, type LedgerChange } from './symbol-ledger.js';

/** What `KiteTickerManager.builder` gives. */
export type KiteTickerManagerBuilder = OptionBuilder<ManagerConfig, KiteTickerManager>;

/** What can be listened to: everything that a connection has to say, and the health when its status changes. */
export type ManagerEvents = TickerEvents & { health: HealthSummary };

/** Dials follow each other at this distance: three handshakes at once look like an attack to a load balancer. */
const STAGGER_MS = 50;

/**
 * One account's whole allowance, up to 3 connections and 9000 instruments, as one feed.
 *
 * Spreads instruments over the connections, keeps each alive, moves instruments away from one that stays down, and tells
 * in the stream whatever happens to them.
 */
export class KiteTickerManager implements AsyncDisposable {
  readonly #config: ResolvedManagerConfig;
  readonly #endpoint: Endpoint;
  readonly #connections: readonly ManagedConnection[];
  readonly #ledger: SymbolLedger;
  readonly #outlets: Outlets;
  readonly #orders = new OrderDedup();
  readonly #silence: SilenceTracker;
  readonly #lastTicks: LastTicks | undefined;
  readonly #healthListeners: Listeners<{ health: HealthSummary }>;
  #apiKey: string;
  #accessToken: AccessToken;
  #pool: LinkPool | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** This start, until its stop. */
  #run: symbol | undefined;
  #startedAt: number | undefined;
  #healthTimer: TimerHandle;
  #lastStatus: HealthSummary['status'] = 'critical';

  /**
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION`, `KITE_CONNECTION_INVALID_OPTION` (the URL) or
   * `KITE_CONNECTION_INSECURE_URL`
   */
  constructor(options: ManagerOptions);
  constructor(apiKey: string, accessToken: AccessToken, config?: ManagerConfig);
  constructor(first: ManagerOptions | string, accessToken?: AccessToken, config?: ManagerConfig) {
    const options =
      typeof first === 'string' ? { ...config, apiKey: first, accessToken: accessToken! } : first;
    const { apiKey, accessToken: token, ...resolved } = resolveManagerOptions(options);
    this.#apiKey = apiKey;
    this.#accessToken = shareCalls(token);
    this.#config = resolved;
    this.#endpoint = new Endpoint(resolved.url, resolved.allowInsecure);
    this.#connections = ChannelId.all()
      .slice(0, resolved.maxConnections)
      .map((channelId) => this.#makeConnection(channelId));
    this.#ledger = new SymbolLedger({
      ...resolved,
      channelIds: this.#connections.map(({ channelId }) => channelId),
    });
    const hubs = this.#connections.map(({ hub }) => hub);
    this.#outlets = new Outlets(hubs, resolved);
    this.#silence = new SilenceTracker(resolved.clock);
    this.#lastTicks = resolved.lastTicks ? new LastTicks() : undefined;
    for (const hub of hubs) {
      hub.attach(this.#silence);
      if (this.#lastTicks) hub.attach(this.#lastTicks);
    }
    this.#healthListeners = new Listeners((cause) => {
      hubs[0]?.issue(
        new KiteError('KITE_CONNECTION_LISTENER_FAILED', "a listener of 'health' failed", { cause }),
      );
    });
  }

  /** A builder with a setter for each option, as in `KiteTickerManager.builder(key, token).rawOnly(true).build()`. */
  static builder(apiKey: string, accessToken: AccessToken): KiteTickerManagerBuilder {
    const options = Object.keys(MANAGER_RULES) as (keyof ManagerConfig)[];
    return optionBuilder(options, (config) => new KiteTickerManager({ ...config, apiKey, accessToken }));
  }

  /**
   * Opens the connections. Settles when each one has opened or had its first attempt fail, and resolves if one is open;
   * the others are tried on. While it is under way, another call gets the same promise; once started, it resolves at once.
   *
   * Rejects with `KITE_MANAGER_START_FAILED`, whose `reasons` has every failure, and `KITE_MANAGER_STOPPED` when `stop()`
   * is called before; then nothing is left running.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /**
   * Closes every socket and thread, and ends every channel; the process can then exit. Idempotent. `start()` works again
   * after it, with the same subscriptions and new channels.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#close().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

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
      const added = list.filter((token) => !this.#ledger.modes.has(token));
      this.#apply(this.#ledger.subscribe(list, mode));
      this.#silence.await(added);
    });
  }

  /** Stops streaming these instruments; those that are not subscribed are ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`. */
  unsubscribeSymbols(tokens: Iterable<number>): Promise<void> {
    return promised(() => {
      const list = parseInstrumentTokens(tokens);
      this.#apply(this.#ledger.unsubscribe(list));
      this.#silence.forget(list);
      this.#lastTicks?.forget(list);
      this.#placeUnplaced();
    });
  }

  /**
   * Changes the mode of subscribed instruments. Rejects with `KITE_MANAGER_NOT_SUBSCRIBED`, which lists the tokens that
   * are not; then nothing has changed and nothing was sent.
   */
  changeMode(tokens: Iterable<number>, mode: Mode): Promise<void> {
    return promised(() => {
      assertMode(mode);
      this.#apply(this.#ledger.changeMode(parseInstrumentTokens(tokens), mode));
    });
  }

  /** Token to mode, of all connections. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#ledger.modes;
  }

  /** Everything that one connection has to say, in order; undefined for one that `maxConnections` does not include. */
  getChannel(channelId: ChannelId, options?: ChannelOptions): Channel<TickerMessage> | undefined {
    return this.#outletsOf(channelId)?.messages(options);
  }

  /** A channel for each connection. */
  getAllChannels(options?: ChannelOptions): [ChannelId, Channel<TickerMessage>][] {
    return this.#connections.map(({ channelId, hub }) => [
      channelId,
      new Outlets([hub], this.#config).messages(options),
    ]);
  }

  /** Everything that all connections have to say, as one stream. */
  getUnifiedChannel(options?: ChannelOptions): Channel<TickerMessage> {
    return this.#outlets.messages(options);
  }

  /**
   * The ticks of all connections, by the frame; gaps and losses are marked on the batches.
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
    return this.#connections.map(({ channelId, hub }) => [
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
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks`
   */
  on<Type extends keyof ManagerEvents>(
    type: Type,
    listener: (event: ManagerEvents[Type]) => unknown,
  ): () => void {
    if (type === 'health')
      return this.#healthListeners.on('health', listener as (event: HealthSummary) => unknown);
    if (type === 'ticks') this.#outlets.assertDecodes();
    const stops = this.#connections.map(({ hub }) => hub.on(type, listener as never));
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Which connection holds which instruments. */
  getSymbolDistribution(): Record<ChannelId, number[]> {
    const distribution = {} as Record<ChannelId, number[]>;
    for (const { channelId } of this.#connections)
      distribution[channelId] = [...this.#ledger.heldBy(channelId)];
    return distribution;
  }

  /**
   * Instruments that have been subscribed on an open connection for so many milliseconds and never sent a packet: Kite
   * acknowledges nothing and sends a cached tick to a living token at once, so these are dead or mistyped.
   */
  getSilentSymbols(forMs: number): number[] {
    const uptimes = new Map(
      this.#connections.map(({ channelId, hub }) => [channelId, hub.stats(0).connectionUptimeMs]),
    );
    return this.#silence.silentFor(forMs, (token) => uptimes.get(this.#ledger.homeOf(token)!) ?? null);
  }

  /**
   * The newest tick of an instrument; undefined before its first.
   *
   * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` unless the option `lastTicks` is on
   */
  getLastTick(token: number): Tick | undefined {
    if (!this.#lastTicks) {
      throw new KiteError('KITE_MANAGER_LAST_TICKS_OFF', 'last ticks are not kept; set the option lastTicks');
    }
    return this.#lastTicks.get(token);
  }

  getStats(): ManagerStats {
    const connectionStats = this.#connectionStats();
    return {
      totalSymbols: this.#ledger.modes.size,
      activeConnections: connectionStats.filter(({ isConnected }) => isConnected).length,
      totalMessagesReceived: sum(connectionStats, 'messagesReceived'),
      totalMessagesParsed: sum(connectionStats, 'messagesParsed'),
      totalErrors: sum(connectionStats, 'errorsCount'),
      uptimeMs: this.#uptimeMs(),
      connectionStats,
    };
  }

  /** How each connection's frames are processed. */
  getProcessorStats(): [ChannelId, ProcessorStats][] {
    return this.#connections.map((connection) => [connection.channelId, connection.processorStats()]);
  }

  getHealth(): HealthSummary {
    const troubles = new Map<ChannelId, string>();
    for (const { channelId, trouble } of this.#connections)
      if (trouble !== undefined) troubles.set(channelId, trouble);
    return assessHealth({
      connections: this.#connectionStats(),
      troubles,
      totalSymbols: this.#ledger.modes.size,
      unplacedSymbols: this.#ledger.unplaced.length,
      livenessThresholdMs: this.#config.heartbeatLivenessThresholdMs,
      uptimeMs: this.#uptimeMs(),
    });
  }

  /**
   * Credentials for the next connects; open streams go on, since they are checked only there. Failed connections are
   * opened again with them. Rejects with `KITE_MANAGER_INVALID_OPTION`.
   */
  updateCredentials({ apiKey, accessToken }: { apiKey?: string; accessToken: AccessToken }): Promise<void> {
    return promised(() => {
      checkCredentials('KITE_MANAGER_INVALID_OPTION', { apiKey: apiKey ?? this.#apiKey, accessToken });
      this.#apiKey = apiKey ?? this.#apiKey;
      this.#accessToken = shareCalls(accessToken);
      for (const { link } of this.#connections) link?.updateCredentials(this.#apiKey, this.#accessToken);
    });
  }

  /** What may be shown: no credentials. */
  toJSON(): { health: HealthSummary; stats: ManagerStats } {
    return { health: this.getHealth(), stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const states = this.#connections.map(({ hub }) => hub.stats(0).state).join(', ');
    return `KiteTickerManager { connections: [${states}], symbols: ${this.#ledger.modes.size} }`;
  }

  #makeConnection(channelId: ChannelId): ManagedConnection {
    return new ManagedConnection(channelId, this.#config, {
      acceptOrder: (text, from) => this.#orders.accept(text, from, this.#openChannels()),
      changed: (connection, state) => {
        this.#changed(connection, state);
      },
      downTooLong: (connection) => {
        this.#giveUpOn(connection);
      },
    });
  }

  #outletsOf(channelId: ChannelId): Outlets | undefined {
    const connection = this.#connections.find((candidate) => candidate.channelId === channelId);
    return connection && new Outlets([connection.hub], this.#config);
  }

  async #start(): Promise<void> {
    if (this.#stopping) await this.#stopping;
    if (this.#pool) return;
    const run = Symbol('run');
    this.#run = run;
    const pool = await openLinkPool(this.#config, this.#endpoint);
    if (this.#run !== run) {
      await pool.close();
      throw stopped();
    }
    this.#pool = pool;
    this.#startedAt = this.#config.clock.monotonic();
    if (pool.fallback) this.#connections[0]?.hub.issue(pool.fallback);
    const errors = await Promise.all(this.#connections.map((_, index) => this.#openConnection(index, run)));
    if (this.#run !== run) throw stopped();
    if (errors.every((error) => error !== undefined)) {
      await this.#close();
      throw startFailed(errors);
    }
    this.#watchHealth();
  }

  /** Resolves with the error of the first attempt, if it failed. */
  async #openConnection(index: number, run: symbol): Promise<KiteError | undefined> {
    await this.#sleep(index * STAGGER_MS);
    const connection = this.#connections[index]!;
    if (this.#run !== run || !this.#pool) return stopped();
    const credentials = { apiKey: this.#apiKey, accessToken: this.#accessToken };
    const link = this.#pool.link(connection.channelId, connection, credentials);
    link.assign(this.#ledger.modesOf(connection.channelId));
    return connection.open(link);
  }

  async #close(): Promise<void> {
    this.#run = undefined;
    this.#startedAt = undefined;
    this.#config.clock.clearTimeout(this.#healthTimer);
    const pool = this.#pool;
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await pool?.close();
    this.#pool = undefined;
    for (const { channelId, hub } of this.#connections) {
      this.#ledger.restore(channelId);
      hub.end();
    }
    // A stop is no incident: nobody is told.
    this.#lastStatus = 'critical';
  }

  #changed(connection: ManagedConnection, state: TickerState): void {
    if (this.#run === undefined) return;
    const { channelId } = connection;
    if (state !== 'open') this.#orders.lost(channelId);
    if (state === 'open') {
      this.#ledger.restore(channelId);
      this.#placeUnplaced();
    } else if (state === 'failed') {
      this.#giveUpOn(connection);
    }
    this.#checkHealth();
  }

  /** Its instruments go to the others as far as they have room; the rest is replayed when it comes back. */
  #giveUpOn({ channelId }: ManagedConnection): void {
    this.#ledger.takeOut(channelId);
    this.#placeUnplaced();
    this.#checkHealth();
  }

  #placeUnplaced(): void {
    this.#apply(this.#ledger.placeUnplaced());
  }

  #apply(changes: readonly LedgerChange[]): void {
    for (const { channelId, release, assign } of changes) {
      const link = this.#connections.find((connection) => connection.channelId === channelId)?.link;
      if (release.length > 0) link?.unsubscribe(release);
      if (assign.size > 0) link?.assign(assign);
    }
  }

  #openChannels(): ChannelId[] {
    return this.#connections.filter(({ isOpen }) => isOpen).map(({ channelId }) => channelId);
  }

  #connectionStats(): ConnectionStats[] {
    return this.#connections.map((connection) =>
      connection.hub.stats(this.#ledger.heldBy(connection.channelId).size),
    );
  }

  #uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#config.clock.monotonic() - this.#startedAt;
  }

  #watchHealth(): void {
    this.#checkHealth();
    this.#healthTimer = this.#config.clock.setTimeout(() => {
      this.#watchHealth();
    }, this.#config.healthCheckIntervalMs);
  }

  #checkHealth(): void {
    const health = this.getHealth();
    if (health.status === this.#lastStatus) return;
    this.#lastStatus = health.status;
    this.#healthListeners.emit('health', health);
  }

  #sleep(delayMs: number): Promise<void> {
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#config.clock.setTimeout(resolve, delayMs);
    });
  }
}

function stopped(): KiteError {
  return new KiteError('KITE_MANAGER_STOPPED', 'the manager was stopped before it had started');
}

function startFailed(reasons: readonly KiteError[]): KiteError {
  const messages = new Set(reasons.map(({ message }) => message));
  return new KiteError('KITE_MANAGER_START_FAILED', `no connection opened: ${[...messages].join('; ')}`, {
    reasons,
  });
}
