import {
  type AccessToken,
  type Channel,
  type ChannelId,
  type ChannelOptions,
  KiteFeed,
  type RawChannelOptions,
  type RawTick,
} from '@kite/connection';
import { begunAfter, checkOptions, promised, Warnings } from '@kite/kit';
import { assertMode, KiteInputError, type Mode, type RawFrame, type TickerMessage } from '@kite/protocol';

import { Announcements } from './announcements.js';
import { checkNewCredentials, Endpoint, notSubscribed, type Outlets, Reading } from './connection-parts.js';
import { MANAGER_EVENTS, type OwnEvents } from './events.js';
import { Figures } from './figures.js';
import { Fleet, stopped } from './fleet.js';
import type { HealthSummary } from './health.js';
import { insideOf } from './inside.js';
import { namesOf, tokenOf, tokensOf } from './instrument-names.js';
import { type LastTick, lastTickOf, LastTicks } from './last-ticks.js';
import { wantedModes } from './modes.js';
import { type OptionBuilder, optionBuilder } from './option-builder.js';
import {
  MANAGER_RULES,
  type ManagerConfig,
  type ManagerOptionName,
  type ManagerOptions,
  type ResolvedManagerConfig,
  resolveManagerOptions,
  START_RULES,
} from './options.js';
import type { ProcessorStats } from './processor-stats.js';
import {
  MANAGER_PARTS,
  type ManagerInside,
  type ManagerParts,
  managerSeam,
  type WarningSink,
} from './seam.js';
import { SilenceTracker } from './silence-tracker.js';
import type { ManagerStats } from './stats.js';
import type { Subscriber, SubscriberOptions } from './subscribers/subscriber.js';
import { Subscribers, type SubscribersHost } from './subscribers/subscribers.js';

/** What `KiteTickerManager.builder` returns. */
export type KiteTickerManagerBuilder = OptionBuilder<ManagerConfig, KiteTickerManager>;

/**
 * One account's whole allowance, up to 3 connections and 9000 instruments, as one feed.
 *
 * Spreads instruments over the connections, keeps each alive, moves instruments away from one that stays down, and
 * reports in the stream what happens to them.
 */
export class KiteTickerManager extends KiteFeed<OwnEvents> implements AsyncDisposable {
  /** For the packages above this one. */
  static readonly [managerSeam]: ManagerParts = MANAGER_PARTS;

  /** For the packages above this one. */
  readonly [managerSeam]: ManagerInside;

  readonly #config: ResolvedManagerConfig;
  readonly #fleet: Fleet;
  readonly #reading: Reading;
  readonly #silence: SilenceTracker;
  readonly #subscribers: Subscribers;
  readonly #lastTicks: LastTicks | undefined;
  readonly #figures: Figures;
  readonly #announcements: Announcements<HealthSummary>;
  #warnings: WarningSink = new Warnings();

