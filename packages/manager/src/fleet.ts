import { type AccessToken, ChannelId } from '@kite/connection';
import { Closing, JointCall } from '@kite/kit';
import { KiteError, type Mode } from '@kite/protocol';

import { BroadcastDedup } from './broadcast-dedup.js';
import { Account, type Endpoint } from './connection-parts.js';
import { type Isolation, type Links, STAGGER_MS } from './link.js';
import { openLinks, wantedIsolation } from './links.js';
import { ManagedConnection } from './managed-connection.js';
import type { ResolvedManagerConfig, StartOptions } from './options.js';
import { OrderDedup } from './order-dedup.js';
import { PlacedSymbols } from './placed-symbols.js';
import type { Standing } from './placement.js';

/** What a fleet needs. */
export interface FleetOptions extends ResolvedManagerConfig {
  endpoint: Endpoint;
  apiKey: string;
  accessToken: AccessToken;
}

/** Notified of what happens to an account's connections. */
export interface FleetOwner {
  /** The start has settled: each connection has opened or had its first attempt fail. */
  started(): void;
  /** An open socket is asked for these instruments: each should answer. */
  asked(tokens: Iterable<number>): void;
  /** These are no longer subscribed. */
  unasked(tokens: readonly number[]): void;
  /** The connection no longer streams: the last ticks of these instruments are stale. */
  dark(tokens: Iterable<number>): void;
  /** A connection's state, the placement or the health of the I/O workers has changed. */
  changed(): void;
  /** An I/O worker is gone, or could not start. The stream reports it as an `issue`. */
  workerLost(error: KiteError): void;
  /** A listener has failed, and `issue` has no listener. */
  listenerFailed(error: KiteError): void;
  /** A connection of a started account cannot stream again without a call of the user. */
  failed(connection: ManagedConnection, error: KiteError): void;
  /** The connections are about to be opened, or one of them can stream (again). */
  lives(): void;
  /** The connections are about to be closed, if they are not by now. */
  stopped(): void;
}

/** An account's connections, and what they hold: opens and closes them together. */
export class Fleet {
  readonly connections: readonly ManagedConnection[];
  /** What the connections hold. */
  readonly symbols: PlacedSymbols;
  readonly #options: FleetOptions;
  readonly #orders: OrderDedup;
  readonly #broadcasts = new BroadcastDedup();
  readonly #owner: FleetOwner;
  readonly #account: Account;
  #links: Links | undefined;
  #starting: JointCall | undefined;
  readonly #closing = new Closing();
  /** This start; aborted by its stop. */
  #run: AbortController | undefined;
  #startedAt: number | undefined;
  /** Set once this start has settled; `bringsTokens`: another token may still replace a refused one. */
  #settled: { readonly bringsTokens: boolean } | undefined;
  /** Connections of this start that have not had their turn to dial. */
  readonly #undialled = new Set<ChannelId>();

  constructor(options: FleetOptions, owner: FleetOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#orders = new OrderDedup();
    this.#account = new Account(options);
    const channelIds = ChannelId.all().slice(0, options.maxConnections);
    this.symbols = new PlacedSymbols({
      ...options,
      channelIds,
      standing: this.#standing(),
      connections: () => this.connections,
      onDark: (tokens) => {
        owner.dark(tokens);
      },
    });
    this.connections = channelIds.map((channelId) => this.#makeConnection(channelId));
  }

  /** Milliseconds since the start; 0 while stopped. */
  get uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#options.clock.monotonic() - this.#startedAt;
  }

  /** Where the connections run; while stopped, where they will run. */
  get isolation(): Isolation {
    return this.#links?.isolation ?? wantedIsolation(this.#options);
  }

  /** What is wrong with the I/O workers, in words. */
  get workerTroubles(): readonly string[] {
    return this.#links?.troubles ?? [];
  }

  /**
   * See `KiteTickerManager.start`; the options have been checked, and the signal is not aborted.
   *
   * @param isPartOfMore a failure does not end channels until {@link settle} is called
   */
  start({ keepTrying = false, signal }: StartOptions, isPartOfMore = false): Promise<void> {
    if (this.#starting) return this.#starting.join(signal);
    if (this.#run) {
      for (const connection of this.connections) connection.reopen();
      this.#revived();
      return Promise.resolve();
    }
    const run = new AbortController();
    this.#run = run;
    const work = this.#start(run, keepTrying, isPartOfMore).finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
      if (this.#run === run && this.#links === undefined) this.#run = undefined;
    });
    const starting = new JointCall(work, {
      giveUp: () => (this.#run === run ? this.halt() : Promise.resolve()),
      left: stopped,
    });
    this.#starting = starting;
    return starting.join(signal);
  }

  /**
   * The start has succeeded: from now on a permanent failure ends channels, an earlier one included.
   *
   * @param bringsTokens another token may replace a refused one, so a refusal does not end channels
   */
  settle(bringsTokens: boolean): void {
    if (this.#startedAt === undefined) return;
    this.#settled = { bringsTokens };
    this.#reportFailed();
  }

  /**
   * Closes the connections; channels stay for the next start. Cancels a pending start; a later one begins anew.
   *
   * @param end called once all is closed, before a start that waits for it goes on
   */
  halt(end?: () => void): Promise<void> {
    const starting = this.#starting;
    this.#run?.abort();
    this.#run = undefined;
    this.#starting = undefined;
    this.#startedAt = undefined;
    this.#settled = undefined;
    this.symbols.stopped();
    this.#owner.stopped();
    return this.#closing.begin(() => this.#close(starting), end);
  }

  /**
   * Streams `assign` in these modes and stops `release`: all of it or nothing.
   *
   * @throws KiteError `KITE_MANAGER_CAPACITY`
   */
  change(assign: ReadonlyMap<number, Mode>, release: readonly number[]): void {
    this.symbols.change(assign, release);
    this.#owner.changed();
  }

  /** @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`, and then nothing has changed */
  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    this.#account.update(apiKey, accessToken);
    for (const connection of this.connections) connection.openRefused();
    this.#revived();
  }

  #standing(): Standing {
    return {
      // Before the start every connection counts as starting.
      statusOf: (channelId) =>
        this.#startedAt === undefined || this.#undialled.has(channelId)
          ? 'starting'
          : (this.connections[channelId]?.currentStatus ?? 'down'),
      hasGivenUp: (channelId) =>
        this.#startedAt !== undefined && (this.connections[channelId]?.hasGivenUp ?? false),
    };
  }

