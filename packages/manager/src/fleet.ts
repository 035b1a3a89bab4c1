import { type AccessToken, ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';
import { KiteError, type Mode, type TickerState } from '@kite/protocol';

import type { Endpoint } from './connection-parts.js';
import type { Links } from './link.js';
import { openLinks } from './links.js';
import { ManagedConnection } from './managed-connection.js';
import type { ResolvedManagerConfig } from './options.js';
import { OrderDedup } from './order-dedup.js';
import { type Outage, Outages } from './outages.js';
import { Placement, type PlacementChange } from './placement.js';
import { shareCalls } from './share-calls.js';

/** What a fleet stands on. */
export interface FleetOptions extends ResolvedManagerConfig {
  endpoint: Endpoint;
  apiKey: string;
  accessToken: AccessToken;
}

/** Whom a fleet tells. */
export interface FleetOwner {
  /** The connections are about to be opened. */
  started(): void;
  /** A connection's state has changed, or where instruments are. */
  changed(): void;
  /** The connections are about to be closed, if they are not by now. */
  stopped(): void;
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
  readonly #placement: Placement;
  readonly #orders: OrderDedup;
  readonly #outages = new Outages();
  readonly #owner: FleetOwner;
  #apiKey: string;
  #accessToken: AccessToken;
  #links: Links | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** This start; aborted by its stop. */
  #run: AbortController | undefined;
  #startedAt: number | undefined;

  constructor(options: FleetOptions, owner: FleetOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#orders = new OrderDedup(options.clock);
    this.#apiKey = options.apiKey;
    this.#accessToken = shareCalls(options.accessToken);
    const channelIds = ChannelId.all().slice(0, options.maxConnections);
    this.#placement = new Placement({ ...options, channelIds });
    this.connections = channelIds.map((channelId) => this.#makeConnection(channelId));
  }

  /** Token to mode, of all connections. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#placement.modes;
  }

  /** Instruments whose connection is down while no other has room. */
  get unplaced(): readonly number[] {
    return this.#placement.unplaced;
  }

  /** How many more instruments the connections that are healthy could take. */
  get room(): number {
    return this.#placement.room;
  }

  /** Milliseconds since the start; 0 while stopped. */
  get uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#options.clock.monotonic() - this.#startedAt;
  }

  homeOf(token: number): ChannelId | undefined {
    return this.#placement.homeOf(token);
  }

  heldBy(channelId: ChannelId): ReadonlySet<number> {
    return this.#placement.heldBy(channelId);
  }

  /** See `KiteTickerManager.start`. */
  start(keepTrying: boolean): Promise<void> {
    if (this.#starting) return this.#starting;
    if (this.#run) return Promise.resolve();
    const run = new AbortController();
    this.#run = run;
    const starting = this.#start(run, keepTrying).finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
      if (this.#run === run && this.#links === undefined) this.#run = undefined;
    });
    this.#starting = starting;
    return starting;
  }

  /** See `KiteTickerManager.stop`. */
  async stop(): Promise<void> {
    await this.halt();
    for (const { hub } of this.connections) hub.end();
  }

  /**
   * Closes the connections; channels stay for the next start. Whatever start was called before it comes to nothing; one that is
   * called after it begins anew.
   */
  halt(): Promise<void> {
    const starting = this.#starting;
    this.#run?.abort();
    this.#run = undefined;
    this.#starting = undefined;
    this.#startedAt = undefined;
    this.#outages.clear();
    this.#owner.stopped();
    this.#stopping ??= this.#close(starting).finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** @throws KiteError `KITE_MANAGER_CAPACITY` */
  assign(modes: ReadonlyMap<number, Mode>): void {
    this.#apply(this.#placement.assign(modes));
    if (this.#placement.unplaced.length > 0) this.#owner.changed();
  }

  /** @throws KiteError `KITE_MANAGER_CAPACITY` */
  subscribe(tokens: readonly number[], mode: Mode | undefined): void {
    this.#apply(this.#placement.subscribe(tokens, mode));
    if (this.#placement.unplaced.length > 0) this.#owner.changed();
  }

  unsubscribe(tokens: readonly number[]): void {
    this.#apply(this.#placement.unsubscribe(tokens));
    this.#outages.forget(tokens);
    this.#placeUnplaced();
    this.#owner.changed();
  }

  /** @throws KiteError `KITE_MANAGER_NOT_SUBSCRIBED` */
  changeMode(tokens: readonly number[], mode: Mode): void {
    this.#apply(this.#placement.changeMode(tokens, mode));
  }

  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    const before = { apiKey: this.#apiKey, accessToken: this.#accessToken };
    const changed: ManagedConnection[] = [];
    this.#apiKey = apiKey ?? this.#apiKey;
    this.#accessToken = shareCalls(accessToken);
    try {
      for (const connection of this.connections) {
        connection.updateCredentials(this.#apiKey, this.#accessToken);
        changed.push(connection);
      }
    } catch (error) {
      // All or none: the key has other connections in this process.
      this.#apiKey = before.apiKey;
      this.#accessToken = before.accessToken;
      for (const connection of changed) connection.updateCredentials(before.apiKey, before.accessToken);
      throw error;
    }
  }

  /** Since when those of these instruments have not been streamed that were, and are not. */
  outagesOf(tokens: Iterable<number>): ReadonlyMap<number, Outage> {
    return this.#outages.of(tokens);
  }

  /** These were lost elsewhere and are subscribed here now: a `gap` says so where they are, as soon as they are streamed there. */
  missed(outages: ReadonlyMap<number, Outage>): void {
    for (const [token, outage] of outages) {
      if (this.#placement.homeOf(token) !== undefined) this.#outages.add([token], outage);
    }
    this.#tellGaps(outages.keys());
  }

  #makeConnection(channelId: ChannelId): ManagedConnection {
    return new ManagedConnection(channelId, this.#options, {
      acceptOrder: (text) => this.#orders.accept(text, channelId, this.#possiblyOpen()),
      lost: (outage) => {
        if (this.#startedAt !== undefined) this.#outages.add(this.#placement.heldBy(channelId), outage);
      },
      changed: (state) => {
        this.#changed(channelId, state);
      },
      downTooLong: () => {
        this.#giveUpOn(channelId);
      },
    });
  }

  async #start(run: AbortController, keepTrying: boolean): Promise<void> {
    await this.#stopping;
    if (this.#run !== run) throw stopped();
    const links = await openLinks(this.#options, this.#options.endpoint);
    if (this.#run !== run) {
      await links.close();
      throw stopped();
    }
    this.#links = links;
    this.#startedAt = this.#options.clock.monotonic();
    this.#owner.started();
    if (links.fallback) this.connections[0]?.hub.issue(links.fallback);
    const errors = await Promise.all(
      this.connections.map((connection, index) =>
        this.#open(connection, index * STAGGER_MS, links, run.signal),
      ),
    );
    if (this.#run !== run) throw stopped();
    const failures = errors.filter((error) => error !== undefined);
    if (keepTrying || failures.length < errors.length) return;
    // From here on this start waits for the end, and not the other way round.
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
    const credentials = { apiKey: this.#apiKey, accessToken: this.#accessToken };
    const link = links.link(channelId, connection, credentials);
    link.assign(this.#placement.modesOf(channelId));
    return connection.open(link);
  }

  async #close(starting: Promise<void> | undefined): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    // An I/O worker that has only just been started is ended by whoever waits for it.
    await starting?.catch(() => undefined);
    await this.#links?.close();
    this.#links = undefined;
    for (const { channelId } of this.connections) this.#placement.restore(channelId);
    this.#owner.changed();
  }

  #changed(channelId: ChannelId, state: TickerState): void {
    if (state !== 'open') this.#orders.lost(channelId);
    if (this.#startedAt === undefined) return;
    if (state === 'open') {
      this.#tellGaps(this.#placement.heldBy(channelId));
      this.#placement.restore(channelId);
      this.#placeUnplaced();
    }
    if (state === 'failed') this.#giveUpOn(channelId);
    else this.#owner.changed();
  }

  /** Its instruments go to the others as far as they have room; the rest is replayed when it comes back. */
  #giveUpOn(channelId: ChannelId): void {
    this.#placement.takeOut(channelId);
    this.#placeUnplaced();
    this.#owner.changed();
  }

  #placeUnplaced(): void {
    const isDown = (channelId: ChannelId): boolean => this.connections[channelId]?.isDown ?? true;
    const changes = this.#placement.placeUnplaced(isDown);
    this.#apply(changes);
    for (const { assign } of changes) this.#tellGaps(assign.keys());
  }

  /** Of those of these instruments that were lost and are on an open connection now: before their first tick there. */
  #tellGaps(tokens: Iterable<number>): void {
    const now = this.#options.clock.now();
    for (const [home, ofHome] of groupBy(tokens, (token) => this.#placement.homeOf(token))) {
      const connection = home === undefined ? undefined : this.connections[home];
      if (!connection?.isOpen) continue;
      for (const [outage, instrumentTokens] of this.#outages.take(ofHome)) {
        // What it has lost itself is told by its own gap.
        if (outage === connection.lastOutage) continue;
        // The clock on the wall may have been set back meanwhile.
        connection.hub.missed({ ...outage, to: Math.max(now, outage.from), instrumentTokens });
      }
    }
  }

  #apply(changes: readonly PlacementChange[]): void {
    for (const { channelId, release, assign } of changes) {
      const link = this.connections[channelId]?.link;
      if (release.length > 0) link?.unsubscribe(release);
      if (assign.size > 0) link?.assign(assign);
    }
  }

  #possiblyOpen(): ChannelId[] {
    return this.connections.filter(({ mayBeOpen }) => mayBeOpen).map(({ channelId }) => channelId);
  }

  /** For so long, or until the signal. */
  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    if (delayMs === 0) return Promise.resolve();
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

function stopped(): KiteError {
  return new KiteError('KITE_MANAGER_STOPPED', 'the manager was stopped before it had started');
}

function startFailed(reasons: readonly KiteError[]): KiteError {
  const messages = new Set(reasons.map(({ message }) => message));
  return new KiteError('KITE_MANAGER_START_FAILED', `no connection opened: ${[...messages].join('; ')}`, {
    reasons,
  });
}
