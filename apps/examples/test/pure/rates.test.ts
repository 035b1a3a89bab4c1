import { describe, expect, test } from 'vitest';

import { Rates } from '../../src/live-market/rates.js';

describe('Rates', () => {
  test('is 0 at the first look, and where no time has passed', () => {
    const rates = new Rates();
    expect(rates.sample({ ticks: 50, frames: 5 }, 0)).toEqual({ ticksPerSecond: 0, framesPerSecond: 0 });
    expect(rates.sample({ ticks: 60, frames: 6 }, 0)).toEqual({ ticksPerSecond: 0, framesPerSecond: 0 });
  });

  test.each([50, 200, 1000])('tells the rate of the last second alone, looked at every %i ms', (stepMs) => {
    const rates = new Rates();
    let now = 0;
    let ticks = 0;
    const after = (seconds: number, ticksPerSecond: number) => {
      let rate = 0;
      for (let step = 0; step < (seconds * 1000) / stepMs; step++) {
        now += stepMs;
        ticks += (ticksPerSecond * stepMs) / 1000;
        rate = rates.sample({ ticks, frames: 0 }, now).ticksPerSecond;
      }
      return rate;
    };
    expect(after(5, 2000)).toBeCloseTo(2000);
    expect(after(2, 0)).toBeCloseTo(0);
    expect(after(2, 300)).toBeCloseTo(300);
  });
});
