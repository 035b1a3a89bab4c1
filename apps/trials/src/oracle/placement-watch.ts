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
  /** What was put there while it was down, and another one was open and had room. */
  readonly misplaced: Set<number>;
  /** Since when an instrument has been there that ought to be elsewhere. */
  readonly wrongSince: Map<number, number>;
  isTold: boolean;
}

/**
 * Looks on, time and again, whether instruments are on connections that are down while another one is open and has room: not
 * at all where they were put there while that was so, or it has failed, else `failoverAfterMs` after it went down.
 */
export class PlacementWatch {
  readonly failures: Failure[] = [];
  readonly #promise: PlacementPromise;
  readonly #connections = new Map<string, Connection>();
  /** Those that were open, and had room, at the last look. */
  #hadRoom = new Set<string>();
  #alive: ReadonlySet<string> = new Set();
  #lookedAt = 0;

  constructor(promise: PlacementPromise) {
    this.#promise = promise;
  }

  /**
   * How things stand now.
   *
   * @param wasBlocked whether the program could not act since the last look: that time does not count, and a deadline that
   *   ran out meanwhile is put off by as much once more
   * @param startedAt when it started last: it begins anew
   * @param alive the accounts over whose sockets something comes: an open connection of another one may be dead
   * @param flapped the accounts of sockets that have opened and ended since the last look
   */
  look(
    now: number,
    placed: readonly PlacedConnection[],
    wasBlocked: boolean,
    startedAt = 0,
    alive: ReadonlySet<string> = new Set(placed.map(({ account }) => account)),
    flapped: ReadonlySet<string> = new Set(),
  ): void {
    this.#alive = alive;
    const passed = now - this.#lookedAt;
    if (startedAt > this.#lookedAt) this.#beginAnew();
    this.#lookedAt = now;
    const room = new Set(placed.filter((one) => this.#hasRoom(one)).map(keyOf));
    const hasElsewhere = [...room].some((key) => this.#hadRoom.has(key));
    this.#hadRoom = room;
    const seen = placed.map((one) => {
      // A socket that has opened and ended may have been this one's: then what came meanwhile was put on an open connection.
      const isMisplaced = hasElsewhere && !flapped.has(one.account);
      return { ...one, connection: this.#seen(one, now, isMisplaced) };
    });
    for (const { connection, ...one } of seen) {
      if (wasBlocked && connection.downSince !== undefined) connection.downSince += 2 * passed;
      // It may have been this one: then it is down since then.
      if (connection.downSince !== undefined && flapped.has(one.account)) connection.downSince = now;
      if (wasBlocked || one.state === 'open') connection.wrongSince.clear();
      else for (const token of one.tokens) this.#judge(token, one, connection, placed, now);
    }
  }

  #beginAnew(): void {
    this.#hadRoom.clear();
    for (const [key, { isTold }] of this.#connections)
      this.#connections.set(key, newConnection(this.#lookedAt, isTold));
  }

  /** @param isMisplaced whether what is new on a connection that is down ought to be elsewhere */
  #seen(placed: PlacedConnection, now: number, isMisplaced: boolean): Connection {
    const key = keyOf(placed);
    const { state, tokens } = placed;
    let connection = this.#connections.get(key);
    // A program that has stopped begins anew.
    if (!connection || state === 'idle' || state === 'closed') {
      connection = newConnection(now, connection?.isTold ?? false);
      this.#connections.set(key, connection);
    }
    if (state === 'open') Object.assign(connection, { downSince: undefined, hasOpened: true });
    else connection.downSince ??= now;
    const { held, misplaced, wrongSince, downSince = now } = connection;
    // Mostly nothing has moved since the last look.
    if (tokens.length === held.size && tokens.every((token) => held.has(token))) return connection;
    const here = new Set(tokens);
    for (const list of [held, misplaced, wrongSince])
      for (const token of list.keys()) if (!here.has(token)) list.delete(token);
    for (const token of here) {
      if (!held.has(token) && downSince < now && isMisplaced) misplaced.add(token);
      held.add(token);
    }
    return connection;
  }

  #hasRoom({ account, state, tokens }: PlacedConnection): boolean {
    const isOpen = state === 'open' && this.#alive.has(account);
    return isOpen && tokens.length < this.#promise.maxSymbolsPerConnection;
  }

  #judge(
    token: number,
    { account, channelId, state }: PlacedConnection,
    connection: Connection,
    placed: readonly PlacedConnection[],
    now: number,
  ): void {
    const { wrongSince, isTold } = connection;
    const isElsewhere = (other: PlacedConnection): boolean =>
      other.account !== account && other.tokens.includes(token);
    const isWrong =
      this.#isOverdue(token, state, connection, now) &&
      placed.some(
        (one) => this.#hasRoom(one) && !placed.some((two) => two.account === one.account && isElsewhere(two)),
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
    // In its first attempt it is as good as open.
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
