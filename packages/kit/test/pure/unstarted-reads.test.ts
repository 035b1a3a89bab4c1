import { expect, test, vi } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { UnstartedReads } from '../../src/unstarted-reads.js';

function watch() {
  const clock = new VirtualClock();
  const onMissed = vi.fn();
  return { clock, onMissed, reads: new UnstartedReads(clock, onMissed) };
}

test('a start is missed ten seconds after the first read, once', () => {
  const { clock, onMissed, reads } = watch();
  clock.pass(60_000);
  reads.read();
  clock.pass(9999);
  reads.read();
  expect(onMissed).not.toHaveBeenCalled();
  clock.pass(1);
  reads.read();
  clock.pass(60_000);
  expect(onMissed).toHaveBeenCalledOnce();
});

test('nothing is missed, and no timer is left, where it is started or stopped before or meanwhile', () => {
  const { clock, onMissed, reads } = watch();
  reads.read();
  reads.settled();
  expect(clock.pending).toBe(0);
  reads.read();
  expect(clock.pending).toBe(0);
  expect(onMissed).not.toHaveBeenCalled();
});
