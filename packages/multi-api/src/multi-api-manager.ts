import type { AccessToken, Channel, ChannelId, ChannelOptions, RawChannelOptions } from '@kite/connection';
import { Listeners } from '@kite/kit';
import type { OptionBuilder } from '@kite/manager';
import {
  assertMode,
  isKiteError,
  KiteError,
  type Mode,
  parseInstrumentTokens,
  type RawFrame,
  type Tick,
  type TickerMessage,
} from '@kite/protocol';

import type { Account } from './accounts/account.js';
import { Accounts } from './accounts/accounts.js';
import { MULTI_API_EVENTS, type MultiApiEvents, type OwnEvents } from './events.js';
import { ReplicaFilter } from './feed/replica-filter.js';
import type { AccountMessage } from './feed/unified-channel.js';
import { UnifiedFeed } from './feed/unified-feed.js';
import { assessMultiApiHealth, type MultiApiHealth } from './health.js';
import {
  type AccountOptions,
  MULTI_API_RULES,
  type MultiApiConfig,
  type MultiApiOptions,
  type ResolvedMultiApiConfig,
  resolveMultiApiOptions,
} from './options.js';
import { assertListener, HealthWatch, listenerFailed, optionBuilder } from './parts.js';
import type { ApiKeyStats, MultiApiStats } from './stats.js';

interface AddsAccounts {
  /** Adds an account, under an id of your choice. */
  addApiKey(id: string, apiKey: string, accessToken: AccessToken): MultiApiBuilder;
}

/** What `MultiApiKiteTickerManager.builder` gives: a setter for each option, `addApiKey`, and `build`. */
export type MultiApiBuilder = OptionBuilder<MultiApiConfig, MultiApiKiteTickerManager, AddsAccounts>;

/**
 * Many accounts as one feed: instruments are spread over all their connections, move away from an account that is
 * down, and can be held on several at once.
 */
export class MultiApiKiteTickerManager implements AsyncDisposable {
  readonly #config: ResolvedMultiApiConfig;
  readonly #accounts: Accounts;
  readonly #feed: UnifiedFeed;
  readonly #listeners: Listeners<OwnEvents>;
  readonly #health: InstanceType<typeof HealthWatch<MultiApiHealth>>;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #halting: Promise<void> | undefined;
  /** This start, until its stop. */
  #run: symbol | undefined;
  #startedAt: number | undefined;

