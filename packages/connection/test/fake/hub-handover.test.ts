import { describe, expect, test } from 'vitest';
import { ChannelId } from '@kite/connection';
import { INFY, ltpFrame, RELIANCE, VirtualClock } from '@kite/testkit';

import { Hub } from '../../src/feed/hub.js';

/** Longer than anything is under way. */
const LONG_MS = 20_000;

function bench() {
  const clock = new VirtualClock();
  const hub = new Hub({ channelId: ChannelId.Connection2, clock });
  const came: number[] = [];
  hub.on('ticks', ({ ticks }) => came.push(...ticks.map(({ instrumentToken }) => instrumentToken)));
  const frame = (tokens: readonly number[]): void => {
    hub.frame(ltpFrame(tokens), clock.now());
  };
  hub.state('open', clock.now(), undefined);
  frame([INFY, RELIANCE]);
  hub.leave([INFY]);
  hub.handover.told();
  came.length = 0;
  return { clock, hub, came, frame };
}

describe('an instrument that has gone to another connection is not delivered', () => {
  test('while its packets are under way', () => {
    const { clock, came, frame } = bench();
    clock.pass(1000);
    frame([INFY, RELIANCE]);
    expect(came).toEqual([RELIANCE]);
  });

  test('when its packets had waited while the machine slept, whether the monotonic clock went on or stood still', () => {
    const ranOn = bench();
    ranOn.clock.block(LONG_MS);
    ranOn.frame([INFY, RELIANCE]);
    ranOn.frame([INFY]);
    expect(ranOn.came).toEqual([RELIANCE]);

    const stoodStill = bench();
    stoodStill.clock.setBack(-LONG_MS);
    stoodStill.frame([INFY, RELIANCE]);
    stoodStill.frame([INFY]);
    expect(stoodStill.came).toEqual([RELIANCE]);
  });

  test('when its packets had waited in a network that stood still', () => {
    const { clock, came, frame } = bench();
    clock.pass(LONG_MS);
    frame([INFY, RELIANCE]);
    clock.pass(100);
    frame([INFY]);
    expect(came).toEqual([RELIANCE]);
  });
});

test('once nothing can be under way any more, frames are no longer looked through for what has gone', () => {
  const { clock, came, frame } = bench();
  for (let passed = 0; passed <= LONG_MS; passed += 1000) {
    clock.pass(1000);
    frame([RELIANCE]);
  }
  came.length = 0;
  frame([INFY]);
  expect(came).toEqual([INFY]);
});
