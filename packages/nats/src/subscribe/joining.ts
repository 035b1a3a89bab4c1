import type { Tick } from '@kite/protocol';

import { TICK_STATES } from '../connection-parts.js';
import type { Last } from './merging.js';

/** A tick that a publisher has sent. */
export interface Brought {
  readonly tick: Tick;
  readonly receivedAt: number;
}

/** The ticks, in order, with which a publisher joins. */
export interface Joined {
  readonly ticks: readonly Brought[];
  /** The first one is the state delivered last: nothing is missing in between. */
  readonly followsOn: boolean;
}

/** Where the ticks of one publisher go on behind those of another one. */
export interface Place {
  /** The index of the first newer tick; the number of ticks: none is newer. */
  readonly index: number;
  /** Nothing is missing before it. */
  readonly followsOn: boolean;
}

/** How far the clocks of two publishers, and their times of receipt of one state, may be apart. */
export const APART_MS = 1000;
const MOST_KEPT = 16;

/**
 * Finds where a publisher stands that begins to send an instrument while another one sends it: ahead or behind. It
 * joins with the state delivered last, or with one that is surely newer. What it sends before that, the other one sends
 * as well. Pure.
 */
export class Joining {
  /** By instrument and epoch, what was sent last. */
  readonly #kept = new Map<number, Map<number, Brought[]>>();

  /**
   * The publisher has sent a tick and has not joined. Returns what it joins with; undefined: not yet.
   *
   * @param last the state delivered last
   */
  bring(token: number, epoch: number, brought: Brought, last: Last | undefined): Joined | undefined {
    const kept = this.#of(token, epoch);
    kept.push(brought);
    if (kept.length > MOST_KEPT) kept.shift();
    const joined = joinedWith(kept, last);
    if (joined) this.forget(token, epoch);
    return joined;
  }

  /** The newest tick of a publisher that has not joined; it joins with that because no other is left. */
  newest(token: number, epoch: number): Brought | undefined {
    const newest = this.#kept.get(token)?.get(epoch)?.at(-1);
    this.forget(token, epoch);
    return newest;
  }

  /** @param epoch undefined: every publisher */
  forget(token: number, epoch?: number): void {
    const byEpoch = this.#kept.get(token);
    if (!byEpoch) return;
    if (epoch !== undefined) byEpoch.delete(epoch);
    if (epoch === undefined || byEpoch.size === 0) this.#kept.delete(token);
  }

  #of(token: number, epoch: number): Brought[] {
    let byEpoch = this.#kept.get(token);
    if (!byEpoch) this.#kept.set(token, (byEpoch = new Map<number, Brought[]>()));
    let kept = byEpoch.get(epoch);
    if (!kept) byEpoch.set(epoch, (kept = []));
    return kept;
  }
}

function joinedWith(kept: readonly Brought[], last: Last | undefined): Joined | undefined {
  const newest = kept.at(-1)!;
  const alone = { ticks: [newest], followsOn: false };
  if (!last) return alone;
  for (let index = kept.length - 1; index >= 0; index--) {
    const { tick, receivedAt } = kept[index]!;
    const isNear = Math.abs(receivedAt - last.receivedAt) <= APART_MS;
    if (isNear && isSameState(tick, last.tick)) return { ticks: kept.slice(index), followsOn: true };
  }
  return isSurelyNewer(newest, last) ? alone : undefined;
}

/**
 * Where these ticks of one publisher go on behind those that another one has brought: behind the state brought last, or
 * at the first one that is surely newer.
 */
export function placeBehind(before: readonly Brought[], ticks: readonly Brought[]): Place {
  const last = before.at(-1);
  if (!last) return { index: 0, followsOn: false };
  const same = nearestSame(last, ticks);
  if (same >= 0) return { index: same + 1, followsOn: true };
  const end = ticks.length - 1;
  // It ends with a state that came before the last one: it is behind.
  if (before.some((one) => nearestSame(one, ticks) === end)) return { index: end + 1, followsOn: true };
  const newer = ticks.findIndex((one) => isSurelyNewer(one, last));
  return { index: newer < 0 ? ticks.length : newer, followsOn: false };
}

/** Whether a tick that comes behind this one is older, by what it says or, if it says nothing, by its time of receipt. */
export function isOlder(one: Brought, last: Brought): boolean {
  const age = ageOf(one.tick, last.tick) ?? 0;
  return age === 0 ? one.receivedAt <= last.receivedAt : age < 0;
}

/** Whether a tick that comes behind these shows one of them once more: the last one, or the one received nearest to it. */
export function isRepeat(one: Brought, before: readonly Brought[]): boolean {
  const last = before.at(-1);
  if (!last) return false;
  const apartMs = (other: Brought): number => Math.abs(other.receivedAt - one.receivedAt);
  const nearest = before.reduce((best, other) => (apartMs(other) <= apartMs(best) ? other : best), last);
  return [last, nearest].some((other) => nearestSame(one, [other]) === 0);
}

/**
 * Of the ticks that show this state, the one received nearest to it; below 0: there is none. A price alone that was
 * received much later is another state.
 */
function nearestSame({ tick, receivedAt }: Brought, ticks: readonly Brought[]): number {
  let nearest = -1;
  let leastMs = TICK_STATES.timestampOf(tick) === null ? APART_MS : Infinity;
  for (const [index, one] of ticks.entries()) {
    const apartMs = Math.abs(one.receivedAt - receivedAt);
    if (apartMs > leastMs || !isSameState(one.tick, tick)) continue;
    nearest = index;
    leastMs = apartMs;
  }
  return nearest;
}

/** Whether a tick of one publisher is surely newer than another publisher's. */
function isSurelyNewer({ tick, receivedAt }: Brought, last: Brought): boolean {
  const age = ageOf(tick, last.tick);
  return age === undefined ? receivedAt > last.receivedAt + APART_MS : age > 0;
}

/** Above 0: the first is surely newer, below 0: older, 0: they are of one moment; undefined: one of them does not say. */
function ageOf(tick: Tick, other: Tick): number | undefined {
  const [time, otherTime] = [TICK_STATES.timestampOf(tick), TICK_STATES.timestampOf(other)];
  if (time !== null && otherTime !== null && time !== otherTime) return time - otherTime;
  const [volume, otherVolume] = [TICK_STATES.volumeOf(tick), TICK_STATES.volumeOf(other)];
  if (volume === undefined || otherVolume === undefined)
    return time === null || otherTime === null ? undefined : 0;
  return volume - otherVolume;
}

/** Whether both show one state, in the same mode or in different modes. */
export function isSameState(tick: Tick, other: Tick): boolean {
  return TICK_STATES.covers(tick, other) || TICK_STATES.covers(other, tick);
}
