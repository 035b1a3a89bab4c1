import type { Gap } from '@kite/protocol';

import type { Origin } from '../client/client.js';
import type { WallClock } from '../run/wall-clock.js';
import { type Arrival, hasComeBack, subscribedAt, wasUnsubscribed } from '../run/wire-log.js';
import type { Facts } from './facts.js';
import type { SentState } from './sent-states.js';

/** Tolerance for a wall-clock time that was computed, not seen. */
const ROUNDING_MS = 1.5;

/** A gap reported to a consumer. */
export class ReportedGap {
  readonly gap: Gap;
  readonly from: Origin;
  /** Its place in the stream. */
  readonly position: number;
  readonly at: number;
  /** When it begins in true time, if the clock has run true since, or if the gap is reversed. */
  readonly beganAt: number;
  /**
   * It ends in the future: the wall clock was set back during the outage. So it ends with the last data before the
   * outage, by the old clock, and covers every time that the clock may have shown meanwhile.
   */
  readonly isReversed: boolean;
  readonly #tokens: ReadonlySet<number> | undefined;
  /** How far the wall clock was ahead of true time when the gap was reported; it may have been set before. */
  readonly #ahead: number;

  constructor(gap: Gap, from: Origin, position: number, at: number, wall: WallClock) {
    this.gap = gap;
    this.from = from;
    this.position = position;
    this.at = at;
    this.#tokens = gap.instrumentTokens && new Set(gap.instrumentTokens);
    this.#ahead = wall.at(at) - at;
    this.isReversed = gap.to > at + this.#ahead + ROUNDING_MS;
    this.beganAt = this.isReversed ? wall.lastAt(gap.to, at) : gap.from - this.#ahead;
  }

  /** Whether it claims that nothing came at the time of this arrival. */
  claims({ at, wall }: Arrival): boolean {
    // If the clock was set back before the gap, it had shown these times before.
    if (!this.isReversed) return this.#isWithin(wall) && this.beganAt - ROUNDING_MS < at && at <= this.at;
    return this.beganAt + ROUNDING_MS < at && at <= this.at;
  }

  /** Whether it concerns the instrument on this connection; without a number, on any connection of the account. */
  concerns(token: number, account: string, channel: number | undefined): boolean {
    if (this.#tokens) return this.#tokens.has(token);
    return account === this.from.account && (channel === undefined || channel === this.from.channelId);
  }

  /**
   * Whether the state lies in it.
   *
   * @param next the connections that continued the instrument, which may be others
   */
  covers(state: SentState, next: readonly Origin[], { wire, channels }: Facts): boolean {
    const { account, connectionId, arrival, socket } = state;
    const channelId = channels.get(connectionId);
    const homes = [{ account, channelId }, ...next];
    if (!homes.some((home) => this.concerns(state.token, home.account, home.channelId))) return false;
    const isOfAnother = account !== this.from.account || channelId !== this.from.channelId;
    const { from, to } = this.gap;
    if (arrival) {
      // The last data before a gap and the first after it are not part of it.
      if (this.#isWithin(arrival.wall)) return true;
      // The connection did not know of the new subscription yet: older than the gap's end, in the same millisecond.
      if (this.#tokens && arrival.wall === to && hasComeBack(socket, state.token, arrival.at)) return true;
      // If the clock was set since, the gap is in its new time.
      if (!wire.wall.ranTrue(arrival.at, this.at) && this.#isWithin(arrival.at + this.#ahead)) return true;
      // A state on its way during a move is older than the new connection's data, and is not delivered.
      if (!isOfAnother || state.at + this.#ahead >= to) return false;
      if (this.#tokens !== undefined && from < arrival.wall) return true;
      // It may have come in the millisecond of the move; that gap may be merged with the new connection's.
      const toldAt = Math.max(arrival.at, this.at);
      return (
        from <= arrival.wall && wasUnsubscribed(socket, state.token, { sentAt: state.at, cameAt: toldAt })
      );
    }
    // Its connection was dead, its instrument had moved, and then the new one was lost.
    if (isOfAnother && this.#isWithin(state.at + this.#ahead)) return true;
    // It was on its way behind the last data that came.
    const lastWall = socket?.lastDataWall ?? socket?.openedWall ?? Infinity;
    const lastAt = socket?.lastDataAt ?? socket?.openedAt ?? Infinity;
    // Or behind the request for it: before that, its instrument had no outage.
    const askedAt = this.#tokens && subscribedAt(socket, state.token, state.at);
    const begins =
      from <= lastWall ||
      (askedAt !== undefined && lastAt < askedAt && from <= wire.wall.at(askedAt) + ROUNDING_MS) ||
      (!wire.wall.ranTrue(lastAt, this.at) && from <= lastAt + this.#ahead + ROUNDING_MS);
    const sentWall = Math.min(wire.wall.at(state.at), state.at + this.#ahead);
    return begins && sentWall <= to + ROUNDING_MS;
  }

  #isWithin(wall: number): boolean {
    return this.gap.from < wall && wall < this.gap.to;
  }
}
