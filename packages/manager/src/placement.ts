import type { ChannelId } from '@kite/connection';
import { counted, groupBy } from '@kite/kit';
import { KiteError, type Mode } from '@kite/protocol';

import { allocate, type Distribution, type Room } from './allocation.js';
import { notSubscribed } from './connection-parts.js';

/** What one connection has to do; `release` comes before any `assign` of the same list. */
export interface PlacementChange {
  channelId: ChannelId;
  /** No longer streamed there. */
  release: readonly number[];
  /** Streamed there, in these modes. */
  assign: ReadonlyMap<number, Mode>;
}

/** What placement goes by. */
export interface PlacementOptions {
  channelIds: readonly ChannelId[];
  maxSymbolsPerConnection: number;
  distribution: Distribution;
  defaultMode: Mode;
}

/**
 * Who holds what: every instrument's mode, and the connection that it is at home on.
 *
 * Each change is decided here, and given back as what each connection has to do; nothing is sent. An instrument always
 * has a home. While its home is down it is unplaced, and moves as soon as another connection has room.
 */
export class Placement {
  readonly #options: PlacementOptions;
  readonly #modes = new Map<number, Mode>();
  readonly #homes = new Map<number, ChannelId>();
  readonly #held = new Map<ChannelId, Set<number>>();
  readonly #down = new Set<ChannelId>();
  #cursor = 0;

  constructor(options: PlacementOptions) {
    this.#options = options;
    for (const channelId of options.channelIds) this.#held.set(channelId, new Set());
  }

  /** Token to mode. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes;
  }

  /** The most instruments that it can hold. */
  get capacity(): number {
    return this.#options.channelIds.length * this.#options.maxSymbolsPerConnection;
  }

  /** How many more instruments the connections that are healthy could take. */
  get room(): number {
    return this.#rooms((channelId) => !this.isDown(channelId)).reduce(
      (total, { size, capacity }) => total + capacity - size,
      0,
    );
  }

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

  /** Instruments whose connection is down. */
  get unplaced(): number[] {
    return [...this.#down].flatMap((channelId) => [...this.heldBy(channelId)]);
  }

  /**
   * Holds these instruments in these modes, all or none: those that are held change to theirs.
   *
   * @throws KiteError `KITE_MANAGER_CAPACITY`
   */
  assign(modes: ReadonlyMap<number, Mode>): PlacementChange[] {
    const tokens = [...modes.keys()];
    const added = tokens.filter((token) => !this.#modes.has(token));
    this.#assertCapacity(added.length);
    const changed = tokens.filter((token) => this.#modes.get(token) !== modes.get(token));
    for (const [token, mode] of modes) this.#modes.set(token, mode);
    this.#settle(added);
    return this.#assignments(changed);
  }

  /**
   * {@link assign} with one mode. Without a mode, those that are held keep theirs and the others get `defaultMode`.
   *
   * @throws KiteError `KITE_MANAGER_CAPACITY`
   */
  subscribe(tokens: readonly number[], mode: Mode | undefined): PlacementChange[] {
    const { defaultMode } = this.#options;
    return this.assign(
      new Map(tokens.map((token) => [token, mode ?? this.#modes.get(token) ?? defaultMode])),
    );
  }

  /** Removes instruments; those that are not held are ignored. */
  unsubscribe(tokens: readonly number[]): PlacementChange[] {
    const held = new Set(tokens.filter((token) => this.#modes.has(token)));
    const released = this.#byHome(held);
    for (const token of held) {
      this.#held.get(this.#homes.get(token)!)?.delete(token);
      this.#modes.delete(token);
      this.#homes.delete(token);
    }
    return [...released].map(([channelId, release]) => ({ channelId, release, assign: new Map() }));
  }

  /** @throws KiteError `KITE_MANAGER_NOT_SUBSCRIBED` with the `tokens` that are not, and then nothing has changed */
  changeMode(tokens: readonly number[], mode: Mode): PlacementChange[] {
    const unknown = tokens.filter((token) => !this.#modes.has(token));
    if (unknown.length > 0) throw notSubscribed('KITE_MANAGER_NOT_SUBSCRIBED', unknown);
    return this.subscribe(tokens, mode);
  }

  /** The connection can hold instruments again. */
  restore(channelId: ChannelId): void {
    this.#down.delete(channelId);
  }

  /** The connection can hold nothing for now: what it holds is unplaced. */
  takeOut(channelId: ChannelId): void {
    this.#down.add(channelId);
  }

  isDown(channelId: ChannelId): boolean {
    return this.#down.has(channelId);
  }

  /**
   * Moves unplaced instruments to whoever has room for them.
   *
   * @param isDown who gets none: a move to one that is down itself would only be a detour
   */
  placeUnplaced(isDown: (channelId: ChannelId) => boolean): PlacementChange[] {
    const { assigned, cursor } = allocate(
      this.unplaced,
      this.#rooms((channelId) => !this.isDown(channelId) && !isDown(channelId)),
      this.#options.distribution,
      this.#cursor,
    );
    this.#cursor = cursor;
    const moved = [...assigned.values()].flat();
    const released = this.#byHome(moved);
    for (const [channelId, tokens] of assigned) for (const token of tokens) this.#move(token, channelId);
    return [
      ...[...released].map(([channelId, release]) => ({
        channelId,
        release,
        assign: new Map<number, Mode>(),
      })),
      ...this.#assignments(moved),
    ];
  }

  /** Gives new instruments a home: with a healthy connection that has room, else any that has room. */
  #settle(tokens: readonly number[]): void {
    const { distribution } = this.#options;
    const first = allocate(
      tokens,
      this.#rooms((channelId) => !this.isDown(channelId)),
      distribution,
      this.#cursor,
    );
    this.#cursor = first.cursor;
    const rest = allocate(
      first.leftOver,
      this.#rooms((channelId) => this.isDown(channelId)),
      distribution,
    );
    for (const { assigned } of [first, rest]) {
      for (const [channelId, list] of assigned) for (const token of list) this.#move(token, channelId);
    }
  }

  #move(token: number, channelId: ChannelId): void {
    const home = this.#homes.get(token);
    if (home !== undefined) this.#held.get(home)?.delete(token);
    this.#homes.set(token, channelId);
    this.#held.get(channelId)?.add(token);
  }

  #rooms(isMeant: (channelId: ChannelId) => boolean): Room[] {
    const capacity = this.#options.maxSymbolsPerConnection;
    return this.#options.channelIds
      .filter(isMeant)
      .map((channelId) => ({ channelId, size: this.heldBy(channelId).size, capacity }));
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

  #assertCapacity(requested: number): void {
    const available = this.capacity - this.#modes.size;
    if (requested <= available) return;
    throw new KiteError(
      'KITE_MANAGER_CAPACITY',
      `${counted(requested, 'more instrument does', 'more instruments do')} not fit: ${available} of ${this.capacity} are free`,
      { requested, available },
    );
  }
}
