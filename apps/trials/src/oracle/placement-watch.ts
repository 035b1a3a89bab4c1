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
  readonly placedAt: Map<number, number>;
  /** Since when an instrument has been there that ought to be elsewhere. */
  readonly wrongSince: Map<number, number>;
  isTold: boolean;
}

/**
 * Looks on, time and again, whether instruments are on connections that are down while another one is open and has room: not
 * at all where they were put there while it was down, or it has failed, else `failoverAfterMs` after it went down.
 */
export class PlacementWatch {
  readonly failures: Failure[] = [];
  readonly #promise: PlacementPromise;
  readonly #connections = new Map<string, Connection>();
  #lookedAt = 0;

  constructor(promise: PlacementPromise) {
    this.#promise = promise;
  }

  /**
   * How things stand now.
   *
   * @param wasBlocked whether the program could not act since the last look: that time does not count
   */
  look(now: number, placed: readonly PlacedConnection[], wasBlocked: boolean): void {
    const passed = now - this.#lookedAt;
    this.#lookedAt = now;
    const seen = placed.map((one) => ({ ...one, connection: this.#seen(one, now) }));
    for (const { connection, ...one } of seen) {
      if (wasBlocked && connection.downSince !== undefined) connection.downSince += passed;
      if (wasBlocked || one.state === 'open') connection.wrongSince.clear();
      else for (const token of one.tokens) this.#judge(token, one, connection, placed, now);
    }
  }

  #seen({ account, channelId, state, tokens }: PlacedConnection, now: number): Connection {
    const key = `${account}, connection ${channelId + 1}`;
    let connection = this.#connections.get(key);
    // A program that has stopped begins anew.
    if (!connection || state === 'idle' || state === 'closed') {
      const isTold = connection?.isTold ?? false;
      connection = { downSince: now, hasOpened: false, placedAt: new Map(), wrongSince: new Map(), isTold };
      this.#connections.set(key, connection);
    }
    if (state === 'open') Object.assign(connection, { downSince: undefined, hasOpened: true });
    else connection.downSince ??= now;
    const here = new Set(tokens);
    for (const map of [connection.placedAt, connection.wrongSince])
      for (const token of map.keys()) if (!here.has(token)) map.delete(token);
    for (const token of here) if (!connection.placedAt.has(token)) connection.placedAt.set(token, now);
    return connection;
  }

  #judge(
    token: number,
    { account, channelId, state }: PlacedConnection,
    connection: Connection,
    placed: readonly PlacedConnection[],
    now: number,
  ): void {
    const { wrongSince, placedAt, isTold } = connection;
    const isElsewhere = (other: PlacedConnection): boolean =>
      other.account !== account && other.tokens.includes(token);
    const hasRoom = (other: PlacedConnection): boolean =>
      other.state === 'open' && other.tokens.length < this.#promise.maxSymbolsPerConnection;
    const isWrong =
      this.#isOverdue(placedAt.get(token)!, state, connection, now) &&
      placed.some(
        (one) => hasRoom(one) && !placed.some((two) => two.account === one.account && isElsewhere(two)),
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

  #isOverdue(placedAt: number, state: string, { downSince, hasOpened }: Connection, now: number): boolean {
    const { failoverAfterMs } = this.#promise;
    const downFor = now - downSince!;
    // In its first attempt it is as good as open.
    if (!hasOpened && state === 'connecting' && downFor <= failoverAfterMs) return false;
    return state === 'failed' || placedAt > downSince! || downFor > failoverAfterMs;
  }
}
