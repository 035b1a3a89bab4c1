import { SeededRandom } from '../random.js';
import type { ScenarioName } from '../scenario-name.js';

/** What happens at one beat. Prices are the wire's integers. */
export interface Beat {
  /** A trade at this price; undefined: nothing happens. */
  readonly price: number | undefined;
  /** The first trade of the day. */
  readonly opens?: true;
}

/** The instrument's starting point, in the wire's integers. */
export interface ScenarioPlace {
  readonly last: number;
  readonly close: number;
  readonly tick: number;
  /** The circuit limits. */
  readonly lower: number;
  readonly upper: number;
}

/** The same seed gives the same course and decides whether it goes up or down. */
export function scenarioBeats(name: ScenarioName, place: ScenarioPlace, seed: number): Beat[] {
  const random = new SeededRandom(seed, -2);
  const up = random.next() < 0.5;
  const { last, close, tick, lower, upper } = place;
  const priced = (price: number) => ({ price: onTick(price, tick, lower, upper) });
  switch (name) {
    case 'gap-at-open': {
      const open = close + (up ? 1 : -1) * 0.4 * (up ? upper - close : close - lower);
      const back = steps(20, (part) => priced(open + (close - open) * 0.5 * part + random.normal() * tick));
      return [{ ...priced(open), opens: true }, ...back];
    }
    case 'circuit': {
      const limit = up ? upper : lower;
      const run = steps(20, (part) => priced(last + (limit - last) * part));
      const off = steps(8, (part) => priced(limit + (last - limit) * 0.25 * part));
      return [...run, ...steps(20, () => priced(limit)), ...off];
    }
    case 'expiry-spike': {
      // A contract has no price band on its last day.
      const free = (price: number) => ({ price: onTick(price, tick, tick, Infinity) });
      const low = 0.4 * last;
      const fade = steps(20, (part) => free(last - (last - low) * part));
      const spike = steps(6, (part) => free(low * (1 + 7 * part)));
      const end = steps(12, (part) => free(8 * low * (1 - part)));
      return [...fade, ...spike, ...end];
    }
    case 'auction': {
      const quiet = Array.from({ length: 20 }, (): Beat => ({ price: undefined }));
      return [...quiet, priced(last * (1 + (up ? 1 : -1) * (0.001 + 0.004 * random.next())))];
    }
  }
}

/** `count` beats; each gets its part of the way, and the last gets 1. */
function steps(count: number, beat: (part: number) => Beat): Beat[] {
  return Array.from({ length: count }, (_, index) => beat((index + 1) / count));
}

function onTick(price: number, tick: number, lower: number, upper: number): number {
  return Math.min(upper, Math.max(lower, Math.round(price / tick) * tick));
}
