import type { ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';
import type { Clock, EventOf, Mode } from '@kite/protocol';

import type { Outage } from './connection-parts.js';
import type { ManagedConnection } from './managed-connection.js';
import { movingFrom, Outages } from './outages.js';
import { type Move, Placement, type PlacementChange, type PlacementOptions } from './placement.js';
import type { StreamWatcher } from './stream-watcher.js';

/** What the symbols are placed on, and by which rules. */
export interface PlacedSymbolsOptions extends PlacementOptions {
  readonly clock: Clock;
  /** By their numbers. */
  readonly connections: () => readonly ManagedConnection[];
  /** Called when the connection of these no longer streams. */
  readonly onDark: (tokens: Iterable<number>) => void;
}

/**
 * The instruments on an account's connections: carries out what the placement decides, and follows which of them are
 * streamed.
 */
export class PlacedSymbols {
  readonly #options: PlacedSymbolsOptions;
  readonly #placement: Placement;
  readonly #outages = new Outages();
  readonly #watchers: StreamWatcher[] = [];

  constructor(options: PlacedSymbolsOptions) {
    this.#options = options;
    this.#placement = new Placement(options);
  }

  /** Token to mode, of all connections. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#placement.modes;
  }

  /** Instruments whose connection has given up while no other has room. */
  get unplaced(): readonly number[] {
    return this.#placement.unplaced;
  }

  /** Instruments on a connection that does not stream. */
  get dark(): readonly number[] {
    return this.#placement.dark;
  }

  /** How many more instruments the connections that stream or start could take. */
  get room(): number {
    return this.#placement.room;
  }

  homeOf(token: number): ChannelId | undefined {
    return this.#placement.homeOf(token);
  }

  heldBy(channelId: ChannelId): ReadonlySet<number> {
    return this.#placement.heldBy(channelId);
  }

  /** The modes of what a connection holds. */
  modesOf(channelId: ChannelId): Map<number, Mode> {
    return this.#placement.modesOf(channelId);
  }

  /** Notifies the watcher of what the connections stream, from now on. */
  watch(watcher: StreamWatcher): void {
    this.#watchers.push(watcher);
  }

  /**
   * Streams `assign` in these modes and stops `release`: all of it or nothing.
   *
   * @throws KiteError `KITE_MANAGER_CAPACITY`
   */
  change(assign: ReadonlyMap<number, Mode>, release: readonly number[]): void {
    this.#placement.assertRoom(assign.keys(), release);
    if (release.length > 0) this.#release(release);
    if (assign.size > 0) this.#assign(assign);
  }

  /** The outages of these instruments, as far as they were streamed here and are not now. */
  outagesOf(tokens: Iterable<number>): ReadonlyMap<number, Outage> {
    return this.#outages.of(tokens);
  }

  /** These were streamed elsewhere and are subscribed here now: reports a `gap` before the first packet of each. */
  missed(outages: ReadonlyMap<number, Outage>): void {
    for (const connection of this.#connections) {
      const { channelId } = connection;
      const here = [...outages].filter(([token]) => this.#placement.homeOf(token) === channelId);
      this.#outages.came(new Map(here), connection);
    }
  }

  /** Still delivers packets in flight of these instruments, which were unsubscribed in this turn. */
  linger(tokens: readonly number[]): void {
    for (const { hub } of this.#connections) hub.handover.linger(tokens);
  }

  /** These came over a connection that their instruments had left. */
  straggled(message: EventOf<'ticks'>): void {
    for (const watcher of this.#watchers) watcher.straggled(message);
  }

  /** The connections are about to be opened. */
  starting(): void {
    this.#placement.starting();
  }

  /** The states of connections have changed: notes what is streamed, and moves instruments back and away. */
  follow(): void {
    // A worker that hangs or recovers changes all its connections before the first of them reports it.
    const changed = this.#connections.filter(
      ({ channelId, currentStatus }) =>
        (currentStatus === 'streaming') !== this.#outages.isStreaming(channelId),
    );
    for (const connection of this.#connections)
      if (connection.currentStatus === 'down') this.#outages.lost(connection);
    const back: ChannelId[] = [];
    for (const connection of changed) {
      if (connection.currentStatus === 'streaming') {
        this.#streams(connection);
        back.push(connection.channelId);
      } else this.#streamsNoLonger(connection);
    }
    if (back.length > 0) this.#move(this.#placement.moveBack(back));
    this.#moveAway();
  }

  /** The connections are about to be closed: what they stream no longer is no outage. */
  stopped(): void {
    this.#outages.clear();
    this.#placement.forgetMoves();
  }

  get #connections(): readonly ManagedConnection[] {
    return this.#options.connections();
  }

  #streams(connection: ManagedConnection): void {
    const { channelId } = connection;
    const held = this.#placement.heldBy(channelId);
    this.#outages.started(connection, held);
    for (const watcher of this.#watchers) watcher.streams(channelId, held);
  }

  #streamsNoLonger(connection: ManagedConnection): void {
    const { channelId, hub } = connection;
    const held = this.#placement.heldBy(channelId);
    const outage = this.#outages.stopped(connection, held);
    for (const watcher of this.#watchers) watcher.stops(channelId, held, outage, hub.outage === undefined);
    this.#options.onDark(held);
    if (!this.#outages.isAnyStreaming) this.#placement.noteOutageOfAll();
  }

  #moveAway(): void {
    this.#move(this.#placement.moveAway());
  }

  #move(moves: readonly Move[]): void {
    if (moves.length === 0) return;
    const connections = this.#connections;
    this.#outages.moved(moves, connections);
    for (const [from, ofFrom] of groupBy(moves, (move) => move.from)) {
      const tokens = ofFrom.map(({ token }) => token);
      const outage = movingFrom(connections[from]!.hub);
      for (const watcher of this.#watchers) watcher.stops(from, tokens, outage, false);
    }
    this.#apply(this.#placement.changesOf(moves));
  }

  #assign(modes: ReadonlyMap<number, Mode>): void {
    const added = [...modes.keys()].filter((token) => !this.#placement.modes.has(token));
    const changes = this.#placement.assign(modes);
    for (const { channelId, assign } of changes)
      this.#connections[channelId]?.hub.handover.subscribed(assign.keys());
    const { clock } = this.#options;
    this.#outages.subscribed(added, { from: clock.now(), since: clock.monotonic() });
    this.#apply(changes);
  }

  #release(tokens: readonly number[]): void {
    const changes = this.#placement.unsubscribe(tokens);
    for (const { channelId, release } of changes)
      this.#outages.left(release, this.#connections[channelId]!.hub);
    this.#apply(changes);
    // There may be room now for unplaced instruments.
    this.#moveAway();
  }

  #apply(changes: readonly PlacementChange[]): void {
    for (const { channelId } of changes) this.#connections[channelId]?.modesChanged();
  }
}
