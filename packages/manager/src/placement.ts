import type { ChannelId } from '@kite/connection';
import { counted, groupBy, OwnedMap, type Place, Spreader } from '@kite/kit';
import { KiteError, type Mode } from '@kite/protocol';

import type { SourceStatus } from './connection-parts.js';
import type { Distribution } from './distribution.js';

/** What one connection must do; `release` comes before any `assign` of the same list. */
export interface PlacementChange {
  channelId: ChannelId;
  /** No longer streamed there. */
  release: readonly number[];
  /** Streamed there, in these modes. */
  assign: ReadonlyMap<number, Mode>;
}

/** An instrument goes from one connection to another. */
export interface Move {
  readonly token: number;
  readonly from: ChannelId;
  readonly to: ChannelId;
}

/** What the connections report. */
export interface Standing {
  statusOf(channelId: ChannelId): SourceStatus;
  /** It has been down for too long, or will be: its instruments go to others. */
  hasGivenUp(channelId: ChannelId): boolean;
}

/** What placement depends on. */
export interface PlacementOptions {
  channelIds: readonly ChannelId[];
  maxSymbolsPerConnection: number;
  distribution: Distribution;
  standing: Standing;
}

/**
 * Decides which connection holds which subscription. Sends nothing: it returns what each connection must do.
 *
 * A subscription is always on some connection: a new one goes to a connection that streams or starts, or to another if
 * all of those are full. Instruments on a connection that has given up move to those that stream or start, as far as
 * they have room; the rest is unplaced. A moved instrument stays where it is, except after an outage of every
 * connection: then it goes back when its connection streams again. Once all stream, none is left with less than half
 * of its share.
 */