  /** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION` or `KITE_MULTI_API_DUPLICATE_ACCOUNT` */
  constructor(options: MultiApiOptions) {
    const config = resolveMultiApiOptions(options);
    const { clock, rawOnly, parserBufferSize, healthCheckIntervalMs, lastTicks } = config.resolved;
    this.#config = config;
    const replicas = new ReplicaFilter(clock, config.replicas);
    this.#feed = new UnifiedFeed({
      clock,
      rawOnly,
      parserBufferSize,
      replicas,
      keepsLastOf: lastTicks ? { has: (token) => this.#accounts.symbols.has(token) } : undefined,
      onFramesWanted: (areWanted) => {
        this.#accounts.tapFrames(areWanted);
      },
      onListenerFailed: (cause, type, apiKeyId) => {
        this.#report(listenerFailed(cause, type), apiKeyId);
      },
    });
    this.#accounts = new Accounts(config, replicas, {
      feed: this.#feed,
      changed: () => {
        this.#health.look();
      },
      failed: (error) => {
        this.#report(error);
      },
    });
    this.#listeners = new Listeners((cause, type) => {
      this.#report(listenerFailed(cause, type));
    });
    this.#health = new HealthWatch({
      clock,
      intervalMs: healthCheckIntervalMs,
      assess: () => this.getHealth(),
      tell: (health) => {
        this.#listeners.emit('health', health);
      },
    });
    for (const account of options.accounts ?? []) this.#accounts.add(account);
  }

  /** A builder: `MultiApiKiteTickerManager.builder().addApiKey(id, key, token).replicas(2).build()`. */
  static builder(): MultiApiBuilder {
    const accounts: AccountOptions[] = [];
    const options = Object.keys(MULTI_API_RULES) as (keyof MultiApiConfig & string)[];
    const setters = optionBuilder(
      options,
      (config: MultiApiConfig) => new MultiApiKiteTickerManager({ ...config, accounts }),
    );
    const builder: MultiApiBuilder = Object.assign(setters, {
      addApiKey: (id: string, apiKey: string, accessToken: AccessToken) => {
        accounts.push({ id, apiKey, accessToken });
        return builder;
      },
    }) as unknown as MultiApiBuilder;
    return builder;
  }

  /**
   * Starts every account. Settles when each one has opened or failed, and resolves if one connection of any is open; the
   * others are tried on, and `getHealth` says why they are not. While it is under way, another call gets the same promise;
   * once started, it resolves at once.
   *
   * Rejects with `KITE_MULTI_API_START_FAILED`, whose `reasons` has every failure, `KITE_MULTI_API_NO_ACCOUNTS`, or
   * `KITE_MULTI_API_STOPPED` when `stop()` is called before; then nothing is left running.
   */
  start(): Promise<void> {
    if (this.#starting) return this.#starting;
    if (this.#run !== undefined) return Promise.resolve();
    if (this.#accounts.list().length === 0) {
      return Promise.reject(new KiteError('KITE_MULTI_API_NO_ACCOUNTS', 'there is no account to start'));
    }
    const run = Symbol('run');
    this.#run = run;
    const starting = this.#start(run).finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
    });
    this.#starting = starting;
    return starting;
  }

  /**
   * Closes every socket and thread of every account, and ends every channel. Idempotent. `start()` works again after it,
   * with the same subscriptions and new channels; one that was called before it comes to nothing.
   */
  stop(): Promise<void> {
    this.#ceased();
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Adds an account, opens it if the others are started, and gives it what waits for room. Resolves when its first
   * attempts are over, whatever came of them: health says. It takes its share of new instruments; nothing moves to it for
   * its own sake.
   *
   * Rejects with `KITE_MULTI_API_INVALID_OPTION` or `KITE_MULTI_API_DUPLICATE_ACCOUNT`.
   */
  async addApiKey(id: string, apiKey: string, accessToken: AccessToken): Promise<void> {
    const account = this.#accounts.add({ id, apiKey, accessToken });
    const run = this.#run;
    if (run === undefined) return;
    // A start that waits for a stop takes it along.
    await this.#stopping;
    if (this.#run !== run) return;
    try {
      await account.manager.start({ keepTrying: true });
    } catch (error) {
      // Stopped or taken away meanwhile; it was added all the same.
      if (!isKiteError(error, 'KITE_MANAGER_STOPPED')) throw error;
    }
    this.#accounts.repair();
  }

  /**
   * Takes an account away. What it holds moves to the others first, as far as they have room, and it closes when they
   * stream it, or after two seconds; the rest waits for room. No tick of what moves is lost. The newest state of an
   * instrument that is quiet meanwhile comes once more: every stream begins with it.
   *
   * Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT`.
   */
  async removeApiKey(id: string): Promise<void> {
    await this.#accounts.remove(id);
  }

  /**
   * Streams these instruments, spread over the accounts by the strategy. One that is already subscribed keeps its mode
   * unless one is given; a new one gets `defaultMode`.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE`, `KITE_MULTI_API_CAPACITY`, which says how many
   * would fit, or `KITE_MULTI_API_MANUAL_DISTRIBUTION`; then nothing has changed and nothing was sent.
   */
  async subscribeSymbols(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    if (mode !== undefined) assertMode(mode);
    const list = parseInstrumentTokens(tokens);
    const done = this.#accounts.change(
      (placement, situation) => placement.subscribe(list, mode, situation),
      list,
    );
    // Copies of what one account alone held by the caller's choice.
    this.#accounts.repair();
    await done;
  }

  /**
   * Streams these instruments on this account, beside wherever else they are, and in its own mode. They stay with it when
   * it is down.
   *
   * Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT`, `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or
   * `KITE_MULTI_API_CAPACITY`; then nothing has changed and nothing was sent.
   */
  async subscribeSymbolsToApi(id: string, tokens: Iterable<number>, mode?: Mode): Promise<void> {
    const account = this.#accounts.get(id);
    if (mode !== undefined) assertMode(mode);
    const list = parseInstrumentTokens(tokens);
    this.#accounts.assertRoom(account, list);
    await this.#accounts.change((placement) => placement.subscribeTo(id, list, mode), list);
  }

  /** Stops streaming these instruments, wherever they are; those that nobody holds are ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`. */
  async unsubscribeSymbols(tokens: Iterable<number>): Promise<void> {
    const list = parseInstrumentTokens(tokens);
    const done = this.#accounts.change((placement) => placement.unsubscribe(list), list);
    this.#feed.forget(list);
    this.#accounts.repair();
    await done;
  }

  /**
   * Changes the mode of subscribed instruments, wherever they are. Rejects with `KITE_MULTI_API_NOT_SUBSCRIBED`, which lists
   * the tokens that are not; then nothing has changed and nothing was sent.
   */
  async changeMode(tokens: Iterable<number>, mode: Mode): Promise<void> {
    assertMode(mode);
    const list = parseInstrumentTokens(tokens);
    await this.#accounts.change((placement) => placement.changeMode(list, mode), list);
  }

  /**
   * Credentials for this account's next connects; its failed connections are opened again with them, and it takes its
   * share of instruments again. Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT` or `KITE_MANAGER_INVALID_OPTION`.
   */
  async updateCredentials(
    id: string,
    credentials: { apiKey?: string; accessToken: AccessToken },
  ): Promise<void> {
    await this.#accounts.get(id).manager.updateCredentials(credentials);
  }

  /** Everything that all accounts have to say, as one stream; of an instrument that has replicas, each tick once. */
  getUnifiedChannel(options?: ChannelOptions): Channel<AccountMessage> {
    return this.#feed.channel(options);
  }

  /**
   * Everything that one connection of one account has to say; undefined for one that is not configured.
   *
   * @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT`
   */
  getChannel(id: string, channelId: ChannelId, options?: ChannelOptions): Channel<TickerMessage> | undefined {
    return this.#accounts.get(id).manager.getChannel(channelId, options);
  }

  /** A channel of raw frames for each connection of each account. */
  getAllRawFrameChannels(options?: RawChannelOptions): [apiKeyId: string, ChannelId, Channel<RawFrame>][] {
    return this.#accounts
      .list()
      .flatMap(({ apiKeyId, manager }) =>
        manager
          .getAllRawFrameChannels(options)
          .map(([channelId, channel]): [string, ChannelId, Channel<RawFrame>] => [
            apiKeyId,
            channelId,
            channel,
          ]),
      );
  }

  /**
   * Calls the listener for each message of this type of any account, or each undecoded `frame`, with the account's id,
   * synchronously and before any channel gets it; or for `health`, when its status changes. A listener that throws is
   * contained and reported as an `issue`. Returns how to stop listening.
   *
   * @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION` for an event that there is not
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks` with `rawOnly`
   */
  on<Type extends keyof MultiApiEvents>(
    type: Type,
    listener: (event: MultiApiEvents[Type]) => unknown,
  ): () => void {
    assertListener('KITE_MULTI_API_INVALID_OPTION', MULTI_API_EVENTS, type, listener);
    return type === 'health'
      ? this.#listeners.on('health', listener as never)
      : this.#feed.on(type, listener as never);
  }

  /** The ids of all accounts, in the order in which they were added. */
  getApiKeys(): string[] {
    return this.#accounts.ids();
  }

  /** Which connection of which account holds which instruments. */
  getSymbolDistribution(): Record<string, Record<ChannelId, number[]>> {
    const entries = this.#accounts
      .list()
      .map(({ apiKeyId, manager }) => [apiKeyId, manager.getSymbolDistribution()]);
    return Object.fromEntries(entries) as Record<string, Record<ChannelId, number[]>>;
  }

  /**
   * The newest tick of an instrument, whichever account brought it; undefined before its first.
   *
   * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` unless the option `lastTicks` is on
   */
  getLastTick(token: number): Tick | undefined {
    return this.#feed.lastTick(token);
  }

  /** What has been counted so far, of all accounts that there are, over stops as well. */
  getStats(): MultiApiStats {
    const perApiStats = this.getApiKeys().map((id) => this.getApiStats(id));
    const total = (
      figure: 'activeConnections' | 'totalMessagesReceived' | 'totalMessagesParsed' | 'totalErrors',
    ): number => perApiStats.reduce((sum, stats) => sum + stats[figure], 0);
    return {
      totalApiKeys: perApiStats.length,
      totalConnections: total('activeConnections'),
      totalSymbols: this.#accounts.symbols.size,
      totalMessagesReceived: total('totalMessagesReceived'),
      totalMessagesParsed: total('totalMessagesParsed'),
      totalErrors: total('totalErrors'),
      uptimeMs: this.#uptimeMs(),
      perApiStats,
    };
  }

  /** @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT` */
  getApiStats(id: string): ApiKeyStats {
    const { uptimeMs: _, ...stats } = this.#accounts.get(id).manager.getStats();
    return { apiKeyId: id, ...stats };
  }

  /** How things stand now, with an entry for each account. `on('health', …)` tells when the status changes. */
  getHealth(): MultiApiHealth {
    return assessMultiApiHealth({
      accounts: this.#accounts.list().map(({ apiKeyId, manager }) => ({
        id: apiKeyId,
        health: manager.getHealth(),
      })),
      totalSymbols: this.#accounts.symbols.size,
      unplacedSymbols: this.#accounts.unplaced().length,
      uptimeMs: this.#uptimeMs(),
    });
  }

  /** What may be shown: no credentials. */
  toJSON(): { health: MultiApiHealth; stats: MultiApiStats } {
    return { health: this.getHealth(), stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `MultiApiKiteTickerManager { accounts: [${this.getApiKeys().join(', ')}], symbols: ${this.#accounts.symbols.size} }`;
  }

  async #start(run: symbol): Promise<void> {
    await this.#stopping;
    await this.#halting;
    if (this.#run !== run) throw stopped();
    this.#startedAt = this.#config.resolved.clock.monotonic();
    if (this.#config.enableHealthMonitoring) this.#health.start();
    await Promise.allSettled(this.#accounts.list().map(({ manager }) => manager.start({ keepTrying: true })));
    if (this.#run !== run) throw stopped();
    if (this.getHealth().healthyConnections === 0) {
      const error = startFailed(this.#accounts.list());
      await this.#halt();
      throw error;
    }
    this.#accounts.repair();
  }

  /** Started no longer. */
  #ceased(): void {
    this.#run = undefined;
    this.#starting = undefined;
    this.#startedAt = undefined;
    this.#health.stop();
  }

  /** {@link stop}, but channels stay for the next start. */
  #halt(): Promise<void> {
    this.#ceased();
    const halting = this.#accounts.halt().finally(() => {
      if (this.#halting === halting) this.#halting = undefined;
    });
    this.#halting = halting;
    return halting;
  }

  async #stop(): Promise<void> {
    await this.#accounts.stop();
    this.#feed.end();
  }

  #uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#config.resolved.clock.monotonic() - this.#startedAt;
  }

  /** In the stream of the account that it is about, else of the first. */
  #report(error: KiteError, apiKeyId = this.getApiKeys()[0] ?? ''): void {
    const account = this.#accounts.list().find((candidate) => candidate.apiKeyId === apiKeyId);
    const receivedAt = this.#config.resolved.clock.now();
    if (account) this.#feed.deliver(account, { type: 'issue', issue: error, channelId: 0, receivedAt });
  }
}

function stopped(): KiteError {
  return new KiteError('KITE_MULTI_API_STOPPED', 'stopped before it had started');
}

function startFailed(accounts: readonly Account[]): KiteError {
  const messages = accounts.flatMap(({ apiKeyId, failures }) =>
    failures.map(({ message }) => `${apiKeyId}: ${message}`),
  );
  return new KiteError(
    'KITE_MULTI_API_START_FAILED',
    `no connection of any account opened: ${[...new Set(messages)].join('; ')}`,
    {
      reasons: accounts.flatMap(({ apiKeyId, failures }) =>
        failures.map((error) => ofAccount(error, apiKeyId)),
      ),
    },
  );
}

/** The same, said of an account. */
function ofAccount(error: KiteError, apiKeyId: string): KiteError {
  return new KiteError(error.code, error.message, Object.assign({ cause: error }, error, { apiKeyId }));
}