  /**
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION`, `KITE_CONNECTION_INVALID_OPTION` (the URL) or
   * `KITE_CONNECTION_INSECURE_URL`
   */
  constructor(options: ManagerOptions);
  constructor(apiKey: string, accessToken: AccessToken, config?: ManagerConfig);
  constructor(first: ManagerOptions | string, accessToken?: AccessToken, rest?: ManagerConfig) {
    const config = resolveManagerOptions(optionsOf(first, accessToken, rest));
    const endpoint = new Endpoint(config.url, config.allowInsecure);
    const fleet = new Fleet(
      { ...config, endpoint },
      {
        started: () => {
          this.#announcements.start();
        },
        asked: (tokens) => {
          this.#silence.asked(tokens);
        },
        unasked: (tokens) => {
          this.#silence.forget(tokens);
        },
        dark: (tokens) => {
          this.#lastTicks?.dark(tokens);
        },
        changed: () => {
          this.#announcements.changed();
        },
        workerLost: ({ code, message }) => {
          this.#warnings.warn('worker', message, code);
        },
        listenerFailed: ({ code, message }) => {
          if (!this.#subscribers.isHeard('issue')) this.#warnings.warn('listener', message, code);
        },
        failed: ({ hub }, error) => {
          reading.fail(hub, error);
        },
        lives: () => {
          reading.begin();
          this.#subscribers.begin();
        },
        stopped: () => {
          this.#announcements.stop();
        },
      },
    );
    const hubs = fleet.connections.map(({ hub }) => hub);
    const reading: Reading = new Reading({
      hubs,
      config,
      events: MANAGER_EVENTS,
      code: 'KITE_MANAGER_INVALID_OPTION',
      onUnstarted: () => {
        this.#warnings.warn('unstarted', 'a channel has been read for 10 s, and start() was never called');
      },
      attachOwn: (type, listener) =>
        type === 'health' || type === 'unplaced'
          ? this.#announcements.on(type, listener as never)
          : undefined,
    });
    super(reading);
    this.#config = config;
    this.#fleet = fleet;
    this.#reading = reading;
    this.#silence = new SilenceTracker(
      config.clock,
      (token, { channelId }) =>
        fleet.symbols.homeOf(token) === channelId && hubs[channelId]!.handover.keeps(token),
    );
    this.#lastTicks = config.lastTicks ? new LastTicks(this.#fleet.symbols.modes) : undefined;
    this[managerSeam] = insideOf(
      fleet,
      () => reading.ending(),
      (warnings) => {
        this.#warnings = warnings;
      },
    );
    this[managerSeam].attach(this.#silence);
    if (this.#lastTicks) this[managerSeam].attach(this.#lastTicks);
    this.#subscribers = new Subscribers(this.#subscribersHost());
    this.#figures = new Figures({
      config,
      fleet,
      silence: this.#silence,
      stuckFor: (ms) => this.#subscribers.stuckFor(ms),
    });
    this.#announcements = new Announcements({
      clock: config.clock,
      intervalMs: config.healthCheckIntervalMs,
      health: () => this.getHealth(),
      unplaced: () => this.#fleet.symbols.unplaced,
      listenerFailed: (cause, type) => {
        hubs[0]?.listenerFailed(cause, type);
      },
    });
  }

  /** A builder with a setter for each option, as in `KiteTickerManager.builder(key, token).rawOnly(true).build()`. */
  static builder(apiKey: string, accessToken: AccessToken): KiteTickerManagerBuilder {
    const options = Object.keys(MANAGER_RULES) as ManagerOptionName[];
    return optionBuilder(options, (config) => new KiteTickerManager({ ...config, apiKey, accessToken }));
  }

  /**
   * Opens the connections. Settles when each has opened or failed its first attempt, and resolves if one is open; the
   * others keep trying. While it is under way, another call waits for the same start. Once started, it resolves at once,
   * and connections that were refused or have failed for good are tried again.
   *
   * Rejects with `KITE_MANAGER_START_FAILED`, with every failure in `reasons`, or `KITE_MANAGER_STOPPED` if `stop()` is
   * called first; then nothing is left running. Channels outlive a failed start; a stop ends them. With `keepTrying` it
   * resolves even if none is open, and keeps trying.
   *
   * An abort of `signal` before the start has settled rejects that call alone, with `KITE_MANAGER_STOPPED`. When it was
   * the last call that waited, the start is given up: nothing is left running, and channels stay for the next start.
   */
  start(options: { keepTrying?: boolean | undefined; signal?: AbortSignal | undefined } = {}): Promise<void> {
    return begunAfter(
      () => {
        checkOptions(KiteInputError, 'KITE_MANAGER_INVALID_OPTION', options, START_RULES);
        if (options.signal?.aborted) throw stopped(options.signal);
      },
      () => this.#fleet.start(options),
    );
  }

  /**
   * Closes every socket and thread, and ends every channel that is open when it is called; the process can then exit.
   * Idempotent. `start()` works again after it, with the same subscriptions and new channels.
   */
  stop(): Promise<void> {
    return this.#fleet.halt(this.#reading.ending());
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * Streams these instruments, spread over the connections. One that is already subscribed keeps its mode unless one is
   * given; a new one gets `defaultMode`. Resolves when the request is recorded and passed on to the open connections.
   *
   * Tokens and, with the option `instruments`, names: `['NSE:INFY', 408065]`.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_UNKNOWN_INSTRUMENT`, `KITE_PROTOCOL_INVALID_MODE` or
   * `KITE_MANAGER_CAPACITY`, which says how many would fit; then nothing has changed and nothing was sent.
   */
  subscribeSymbols(tokens: Iterable<number | string>, mode?: Mode): Promise<void> {
    return promised(() => {
      if (mode !== undefined) assertMode(mode);
      this.#subscribers.own.subscribe(tokensOf(this.#config.instruments, tokens), mode);
    });
  }

  /**
   * Streams each of these instruments in its own mode, with no more requests than if they shared one. Rejects as
   * {@link subscribeSymbols}.
   */
  assignSymbols(modes: ReadonlyMap<number | string, Mode>): Promise<void> {
    return promised(() => {
      this.#subscribers.own.assign(wantedModes(this.#config.instruments, modes));
    });
  }

  /**
   * Streams these instruments, each in its own mode, and no others: the whole set in one call, with the fewest
   * requests. If both do not fit, old instruments are removed before new ones are added. Instruments that stay are not
   * interrupted. Rejects as {@link subscribeSymbols}.
   */
  replaceSymbols(modes: ReadonlyMap<number | string, Mode>): Promise<void> {
    return promised(() => {
      this.#subscribers.own.replace(wantedModes(this.#config.instruments, modes));
    });
  }

  /**
   * Stops streaming these instruments, except those that a {@link subscriber} wants; those that are not subscribed are
   * ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`.
   */
  unsubscribeSymbols(tokens: Iterable<number | string>): Promise<void> {
    return promised(() => {
      this.#subscribers.own.unsubscribe(tokensOf(this.#config.instruments, tokens));
    });
  }

  /**
   * Changes the mode of instruments that the manager's own calls have subscribed. Rejects with
   * `KITE_MANAGER_NOT_SUBSCRIBED`, which lists the other tokens; then nothing has changed and nothing was sent.
   */
  changeMode(tokens: Iterable<number | string>, mode: Mode): Promise<void> {
    return promised(() => {
      assertMode(mode);
      this.#subscribers.own.changeMode(tokensOf(this.#config.instruments, tokens), mode);
    });
  }

  /**
   * One part of the program, such as a strategy, with instruments of its own on this feed: see {@link Subscriber}. The
   * manager's own calls are another part: they do not touch what a subscriber wants.
   *
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION`
   */
  subscriber(options?: SubscriberOptions): Subscriber;
  subscriber(name?: string, options?: SubscriberOptions): Subscriber;
  subscriber(first?: string | SubscriberOptions, options?: SubscriberOptions): Subscriber {
    return this.#subscribers.open(first, options);
  }

  /** Token to mode, over all connections: what the manager's own calls and all subscribers want. A read-only view. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#fleet.symbols.modes;
  }

  /** Everything that one connection reports, in order; undefined for one beyond `maxConnections`. */
  getChannel(channelId: ChannelId, options?: ChannelOptions): Channel<TickerMessage> | undefined {
    return this.#outletsOf(channelId)?.messages(options);
  }

  /** A channel for each connection. */
  getAllChannels(options?: ChannelOptions): [ChannelId, Channel<TickerMessage>][] {
    return this.#fleet.connections.map(({ channelId, hub }) => [
      channelId,
      this.#reading.outletsOf([hub]).messages(options),
    ]);
  }

  /** {@link messages}, under the crate's name. */
  getUnifiedChannel(options?: ChannelOptions): Channel<TickerMessage> {
    return this.messages(options);
  }

  /** One connection's binary messages as they came; undefined for one beyond `maxConnections`. */
  getRawFrameChannel(channelId: ChannelId, options?: RawChannelOptions): Channel<RawFrame> | undefined {
    return this.#outletsOf(channelId)?.rawFrames(options);
  }

  /** A channel of raw frames for each connection. */
  getAllRawFrameChannels(options?: RawChannelOptions): [ChannelId, Channel<RawFrame>][] {
    return this.#fleet.connections.map(({ channelId, hub }) => [
      channelId,
      this.#reading.outletsOf([hub]).rawFrames(options),
    ]);
  }

  /** Views of one connection's full packets; undefined for one beyond `maxConnections`. */
  getFullRawSubscriber(channelId: ChannelId, options?: RawChannelOptions): Channel<RawTick> | undefined {
    return this.#outletsOf(channelId)?.fullRaw(options);
  }

  /** Which connection holds which instruments. */
  getSymbolDistribution(): Record<ChannelId, number[]> {
    const distribution = {} as Record<ChannelId, number[]>;
    for (const { channelId } of this.#fleet.connections)
      distribution[channelId] = [...this.#fleet.symbols.heldBy(channelId)];
    return distribution;
  }

  /**
   * Instruments that were subscribed on a streaming connection, again or for the first time, at least this many
   * milliseconds ago and have sent no packet since. Kite acknowledges nothing, but sends a cached tick for a live token
   * at once, so these are dead or mistyped, or the connection is mute.
   *
   * @throws KiteInputError `KITE_MANAGER_INVALID_OPTION` for anything but a finite number of milliseconds from 0
   */
  getSilentSymbols(forMs: number): number[] {
    return this.#figures.silentFor(forMs);
  }

  /**
   * The newest tick of an instrument, when it was received, and whether it is stale: the instrument was without a
   * streaming connection for a time since then. Undefined before its first.
   *
   * @throws KiteError `KITE_MANAGER_LAST_TICKS_OFF` unless the option `lastTicks` is on
   */
  getLastTick(token: number | string): LastTick | undefined {
    return lastTickOf(this.#lastTicks, tokenOf(this.#config.instruments, token));
  }

  /** The counts since the manager was made, across stops. */
  getStats(): ManagerStats {
    return this.#figures.stats();
  }

  /** How each connection's frames are processed: one entry for each, as in {@link getStats}. */
  getProcessorStats(): ProcessorStats[] {
    return this.#fleet.connections.map((connection) => connection.processorStats());
  }

  /**
   * The health now. `on('health', …)` reports a change of the status at once. With the same status it reports, within
   * 100 ms, that more instruments are not streamed (`darkSymbols`), or that all are streamed again.
   */
  getHealth(): HealthSummary {
    return this.#figures.health();
  }

  /**
   * Sets the credentials for the next connects, and reopens failed connections with them. Open streams go on: Kite
   * checks credentials only at a connect. Rejects with `KITE_MANAGER_INVALID_OPTION`, and with
   * `KITE_CONNECTION_LIMIT_REACHED` if a new API key already has too many connections in this thread.
   */
  updateCredentials(credentials: { apiKey?: string | undefined; accessToken: AccessToken }): Promise<void> {
    return promised(() => {
      checkNewCredentials('KITE_MANAGER_INVALID_OPTION', credentials);
      this.#fleet.updateCredentials(credentials.apiKey, credentials.accessToken);
    });
  }

  /** Instruments whose connection has given up while no other has room. */
  getUnplacedSymbols(): number[] {
    return [...this.#fleet.symbols.unplaced];
  }

  /** How many more instruments the connections that stream or start could take. */
  getFreeCapacity(): number {
    return this.#fleet.symbols.room;
  }

  /** What may be shown: no credentials. */
  toJSON(): { health: HealthSummary; stats: ManagerStats } {
    return { health: this.getHealth(), stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const states = this.#fleet.connections.map(({ hub }) => hub.stats(0).state).join(', ');
    return `KiteTickerManager { connections: [${states}], symbols: ${this.#fleet.symbols.modes.size} }`;
  }

  #subscribersHost(): SubscribersHost {
    const fleet = this.#fleet;
    return {
      config: this.#config,
      instruments: this.#config.instruments,
      code: 'KITE_MANAGER_INVALID_OPTION',
      modes: () => fleet.symbols.modes,
      after: (act) => {
        this.#announcements.after(act);
      },
      change: (assign, release) => {
        fleet.change(assign, release);
        this.#lastTicks?.forget(release);
      },
      defaultModeOf: () => this.#config.defaultMode,
      notSubscribed: (tokens) =>
        notSubscribed('KITE_MANAGER_NOT_SUBSCRIBED', tokens, namesOf(this.#config.instruments)),
      attach: (consumer) => this[managerSeam].attach(consumer),
      isStreamed: (token) => fleet.symbols.modes.has(token),
      failure: () => this.#reading.end.failure,
      isHeldBy: ({ channelId }, token) => fleet.symbols.homeOf(token) === channelId,
      known: (token) => this.#lastTicks?.known(token),
      lost: (source, weight, isFirst) => {
        fleet.connections[source.channelId]?.hub.countDropped(weight, isFirst);
      },
      onFirstRead: () => {
        this.#reading.read();
      },
      listenerFailed: (cause, type) => {
        fleet.connections[0]?.hub.listenerFailed(cause, type);
      },
    };
  }

  #outletsOf(channelId: ChannelId): Outlets | undefined {
    const connection = this.#fleet.connections.find((candidate) => candidate.channelId === channelId);
    return connection && this.#reading.outletsOf([connection.hub]);
  }
}

/** The options that a constructor was given, in either form; nothing of them is ignored silently. */
function optionsOf(
  first: ManagerOptions | string,
  accessToken: AccessToken | undefined,
  config: ManagerConfig | undefined,
): ManagerOptions {
  const code = 'KITE_MANAGER_INVALID_OPTION';
  if (typeof first !== 'string') {
    if (accessToken === undefined && config === undefined) return first;
    const allowed = 'one object with all options, or (apiKey, accessToken, config)';
    throw new KiteInputError(code, { field: 'options', value: '(not shown)', allowed });
  }
  if (config !== undefined) checkOptions(KiteInputError, code, config, MANAGER_RULES);
  return { ...config, apiKey: first, accessToken: accessToken! };
}
