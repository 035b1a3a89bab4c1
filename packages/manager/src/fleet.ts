import {
  ChannelId,
  KiteError,
  type AccessToken,
  type Endpoint,
  type Mode,
  type TickerState,
} from '@kite/connection';

import { openLinkPool, type LinkPool } from './link-pool.js';
import { ManagedConnection } from './managed-connection.js';
import type { ResolvedManagerConfig } from './options.js';
import { OrderDedup } from './order-dedup.js';
import { shareCalls } from './share-calls.js';
import { SymbolLedger, type LedgerChange } from './symbol-ledger.js';

/** What a fleet stands on. */
export interface FleetOptions extends ResolvedManagerConfig {
  endpoint: Endpoint;
  apiKey: string;
  accessToken: AccessToken;
}

/** Dials follow each other at this distance: three handshakes at once look like an attack to a load balancer. */
const STAGGER_MS = 50;

/**
 * An account's connections and who of them holds what: opens and closes them together, spreads instruments, and moves
 * them away from a connection that stays down.
 */
export class Fleet {
  readonly connections: readonly ManagedConnection[];
  readonly #options: FleetOptions;
  readonly #ledger: SymbolLedger;
  readonly #orders = new OrderDedup();
  readonly #onChange: () => void;
  #apiKey: string;
  #accessToken: AccessToken;
  #pool: LinkPool | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** This start, until its stop. */
  #run: symbol | undefined;
  #startedAt: number | undefined;

  /** @param onChange a connection's state has changed, or where instruments are */
  constructor(options: FleetOptions, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
    this.#apiKey = options.apiKey;
    this.#accessToken = shareCalls(options.accessToken);
    const channelIds = ChannelId.all().slice(0, options.maxConnections);
    this.#ledger = new SymbolLedger({ ...options, channelIds });
    this.connections = channelIds.map((channelId) => this.#makeConnection(channelId));
  }

  /** Token to mode, of all connections. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#ledger.modes;
  }

  /** Instruments whose connection is out of order while no other has room. */
  get unplaced(): readonly number[] {
    return this.#ledger.unplaced;
  }

  /** How many more instruments the connections that are in order could take. */
  get room(): number {
    return this.#ledger.room;
  }

  /** Milliseconds since the start; 0 while stopped. */
  get uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#options.clock.monotonic() - this.#startedAt;
  }

  homeOf(token: number): ChannelId | undefined {
    return this.#ledger.homeOf(token);
  }

  heldBy(channelId: ChannelId): ReadonlySet<number> {
    return this.#ledger.heldBy(channelId);
  }

  /** See `KiteTickerManager.start`. */
  start(keepTrying: boolean): Promise<void> {
    this.#starting ??= this.#start(keepTrying).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** See `KiteTickerManager.stop`. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** @throws KiteError `KITE_MANAGER_CAPACITY` */
  assign(modes: ReadonlyMap<number, Mode>): void {
    this.#apply(this.#ledger.assign(modes));
    if (this.#ledger.unplaced.length > 0) this.#onChange();
  }

  /** @throws KiteError `KITE_MANAGER_CAPACITY` */
  subscribe(tokens: readonly number[], mode: Mode | undefined): void {
    this.#apply(this.#ledger.subscribe(tokens, mode));
    if (this.#ledger.unplaced.length > 0) this.#onChange();
  }

  unsubscribe(tokens: readonly number[]): void {
    this.#apply(this.#ledger.unsubscribe(tokens));
    this.#placeUnplaced();
    this.#onChange();
  }

  /** @throws KiteError `KITE_MANAGER_NOT_SUBSCRIBED` */
  changeMode(tokens: readonly number[], mode: Mode): void {
    this.#apply(this.#ledger.changeMode(tokens, mode));
  }

  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    this.#apiKey = apiKey ?? this.#apiKey;
    this.#accessToken = shareCalls(accessToken);
    for (const { link } of this.connections) link?.updateCredentials(this.#apiKey, this.#accessToken);
  }

  #makeConnection(channelId: ChannelId): ManagedConnection {
    return new ManagedConnection(channelId, this.#options, {
      acceptOrder: (text) => this.#orders.accept(text, channelId, this.#openChannels()),
      changed: (state) => {
        this.#changed(channelId, state);
      },
      downTooLong: () => {
        this.#giveUpOn(channelId);
      },
    });
  }

  async #start(keepTrying: boolean): Promise<void> {
    if (this.#stopping) await this.#stopping;
    if (this.#pool) return;
    const run = Symbol('run');
    this.#run = run;
    const pool = await openLinkPool(this.#options, this.#options.endpoint);
    if (this.#run !== run) {
      await pool.close();
      throw stopped();
    }
    this.#pool = pool;
    this.#startedAt = this.#options.clock.monotonic();
    if (pool.fallback) this.connections[0]?.hub.issue(pool.fallback);
    const errors = await Promise.all(this.connections.map((_, index) => this.#open(index, run)));
    if (this.#run !== run) throw stopped();
    const failures = errors.filter((error) => error !== undefined);
    if (!keepTrying && failures.length === errors.length) {
      await this.stop();
      throw startFailed(failures);
    }
  }

  /** Resolves with the error of the first attempt, if it failed. */
  async #open(index: number, run: symbol): Promise<KiteError | undefined> {
    await this.#sleep(index * STAGGER_MS);
    const connection = this.connections[index]!;
    if (this.#run !== run || !this.#pool) return stopped();
    const credentials = { apiKey: this.#apiKey, accessToken: this.#accessToken };
    const link = this.#pool.link(connection.channelId, connection, credentials);
    link.assign(this.#ledger.modesOf(connection.channelId));
    return connection.open(link);
  }

  async #stop(): Promise<void> {
    this.#run = undefined;
    this.#startedAt = undefined;
    await Promise.all(this.connections.map((connection) => connection.close()));
    await this.#pool?.close();
    this.#pool = undefined;
    for (const { channelId, hub } of this.connections) {
      this.#ledger.restore(channelId);
      hub.end();
    }
  }

  #changed(channelId: ChannelId, state: TickerState): void {
    if (this.#run === undefined) return;
    if (state !== 'open') this.#orders.lost(channelId);
    if (state === 'open') {
      this.#ledger.restore(channelId);
      this.#placeUnplaced();
    }
    if (state === 'failed') this.#giveUpOn(channelId);
    else this.#onChange();
  }

  /** Its instruments go to the others as far as they have room; the rest is replayed when it comes back. */
  #giveUpOn(channelId: ChannelId): void {
    this.#ledger.takeOut(channelId);
    this.#placeUnplaced();
    this.#onChange();
  }

  #placeUnplaced(): void {
    this.#apply(this.#ledger.placeUnplaced());
  }

  #apply(changes: readonly LedgerChange[]): void {
    for (const { channelId, release, assign } of changes) {
      const link = this.connections.find((connection) => connection.channelId === channelId)?.link;
      if (release.length > 0) link?.unsubscribe(release);
      if (assign.size > 0) link?.assign(assign);
    }
  }

  #openChannels(): ChannelId[] {
    return this.connections.filter(({ isOpen }) => isOpen).map(({ channelId }) => channelId);
  }

  #sleep(delayMs: number): Promise<void> {
    if (delayMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#options.clock.setTimeout(resolve, delayMs);
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
