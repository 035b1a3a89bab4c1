import { describe, expect, test } from 'vitest';
import type { LtpTick } from '@kite/manager';
import { encodeFrame } from '@kite/protocol';
import { VirtualClock } from '@kite/testkit';

import { SilenceTracker } from '../../src/silence-tracker.js';

const tick = (instrumentToken: number): LtpTick => ({
  mode: 'ltp',
  instrumentToken,
  segment: 1,
  tradable: true,
  lastPrice: 10,
});

const open = (ms: number | null) => () => ms;

describe('the silence of instruments', () => {
  test('lasts until their first packet, whatever the kind', () => {
    const tracker = new SilenceTracker(new VirtualClock());
    tracker.await([257, 513, 769]);
    tracker.frame(encodeFrame([tick(513)]));
    expect(tracker.silentFor(0, open(1000))).toEqual([257, 769]);
  });

  test('is counted from the subscription', () => {
    const clock = new VirtualClock();
    const tracker = new SilenceTracker(clock);
    clock.pass(5000);
    tracker.await([257]);
    clock.pass(99);
    expect(tracker.silentFor(100, open(60_000))).toEqual([]);
    clock.pass(1);
    expect(tracker.silentFor(100, open(60_000))).toEqual([257]);
  });

  test('is no silence while the connection is down, and begins anew when it opens', () => {
    const clock = new VirtualClock();
    const tracker = new SilenceTracker(clock);
    tracker.await([257]);
    clock.pass(5000);
    expect(tracker.silentFor(100, open(null))).toEqual([]);
    expect(tracker.silentFor(100, open(99))).toEqual([]);
    expect(tracker.silentFor(100, open(100))).toEqual([257]);
  });

  test('is not broken by heartbeats, garbage or other instruments', () => {
    const tracker = new SilenceTracker(new VirtualClock());
    tracker.await([257]);
    for (const frame of [[0], [], [0, 9, 0], [0, 1, 0, 8, 0, 0]]) tracker.frame(Uint8Array.from(frame));
    tracker.frame(encodeFrame([tick(513)]));
    expect(tracker.silentFor(0, open(1))).toEqual([257]);
  });

  test('is forgotten with the subscription, and waited out again with the next one', () => {
    const tracker = new SilenceTracker(new VirtualClock());
    tracker.await([257]);
    tracker.forget([257]);
    expect(tracker.silentFor(0, open(1))).toEqual([]);
    tracker.await([257]);
    expect(tracker.silentFor(0, open(1))).toEqual([257]);
  });
});
