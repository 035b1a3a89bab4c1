import type { PlacedConnection } from '../client/client.js';
import type { Failure } from './failure.js';

/** How often the placement is looked at, in milliseconds. */
export const LOOK_EVERY_MS = 1000;

/** What placement promises. */
export interface PlacementPromise {
  readonly failoverAfterMs: number;
  readonly maxSymbolsPerConnection: number;
}

interface Connection {
  /** Since when it is not open; undefined: it is. */
  downSince: number | undefined;
  /** It has been open since the start. */
  hasOpened: boolean;
  readonly held: Set<number>;
  /** Instruments put there while it was down and another one was open and had room. */
  readonly misplaced: Set<number>;
  /** Since when it has held an instrument that belongs elsewhere. */
  readonly wrongSince: Map<number, number>;
  isTold: boolean;
}

/**
 * Checks at intervals that no instrument is on a down connection while another one is open and has room. None may be
 * put there then, or stay on a failed connection; others must leave within `failoverAfterMs` after it went down.
 */
export class PlacementWatch {
  readonly failures: Failure[] = [];
  readonly #promise: PlacementPromise;
  readonly #connections = new Map<string, Connection>();
  /** Connections that were open and had room at the last look. */
  #hadRoom: ReadonlySet<string> = new Set();
  #lookedAt = 0;

  constructor(promise: PlacementPromise) {
    this.#promise = promise;
  }

  /**
   * Takes the current state.
   *
   * @param wasBlocked whether the program could not act since the last look: that time does not count, and a deadline
   *   that ran out meanwhile is extended by as much again
   * @param startedAt when it last started: the watch starts over
   * @param mute by account, how many of its open sockets have brought nothing of late: as many of its open connections
   *   may be dead
   * @param flapped the accounts with sockets that opened and ended since the last look
   * @param isPinned whether the program has chosen the account for the instrument: it stays there
   */
  look(
    now: number,
    placed: readonly PlacedConnection[],
    wasBlocked: boolean,
    startedAt = 0,
    mute: ReadonlyMap<string, number> = new Map(),
    flapped: ReadonlySet<string> = new Set(),
    isPinned: (account: string, token: number) => boolean = () => false,
  ): void {
    const passed = now - this.#lookedAt;
    if (startedAt > this.#lookedAt) this.#beginAnew();
    this.#lookedAt = now;
    const room = this.#withRoom(placed, mute);
    const hadRoom = placed.filter((one) => room.has(keyOf(one)) && this.#hadRoom.has(keyOf(one)));
    this.#hadRoom = room;
    const seen = placed.map((one) => {
      // A socket that opened and ended may have been this one's: then new instruments went to an open connection.
      const isMisplaced = (token: number): boolean =>
        !flapped.has(one.account) &&
        hadRoom.some(({ account }) => !holdsElsewhere(placed, account, token, one.account));
      return { ...one, connection: this.#seen(one, now, isMisplaced) };
    });
    for (const { connection, ...one } of seen) {
      if (wasBlocked && connection.downSince !== undefined) connection.downSince += 2 * passed;
      // It may have been this one: then it has been down since.
      if (connection.downSince !== undefined && flapped.has(one.account)) connection.downSince = now;
      if (wasBlocked || one.state === 'open') connection.wrongSince.clear();
      else
        for (const token of one.tokens)
          if (!isPinned(one.account, token)) this.#judge(token, one, connection, placed, now);
    }
  }

  #beginAnew(): void {
    this.#hadRoom = new Set();
    for (const [key, { isTold }] of this.#connections)
      this.#connections.set(key, newConnection(this.#lookedAt, isTold));
  }

  /** @param isMisplaced whether a new instrument on a down connection belongs elsewhere */
  #seen(placed: PlacedConnection, now: number, isMisplaced: (token: number) => boolean): Connection {
    const key = keyOf(placed);
    const { state, tokens } = placed;
    let connection = this.#connections.get(key);
    // A stopped program starts over.
    if (!connection || state === 'idle' || state === 'closed') {
      connection = newConnection(now, connection?.isTold ?? false);
      this.#connections.set(key, connection);
    }
    if (state === 'open') Object.assign(connection, { downSince: undefined, hasOpened: true });
    else connection.downSince ??= now;
    const { held, misplaced, wrongSince, downSince = now } = connection;
    // Usually nothing has moved since the last look.
    if (tokens.length === held.size && tokens.every((token) => held.has(token))) return connection;
    const here = new Set(tokens);
    for (const list of [held, misplaced, wrongSince])
      for (const token of list.keys()) if (!here.has(token)) list.delete(token);
    for (const token of here) {
      if (!held.has(token) && downSince < now && isMisplaced(token)) misplaced.add(token);
      held.add(token);
    }
    return connection;
  }

  /** Connections that are open and have room. If all of those of an account may be mute, none of them counts. */
  #withRoom(placed: readonly PlacedConnection[], mute: ReadonlyMap<string, number>): ReadonlySet<string> {
    const { maxSymbolsPerConnection } = this.#promise;
    const open = placed.filter(
      ({ state, tokens }) => state === 'open' && tokens.length < maxSymbolsPerConnection,
    );
    const isCertain = (account: string): boolean =>
      open.filter((one) => one.account === account).length > (mute.get(account) ?? 0);
    return new Set(open.filter(({ account }) => isCertain(account)).map(keyOf));
  }

  #judge(
    token: number,
    { account, channelId, state }: PlacedConnection,
    connection: Connection,
    placed: readonly PlacedConnection[],
    now: number,
  ): void {
    const { wrongSince, isTold } = connection;
    const isWrong =
      this.#isOverdue(token, state, connection, now) &&
      placed.some(
        (one) => this.#hadRoom.has(keyOf(one)) && !holdsElsewhere(placed, one.account, token, account),
      );
    if (!isWrong) {
      wrongSince.delete(token);
      return;
    }
    const since = wrongSince.get(token) ?? now;
    wrongSince.set(token, since);
    if (now - since < LOOK_EVERY_MS || isTold) return;
    connection.isTold = true;
    const text = `on connection ${channelId + 1} of ${account}, which is ${state}`;
    this.failures.push({ rule: 'moved-to-down', at: now, instrument: token, text });
  }

  #isOverdue(
    token: number,
    state: string,
    { downSince, hasOpened, misplaced }: Connection,
    now: number,
  ): boolean {
    const { failoverAfterMs } = this.#promise;
    const downFor = now - downSince!;
    // In its first attempt it counts as open.
    if (!hasOpened && state === 'connecting' && downFor <= failoverAfterMs) return false;
    return state === 'failed' || misplaced.has(token) || downFor > failoverAfterMs;
  }
}

function keyOf({ account, channelId }: PlacedConnection): string {
  return `${account}, connection ${channelId + 1}`;
}

function newConnection(downSince: number, isTold: boolean): Connection {
  return {
    ...{ downSince, isTold, hasOpened: false },
    ...{ held: new Set(), misplaced: new Set(), wrongSince: new Map() },
  };
}

/** Whether this account holds a copy of the instrument, and is not the one that is looked at. */
function holdsElsewhere(
  placed: readonly PlacedConnection[],
  account: string,
  token: number,
  looked: string,
): boolean {
  if (account === looked) return false;
  return placed.some((one) => one.account === account && one.tokens.includes(token));
}
