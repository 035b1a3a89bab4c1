import { describe, expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { LifeWatch } from '../../src/threads/main/life-watch.js';
import { RingMemory } from '../../src/threads/wire/ring-memory.js';

function bench(replaceAfterMs = 10_000) {
  const clock = new VirtualClock();
  const memory = RingMemory.allocate(256);
  const told: string[] = [];
  const watch = new LifeWatch(memory, clock, replaceAfterMs, {
    hangs: () => void told.push(`hangs at ${clock.monotonic()}`),
    goesOn: () => void told.push(`goes on at ${clock.monotonic()}`),
    isDead: (silentMs) => void told.push(`dead at ${clock.monotonic()}, silent for ${silentMs}`),
  });
  watch.start();
  return {
    clock,
    told,
    watch,
    /** Time passes, and the worker shows its life every 250 ms. */
    lives(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        memory.stampLife();
        clock.pass(250);
      }
    },
  };
}

describe('the watch over a worker’s life', () => {
  test('says nothing of one that lives', () => {
    const it = bench();
    it.lives(600_000);
    expect(it.told).toEqual([]);
  });

  test('says once that it hangs, after two seconds, and that it is dead after the longer time', () => {
    const it = bench();
    it.lives(5000);
    it.clock.pass(60_000);
    expect(it.told).toEqual(['hangs at 7000', 'dead at 15000, silent for 10000']);
    expect(it.clock.pending).toBe(0);
  });

  test('gives it two seconds, however short the longer time is', () => {
    const it = bench(300);
    it.clock.pass(60_000);
    expect(it.told).toEqual(['hangs at 2000', 'dead at 2000, silent for 2000']);
  });

  test('says that it goes on, and counts from the beginning when it hangs again', () => {
    const it = bench();
    it.clock.pass(9000);
    it.lives(1000);
    it.clock.pass(9000);
    it.lives(1000);
    expect(it.told.map((what) => what.split(' at')[0])).toEqual(['hangs', 'goes on', 'hangs', 'goes on']);
  });

  test('says at once that it goes on where it says something, and no more than once', () => {
    const it = bench();
    it.clock.pass(2100);
    it.watch.heard();
    it.watch.heard();
    it.clock.pass(100);
    expect(it.told).toEqual(['hangs at 2000', 'goes on at 2100']);
    it.clock.pass(2000);
    expect(it.told.slice(2)).toEqual(['hangs at 4000']);
  });

  test('says that it goes on, though nobody needed it meanwhile', () => {
    const it = bench();
    it.clock.pass(3000);
    it.watch.stop();
    it.lives(1000);
    it.watch.start();
    it.lives(1000);
    expect(it.told).toEqual(['hangs at 2000', 'goes on at 4500']);
  });

  test('does not count the time in which this thread was blocked, or the process or the machine stood still', () => {
    const it = bench();
    it.lives(1000);
    for (let pause = 0; pause < 3; pause++) it.clock.block(120_000);
    it.lives(1000);
    expect(it.told).toEqual([]);
    it.clock.block(3_600_000);
    it.clock.pass(1500);
    expect(it.told).toEqual(['hangs at 3963500']);
  });

  test('leaves no timer behind, and begins anew', () => {
    const it = bench();
    it.clock.pass(1900);
    it.watch.stop();
    expect(it.clock.pending).toBe(0);
    it.clock.pass(60_000);
    it.watch.start();
    it.watch.start();
    it.clock.pass(1900);
    expect([it.told, it.clock.pending]).toEqual([[], 1]);
  });
});