export class Placement {
  readonly #options: PlacementOptions;
  readonly #modes = new OwnedMap<number, Mode>();
  readonly #homes = new Map<number, ChannelId>();
  readonly #held = new Map<ChannelId, Set<number>>();
  /** The original connection of each instrument that has moved since the last outage of every connection. */
  readonly #origins = new Map<number, ChannelId>();
  readonly #spreader: Spreader<ChannelId>;
  #isAfterOutageOfAll = false;

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#spreader = new Spreader(options.distribution);
    for (const channelId of options.channelIds) this.#held.set(channelId, new Set());
  }

  /** Token to mode. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes.view;
  }

  /** The most instruments that it can hold. */
  get capacity(): number {
    return this.#options.channelIds.length * this.#options.maxSymbolsPerConnection;
  }

  /** How many more instruments the connections that stream or start could take. */
  get room(): number {
    return this.#places().reduce((total, { room }) => total + room, 0);
  }

  /** Which connection holds the instrument; undefined: it is not subscribed. */
  homeOf(token: number): ChannelId | undefined {
    return this.#homes.get(token);
  }

  heldBy(channelId: ChannelId): ReadonlySet<number> {
    return this.#held.get(channelId) ?? new Set();
  }

  /** The modes of what a connection holds. */
  modesOf(channelId: ChannelId): Map<number, Mode> {
    return this.#modesOf(this.heldBy(channelId));
  }

  /** Instruments on a connection that has given up: no other has room for them. */
  get unplaced(): number[] {
    return this.#heldWhere((channelId) => this.#options.standing.hasGivenUp(channelId));
  }

  /** Instruments on a connection that does not stream. */
  get dark(): number[] {
    return this.#heldWhere((channelId) => this.#options.standing.statusOf(channelId) !== 'streaming');
  }

  /**
   * @param leaving instruments that are removed first
   * @throws KiteError `KITE_MANAGER_CAPACITY` unless it can hold these beside what it holds
   */
  assertRoom(tokens: Iterable<number>, leaving: readonly number[] = []): void {
    let requested = 0;
    for (const token of tokens) if (!this.#modes.has(token)) requested++;
    const held = this.#modes.size - leaving.filter((token) => this.#modes.has(token)).length;
    const available = this.capacity - held;
    if (requested <= available) return;
    throw new KiteError(
      'KITE_MANAGER_CAPACITY',
      `${counted(requested, 'more instrument does', 'more instruments do')} not fit: ${available} of ${this.capacity} are free; several accounts stream more (@kite/multi-api)`,
      { requested, available },
    );
  }

  /**
   * Holds these instruments in these modes, all or none; those already held change mode.
   *
   * @throws KiteError `KITE_MANAGER_CAPACITY`
   */
  assign(modes: ReadonlyMap<number, Mode>): PlacementChange[] {
    this.assertRoom(modes.keys());
    const tokens = [...modes.keys()];
    const added = tokens.filter((token) => !this.#modes.has(token));
    const changed = tokens.filter((token) => this.#modes.get(token) !== modes.get(token));
    for (const [token, mode] of modes) this.#modes.set(token, mode);
    this.#settle(added);
    return this.#assignments(changed);
  }

  /** Removes instruments; those that are not held are ignored. */
  unsubscribe(tokens: readonly number[]): PlacementChange[] {
    const held = new Set(tokens.filter((token) => this.#modes.has(token)));
    const released = this.#byHome(held);
    for (const token of held) {
      this.#held.get(this.#homes.get(token)!)?.delete(token);
      this.#modes.delete(token);
      this.#homes.delete(token);
      this.#origins.delete(token);
    }
    return [...released].map(([channelId, release]) => ({ channelId, release, assign: new Map() }));
  }

  /** The connections are about to open: spreads their instruments while that costs no move. */
  starting(): void {
    this.#evenOut();
  }

  /** No connection streams: instruments that move from now on go back later. */
  noteOutageOfAll(): void {
    this.#isAfterOutageOfAll = true;
  }

  /** Forgets what has moved where. */
  forgetMoves(): void {
    this.#origins.clear();
    this.#isAfterOutageOfAll = false;
  }

  /** Moves instruments off connections that have given up to those that stream or start, as far as they have room. */
  moveAway(): Move[] {
    // Never to a connection that is down.
    const places = this.#places().map((place) => ({ ...place, spare: place.room }));
    const moves = this.#moves(this.#spreader.spread(this.unplaced, places));
    if (this.#isAfterOutageOfAll)
      for (const { token, from } of moves) if (!this.#origins.has(token)) this.#origins.set(token, from);
    return moves;
  }

  /** These connections stream again: after an outage of every connection each gets its moved instruments back. */
  moveBack(channelIds: readonly ChannelId[]): Move[] {
    const moves = channelIds.flatMap((channelId) => this.#moveBackTo(channelId));
    const isComplete = this.#options.channelIds.every(
      (id) => this.#options.standing.statusOf(id) === 'streaming',
    );
    if (!isComplete) return moves;
    if (this.#isAfterOutageOfAll) moves.push(...this.#evenOut());
    this.forgetMoves();
    return joined(moves);
  }

  /** What each connection must do for these moves. */
  changesOf(moves: readonly Move[]): PlacementChange[] {
    const released = groupBy(moves, ({ from }) => from);
    return [
      ...[...released].map(([channelId, list]) => ({
        channelId,
        release: list.map(({ token }) => token),
        assign: new Map<number, Mode>(),
      })),
      ...this.#assignments(moves.map(({ token }) => token)),
    ];
  }

  /** Fills each connection that holds less than half of its share, from those that hold more than theirs. */
  #evenOut(): Move[] {
    const { channelIds } = this.#options;
    const share = Math.floor(this.#modes.size / channelIds.length);
    const moves: Move[] = [];
    for (const to of channelIds) {
      if (this.heldBy(to).size * 2 * channelIds.length >= this.#modes.size) continue;
      for (const from of channelIds) {
        const spare = Math.max(0, this.heldBy(from).size - share);
        const missing = Math.max(0, share - this.heldBy(to).size);
        const tokens = [...this.heldBy(from)].slice(0, Math.min(spare, missing));
        moves.push(...this.#moves(tokens.map((token) => [token, [to]])));
      }
    }
    return moves;
  }

  #moveBackTo(channelId: ChannelId): Move[] {
    const free = this.#options.maxSymbolsPerConnection - this.heldBy(channelId).size;
    const tokens = [...this.#origins]
      .filter(([, origin]) => origin === channelId)
      .map(([token]) => token)
      .slice(0, free);
    for (const token of tokens) this.#origins.delete(token);
    const back = tokens.filter((token) => this.homeOf(token) !== channelId);
    return this.#moves(back.map((token) => [token, [channelId]]));
  }

  #isOpenToNew(channelId: ChannelId): boolean {
    const { standing } = this.#options;
    return standing.statusOf(channelId) !== 'down' && !standing.hasGivenUp(channelId);
  }

  /** Places new instruments: on connections that stream or start, else on any that has room. */
  #settle(tokens: readonly number[]): void {
    for (const [token, [channelId]] of this.#spreader.spread(tokens, this.#places()))
      this.#place(token, channelId!);
  }

  /** Moves instruments; those without a place stay. */
  #moves(places: Iterable<readonly [number, readonly ChannelId[]]>): Move[] {
    const moves: Move[] = [];
    for (const [token, [to]] of places) {
      if (to === undefined) continue;
      moves.push({ token, from: this.#homes.get(token)!, to });
      this.#place(token, to);
    }
    return moves;
  }

  #place(token: number, channelId: ChannelId): void {
    const home = this.#homes.get(token);
    if (home !== undefined) this.#held.get(home)?.delete(token);
    this.#homes.set(token, channelId);
    this.#held.get(channelId)?.add(token);
  }

  #heldWhere(isMeant: (channelId: ChannelId) => boolean): number[] {
    return this.#options.channelIds.filter(isMeant).flatMap((channelId) => [...this.heldBy(channelId)]);
  }

  #places(): Place<ChannelId>[] {
    const { channelIds, maxSymbolsPerConnection } = this.#options;
    return channelIds.map((id) => {
      const held = this.heldBy(id).size;
      const spare = maxSymbolsPerConnection - held;
      return { id, held, spare, room: this.#isOpenToNew(id) ? spare : 0, weight: 1 };
    });
  }

  #assignments(tokens: readonly number[]): PlacementChange[] {
    return [...this.#byHome(tokens)].map(([channelId, list]) => ({
      channelId,
      release: [],
      assign: this.#modesOf(list),
    }));
  }

  #byHome(tokens: Iterable<number>): Map<ChannelId, number[]> {
    return groupBy(tokens, (token) => this.#homes.get(token)!);
  }

  #modesOf(tokens: Iterable<number>): Map<number, Mode> {
    const modes = new Map<number, Mode>();
    for (const token of tokens) modes.set(token, this.#modes.get(token)!);
    return modes;
  }
}

/** Merges each instrument's moves into one. */
function joined(moves: readonly Move[]): Move[] {
  const byToken = new Map<number, Move>();
  for (const move of moves)
    byToken.set(move.token, { ...move, from: (byToken.get(move.token) ?? move).from });
  return [...byToken.values()].filter(({ from, to }) => from !== to);
}
