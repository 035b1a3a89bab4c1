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

const SOURCE = { channelId: 0 } as const;
const always = (): boolean => true;

describe('the silence of instruments', () => {
  test('lasts until their first packet, whatever the kind', () => {
    const tracker = new SilenceTracker(new VirtualClock(), always);
    tracker.asked([257, 513, 769]);
    tracker.frame(encodeFrame([tick(513)]), SOURCE);
    expect(tracker.silentFor(0, [257, 513, 769])).toEqual([257, 769]);
  });

  test('is counted from the last time that they were asked for', () => {
    const clock = new VirtualClock();
    const tracker = new SilenceTracker(clock, always);
    tracker.asked([257]);
    clock.pass(5000);
    tracker.asked([257]);
    clock.pass(99);
    expect(tracker.silentFor(100, [257])).toEqual([]);
    clock.pass(1);
    expect(tracker.silentFor(100, [257])).toEqual([257]);
  });

  test('begins anew when they are asked for again after they answered', () => {
    const tracker = new SilenceTracker(new VirtualClock(), always);
    tracker.asked([257]);
    tracker.frame(encodeFrame([tick(257)]), SOURCE);
    expect(tracker.silentFor(0, [257])).toEqual([]);
    tracker.asked([257]);
    expect(tracker.silentFor(0, [257])).toEqual([257]);
  });

  test('is told of those in question alone', () => {
    const tracker = new SilenceTracker(new VirtualClock(), always);
    tracker.asked([257, 513]);
    expect(tracker.silentFor(0, [513])).toEqual([513]);
  });

  test('is not broken by heartbeats, garbage or other instruments', () => {
    const tracker = new SilenceTracker(new VirtualClock(), always);
    tracker.asked([257]);
    for (const frame of [[0], [], [0, 9, 0], [0, 1, 0, 8, 0, 0]])
      tracker.frame(Uint8Array.from(frame), SOURCE);
    tracker.frame(encodeFrame([tick(513)]), SOURCE);
    expect(tracker.silentFor(0, [257])).toEqual([257]);
  });

  test('is not broken by what is under way from a connection that was not asked', () => {
    const asked = { channelId: 1 } as const;
    const tracker = new SilenceTracker(
      new VirtualClock(),
      (token, { channelId }) => token === 257 && channelId === asked.channelId,
    );
    tracker.asked([257]);
    tracker.frame(encodeFrame([tick(257)]), SOURCE);
    expect(tracker.silentFor(0, [257])).toEqual([257]);
    tracker.frame(encodeFrame([tick(257)]), asked);
    expect(tracker.silentFor(0, [257])).toEqual([]);
  });

  test('is forgotten with the subscription', () => {
    const tracker = new SilenceTracker(new VirtualClock(), always);
    tracker.asked([257]);
    tracker.forget([257]);
    expect(tracker.silentFor(0, [257])).toEqual([]);
  });
});