  #makeConnection(channelId: ChannelId): ManagedConnection {
    const { origin } = this.#options.endpoint;
    const modes = (): ReadonlyMap<number, Mode> => this.symbols.modesOf(channelId);
    const options = { ...this.#options, account: this.#account, origin, modes };
    return new ManagedConnection(channelId, options, {
      acceptOrder: (order) => this.#orders.accept(order),
      acceptBroadcast: (data, at) => this.#broadcasts.accept(channelId, data, at),
      straggled: (message) => {
        this.symbols.straggled(message);
      },
      listenerFailed: (error) => {
        this.#owner.listenerFailed(error);
      },
      asked: (tokens) => {
        this.#owner.asked(tokens);
      },
      unasked: (tokens) => {
        this.#owner.unasked(tokens.filter((token) => !this.symbols.modes.has(token)));
      },
      changed: () => {
        this.#changed();
      },
    });
  }

  async #start(run: AbortController, keepTrying: boolean, isPartOfMore: boolean): Promise<void> {
    await this.#closing.done;
    if (this.#run !== run) throw stopped();
    const links = await openLinks(this.#options, this.#options.endpoint, this.#owner, run.signal);
    if (this.#run !== run) {
      await links.close();
      throw stopped();
    }
    this.#links = links;
    this.#startedAt = this.#options.clock.monotonic();
    this.#owner.lives();
    this.symbols.starting();
    for (const { channelId } of this.connections) this.#undialled.add(channelId);
    if (links.fallback) {
      this.connections[0]?.hub.issue(links.fallback);
      this.#owner.workerLost(links.fallback);
    }
    const errors = await Promise.all(
      this.connections.map((connection, index) =>
        this.#open(connection, index * STAGGER_MS, links, run.signal),
      ),
    );
    if (this.#run !== run) throw stopped();
    const failures = errors.filter((error) => error !== undefined);
    if (keepTrying || failures.length < errors.length) {
      this.#owner.started();
      if (!isPartOfMore) this.settle(keepTrying);
      return;
    }
    // From here on this start waits for halt(), so halt() must not wait for it.
    this.#starting = undefined;
    await this.halt();
    throw startFailed(failures);
  }

  /** Resolves with the error of the first attempt, if it failed. */
  async #open(
    connection: ManagedConnection,
    afterMs: number,
    links: Links,
    signal: AbortSignal,
  ): Promise<KiteError | undefined> {
    await this.#sleep(afterMs, signal);
    if (signal.aborted) return stopped();
    const { channelId } = connection;
    this.#undialled.delete(channelId);
    return connection.open(links.link(channelId, connection));
  }

  async #close(starting: JointCall | undefined): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    // The call that starts an I/O worker also ends one that is still starting.
    await starting?.settled;
    await this.#links?.close();
    this.#links = undefined;
    this.#owner.changed();
  }

  #changed(): void {
    if (this.#startedAt === undefined) return;
    this.symbols.follow();
    this.#reportFailed();
    if (this.connections.some(({ hub }) => !hub.isFinal)) this.#owner.lives();
    this.#owner.changed();
  }

  /** What had failed for good was told to try again: it lives from now on, not only once that shows. */
  #revived(): void {
    const revived = this.connections.filter(({ hub, failure }) => hub.isFinal && !failure);
    for (const { hub } of revived) hub.revive();
    if (revived.length > 0) this.#owner.lives();
  }

  #reportFailed(): void {
    if (!this.#settled) return;
    for (const connection of this.connections) {
      const { failure, hub } = connection;
      if (!failure || hub.isFinal) continue;
      // Another token may still come.
      if (this.#settled.bringsTokens && failure.code === 'KITE_CONNECTION_UNAUTHORIZED') continue;
      this.#owner.failed(connection, failure);
    }
  }

  /** Waits this long, or until the signal aborts. */
  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (delayMs === 0 || signal.aborted) return Promise.resolve();
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(resolve, delayMs);
      const giveUp = (): void => {
        clock.clearTimeout(timer);
        resolve();
      };
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}

/** The error of a start that was stopped, or left by its signal. */
export function stopped(signal?: AbortSignal): KiteError {
  const options = signal && { cause: signal.reason as unknown };
  return new KiteError('KITE_MANAGER_STOPPED', 'the manager was stopped before it had started', options);
}

function startFailed(reasons: readonly KiteError[]): KiteError {
  const messages = new Set(reasons.map(({ message }) => message));
  return new KiteError('KITE_MANAGER_START_FAILED', `no connection opened: ${[...messages].join('; ')}`, {
    reasons,
  });
}
