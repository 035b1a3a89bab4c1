import {
  type AccessToken,
  type Channel,
  type ChannelId,
  type ChannelOptions,
  KiteFeed,
  type RawChannelOptions,
  type RawTick,
} from '@kite/connection';
import { begunAfter, checkOptions, promised } from '@kite/kit';
import type { LastTick, ProcessorStats, Subscriber, SubscriberOptions } from '@kite/manager';
import {
  assertMode,
  KiteError,
  KiteInputError,
  type Mode,
  type RawFrame,
  type TickerMessage,
} from '@kite/protocol';

import { Accounts } from './accounts/accounts.js';
import { type BuilderOf, multiApiBuilder } from './builder.js';
import type { OwnEvents } from './events.js';
import type { AccountMessage } from './feed/account-message.js';
import type { ReplicaStats } from './feed/replica-stats.js';
import { Figures } from './figures.js';
import type { MultiApiHealth } from './health.js';
import { Lifecycle, stoppedEarly } from './lifecycle.js';
import { type MultiApiOptions, type ResolvedMultiApiConfig, resolveMultiApiOptions } from './options.js';
import { namesOf, notSubscribed, START_RULES, Subscribers, tokenOf, tokensOf, wantedModes } from './parts.js';
import { Reading } from './reading.js';
import type { ApiKeyStats, MultiApiStats } from './stats.js';
import { subscribersHost } from './subscribers-host.js';

/** What `MultiApiKiteTickerManager.builder` returns: a setter for each option, `addApiKey`, and `build`. */
export type MultiApiBuilder = BuilderOf<MultiApiKiteTickerManager>;

/**
 * Many accounts as one feed: instruments are spread over all their connections, move away from an account that is
 * down, and can be held on several at once.
 *
 * Each item carries its `apiKeyId`. Each tick of a replicated instrument comes once; raw frames, `frame` events
 * included, come as each account delivered them, copies of replicas too.
 */
export class MultiApiKiteTickerManager extends KiteFeed<OwnEvents> implements AsyncDisposable {
  readonly #config: ResolvedMultiApiConfig;
  readonly #reading: Reading;
  readonly #accounts: Accounts;
  readonly #subscribers: Subscribers;
  readonly #lifecycle: Lifecycle;
  readonly #figures: Figures;

  /** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION` or `KITE_MULTI_API_DUPLICATE_ACCOUNT` */
  constructor(options: MultiApiOptions) {
    const config = resolveMultiApiOptions(options);
    const reading = new Reading(config, {
      accounts: () => this.#accounts,
      subscribers: () => this.#subscribers,
      health: () => this.getHealth(),
    });
    super(reading);
    const accounts = new Accounts(config, {
      feed: reading.channels,
      after: (act) => {
        reading.after(act);
      },
      changed: () => {
        reading.changed();
      },
      failureChanged: () => {
        this.#lifecycle.failureChanged();
      },
      failed: (error) => {
        reading.report(error);
      },
      adopted: (token, mode) => {
        this.#subscribers.adopt(token, mode);
      },
    });
    const subscribers = new Subscribers(subscribersHost(config, accounts, reading));
    const lifecycle = new Lifecycle(accounts, reading);
    this.#config = config;
    this.#reading = reading;
    this.#accounts = accounts;
    this.#subscribers = subscribers;
    this.#lifecycle = lifecycle;
    this.#figures = new Figures({ config, accounts, reading, subscribers, lifecycle });
    for (const account of options.accounts ?? []) accounts.roster.add(account);
  }

  /** A builder: `MultiApiKiteTickerManager.builder().addApiKey(id, key, token).replicas(2).build()`. */
  static builder(): MultiApiBuilder {
    return multiApiBuilder((options) => new MultiApiKiteTickerManager(options));
  }

