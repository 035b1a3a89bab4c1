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

/** Whether a tick of one publisher is surely newer than another publisher's. */
export function isSurelyNewer({ tick, receivedAt }: Brought, last: Brought): boolean {
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