  /**
   * Starts every account. Settles when each one has opened or failed, and resolves if any connection is open; the
   * others keep trying, and `getHealth` says why they are not open. While it is under way, another call waits for the
   * same start. Once started, it resolves at once, and connections that were refused or have failed for good are tried
   * again.
   *
   * Rejects with `KITE_MULTI_API_START_FAILED`, with every failure in `reasons`, `KITE_MULTI_API_NO_ACCOUNTS`, or
   * `KITE_MULTI_API_STOPPED` if `stop()` is called first; then nothing is left running. With `keepTrying` it resolves
   * even if no connection is open, and keeps trying.
   *
   * An abort of `signal` before the start has settled rejects that call alone, with `KITE_MULTI_API_STOPPED`. When it
   * was the last call that waited, the start is given up: nothing is left running, and channels stay for the next start.
   */
  start(options: { keepTrying?: boolean | undefined; signal?: AbortSignal | undefined } = {}): Promise<void> {
    return begunAfter(
      () => {
        checkOptions(KiteInputError, 'KITE_MULTI_API_INVALID_OPTION', options, START_RULES);
        if (!this.#lifecycle.isOn && this.#accounts.roster.list().length === 0)
          throw new KiteError('KITE_MULTI_API_NO_ACCOUNTS', 'there is no account to start');
        if (options.signal?.aborted) throw stoppedEarly(options.signal);
      },
      () => this.#lifecycle.start(options),
    );
  }

  /**
   * Closes every socket and thread of every account, and ends every channel that is open when it is called. Idempotent.
   * Cancels a pending `start()`; a later one works again, with the same subscriptions and new channels.
   */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Adds an account, opens it if the others are started, and gives it instruments that wait for room. Resolves when its
   * first attempts are over; `getHealth` shows their outcome. It takes its share of new instruments; existing ones are
   * not rebalanced.
   *
   * Rejects with `KITE_MULTI_API_INVALID_OPTION` or `KITE_MULTI_API_DUPLICATE_ACCOUNT`.
   */
  async addApiKey(id: string, apiKey: string, accessToken: AccessToken): Promise<void> {
    await this.#lifecycle.join(this.#accounts.roster.add({ id, apiKey, accessToken }));
  }

  /**
   * Removes an account. Its instruments move to the others first, as far as they have room, and it closes when the
   * others stream them, or after two seconds; the rest waits for room. No tick of a moved instrument is lost. The
   * newest state of an instrument that is quiet meanwhile comes once more: every stream begins with it.
   *
   * Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT`.
   */
  async removeApiKey(id: string): Promise<void> {
    await this.#accounts.remove(id);
  }

  /**
   * Streams these instruments, spread over the accounts by the strategy. One that is already subscribed keeps its mode
   * unless one is given; a new one gets `defaultMode`. Tokens and, with the option `instruments`, names:
   * `['NSE:INFY', 408065]`.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`, `KITE_PROTOCOL_INVALID_MODE`,
   * `KITE_MULTI_API_CAPACITY`, which says how many would fit, or `KITE_MULTI_API_MANUAL_DISTRIBUTION`; then nothing has
   * changed and nothing was sent.
   */
  subscribeSymbols(tokens: Iterable<number | string>, mode?: Mode): Promise<void> {
    return this.#call(() => {
      if (mode !== undefined) assertMode(mode);
      const list = this.#tokens(tokens);
      this.#subscribers.own.subscribe(list, mode);
      if (mode !== undefined) this.#accounts.setPinMode(list, mode);
      // Adds copies of instruments that only an account of the caller's choice held.
      this.#accounts.repair();
    });
  }

  /** Streams each of these instruments in its own mode. Rejects as {@link subscribeSymbols}. */
  assignSymbols(modes: ReadonlyMap<number | string, Mode>): Promise<void> {
    return this.#call(() => {
      this.#subscribers.own.assign(wantedModes(this.#config.resolved.instruments, modes));
      this.#accounts.repair();
    });
  }

  /**
   * Streams these instruments, each in its own mode, and no others except those pinned to an account: the whole set in
   * one call, with the fewest requests. If both do not fit, old instruments are removed before new ones are added.
   * Instruments that stay are not interrupted. Rejects as {@link subscribeSymbols}.
   */
  replaceSymbols(modes: ReadonlyMap<number | string, Mode>): Promise<void> {
    return this.#call(() => {
      this.#subscribers.own.replace(wantedModes(this.#config.resolved.instruments, modes));
      this.#accounts.repair();
    });
  }

  /**
   * Streams these instruments on this account, in addition to any other and in a mode of its own. They stay with it
   * when it is down.
   *
   * Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT`, `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or
   * `KITE_MULTI_API_CAPACITY`; then nothing has changed and nothing was sent.
   */
  subscribeSymbolsToApi(id: string, tokens: Iterable<number | string>, mode?: Mode): Promise<void> {
    return this.#call(() => {
      const account = this.#accounts.roster.get(id);
      if (mode !== undefined) assertMode(mode);
      const list = this.#tokens(tokens);
      this.#accounts.assertRoom(account, list);
      this.#accounts.pin(id, list, mode);
      this.#subscribers.streamed(list);
    });
  }

  /**
   * Stops streaming these instruments, pinned or not, except those that a {@link subscriber} wants; ignores those that
   * no account holds. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`.
   */
  unsubscribeSymbols(tokens: Iterable<number | string>): Promise<void> {
    return this.#call(() => {
      const list = this.#tokens(tokens);
      this.#subscribers.own.unsubscribe(list);
      this.#accounts.unpin(list);
      this.#subscribers.released(list);
      this.#reading.forget(list);
      this.#accounts.repair();
    });
  }

  /**
   * Changes the mode of instruments that the manager's own calls have subscribed, wherever they are. Rejects with
   * `KITE_MULTI_API_NOT_SUBSCRIBED`, which lists the other tokens; then nothing has changed and nothing was sent.
   */
  changeMode(tokens: Iterable<number | string>, mode: Mode): Promise<void> {
    return this.#call(() => {
      assertMode(mode);
      const list = this.#tokens(tokens);
      const { own } = this.#subscribers;
      const unknown = list.filter((token) => !own.modes.has(token) && !this.#accounts.isPinned(token));
      if (unknown.length > 0) {
        const nameOf = namesOf(this.#config.resolved.instruments);
        throw notSubscribed('KITE_MULTI_API_NOT_SUBSCRIBED', unknown, nameOf);
      }
      own.changeMode(
        list.filter((token) => own.modes.has(token)),
        mode,
      );
      this.#accounts.setPinMode(list, mode);
    });
  }

  /**
   * One part of the program, such as a strategy, with instruments of its own on this feed: see {@link Subscriber}. The
   * manager's own calls, and the instruments that are pinned to an account, are another part: they do not touch what a
   * subscriber wants.
   *
   * @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION`
   */
  subscriber(options?: SubscriberOptions): Subscriber;
  subscriber(name?: string, options?: SubscriberOptions): Subscriber;
  subscriber(first?: string | SubscriberOptions, options?: SubscriberOptions): Subscriber {
    return this.#subscribers.open(first, options);
  }

  /**
   * Sets the credentials for this account's next connects and reopens its failed connections with them; it takes its
   * share of instruments again. Rejects with `KITE_MULTI_API_UNKNOWN_ACCOUNT` or `KITE_MANAGER_INVALID_OPTION`.
   */
  async updateCredentials(
    id: string,
    credentials: { apiKey?: string | undefined; accessToken: AccessToken },
  ): Promise<void> {
    await this.#accounts.roster.get(id).updateCredentials(credentials);
  }

  /** Token to mode, over all accounts: the highest one where they differ. A copy. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#accounts.modes;
  }

  /** {@link messages} in the crate's shape: the account's id beside each message. */
  getUnifiedChannel(options?: ChannelOptions): Channel<AccountMessage> {
    return this.#reading.channels.unified(options);
  }

  /**
   * Everything that one connection of one account reports; undefined for one that is not configured.
   *
   * @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT`
   */
  getChannel(id: string, channelId: ChannelId, options?: ChannelOptions): Channel<TickerMessage> | undefined {
    return this.#accounts.roster.get(id).manager.getChannel(channelId, options);
  }

  /** {@link getChannel} for each connection of each account. */
  getAllChannels(
    options?: ChannelOptions,
  ): [apiKeyId: string, channelId: ChannelId, channel: Channel<TickerMessage>][] {
    return this.#accounts.roster.channels(options);
  }

  /**
   * The binary messages of one connection of one account as they came; undefined for one that is not configured.
   *
   * @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT`
   */
  getRawFrameChannel(
    id: string,
    channelId: ChannelId,
    options?: RawChannelOptions,
  ): Channel<RawFrame> | undefined {
    return this.#accounts.roster.get(id).manager.getRawFrameChannel(channelId, options);
  }

  /**
   * Views of the full packets of one connection of one account; undefined for one that is not configured.
   *
   * @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT`
   */
  getFullRawSubscriber(
    id: string,
    channelId: ChannelId,
    options?: RawChannelOptions,
  ): Channel<RawTick> | undefined {
    return this.#accounts.roster.get(id).manager.getFullRawSubscriber(channelId, options);
  }

  /** A channel of raw frames for each connection of each account. */
  getAllRawFrameChannels(options?: RawChannelOptions): [apiKeyId: string, ChannelId, Channel<RawFrame>][] {
    return this.#accounts.roster.rawFrameChannels(options);
  }

  /** Instruments that no account streams and that no streaming account has room for. */
  getUnplacedSymbols(): number[] {
    return this.#accounts.unplaced();
  }

  /**
   * How many more instruments the connections that stream or start could take, on as many accounts each as `replicas`
   * says.
   */
  getFreeCapacity(): number {
    return this.#accounts.freeCapacity();
  }

  /**
   * Instruments that were subscribed on a streaming connection at least this many milliseconds ago and have sent no
   * packet since, on any account. See `KiteTickerManager.getSilentSymbols`.
   *
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for anything but a finite number of milliseconds from 0
   */
  getSilentSymbols(forMs: number): number[] {
    return this.#accounts.roster.silentFor(forMs);
  }

  /**
   * For each account, how many states of instruments on several accounts it delivered first, by how much, and how many
   * only it delivered. Counted as copies come in, so the last moments are still missing.
   */
  getReplicaStats(): ReplicaStats[] {
    return this.#accounts.roster.list().map((account) => this.#reading.channels.replicas.stats(account));
  }

  /** The ids of all accounts, in the order in which they were added. */
  getApiKeys(): string[] {
    return this.#accounts.roster.ids();
  }

  /** Which connection of which account holds which instruments. */
  getSymbolDistribution(): Record<string, Record<ChannelId, number[]>> {
    return this.#accounts.roster.distribution();
  }

  /**
   * The newest tick of an instrument, whichever account delivered it; undefined before its first.
   *
   * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` unless the option `lastTicks` is on
   */
  getLastTick(token: number | string): LastTick | undefined {
    return this.#reading.channels.lastTick(tokenOf(this.#config.resolved.instruments, token));
  }

  /** The counts so far of all present accounts, across stops. */
  getStats(): MultiApiStats {
    return this.#figures.stats();
  }

  /** @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT` */
  getApiStats(id: string): ApiKeyStats {
    return this.#figures.statsOf(id);
  }

  /**
   * How the frames of this account's connections are processed: one entry for each.
   *
   * @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT`
   */
  getProcessorStats(id: string): ProcessorStats[] {
    return this.#accounts.roster.get(id).manager.getProcessorStats();
  }

  /** The health now, with an entry for each account. `on('health', …)` reports the same changes as a manager's. */
  getHealth(): MultiApiHealth {
    return this.#figures.health();
  }

  /** What may be shown: no credentials. */
  toJSON(): { health: MultiApiHealth; stats: MultiApiStats } {
    return { health: this.getHealth(), stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `MultiApiKiteTickerManager { accounts: [${this.getApiKeys().join(', ')}], symbols: ${this.#accounts.symbols.size} }`;
  }

  /** One call of the caller: its listeners hear what it has changed when all of it is done, and may call again. */
  #call(act: () => void): Promise<void> {
    return promised(() => {
      this.#reading.after(act);
    });
  }

  #tokens(tokens: Iterable<number | string>): number[] {
    return tokensOf(this.#config.resolved.instruments, tokens);
  }
}
