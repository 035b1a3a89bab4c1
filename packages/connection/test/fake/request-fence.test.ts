import { expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { RequestFence } from '../../src/socket/request-fence.js';

function bench() {
  const clock = new VirtualClock();
  const passed: number[] = [];
  return { clock, passed, fence: new RequestFence(clock, (revision) => passed.push(revision)) };
}

test('each answered ping lets its own request pass, in order, and leaves no timer behind', () => {
  const { clock, passed, fence } = bench();
  fence.raise(1);
  fence.raise(2);
  expect([fence.newest, passed]).toEqual([2, []]);
  expect([fence.answered(), passed]).toEqual([true, [1]]);
  expect([fence.answered(), passed]).toEqual([true, [1, 2]]);
  expect([fence.newest, clock.pending]).toEqual([undefined, 0]);
});

test('an answer that nobody waits for is somebody else’s', () => {
  const { passed, fence } = bench();
  expect([fence.answered(), passed]).toEqual([false, []]);
});

test('the answer to a ping that was under way before lets no request pass', () => {
  const { clock, passed, fence } = bench();
  fence.pinged();
  fence.raise(1);
  fence.pinged();
  expect([fence.newest, fence.answered(), passed]).toEqual([1, false, []]);
  expect([fence.answered(), passed]).toEqual([true, [1]]);
  expect([fence.newest, fence.answered(), clock.pending]).toEqual([undefined, false, 0]);
});

test('a server that leaves a ping unanswered holds nothing back for longer than 15 seconds', () => {
  const { clock, passed, fence } = bench();
  fence.raise(1);
  fence.raise(2);
  fence.answered();
  clock.pass(14_999);
  expect(passed).toEqual([1]);
  clock.pass(1);
  expect([passed, fence.newest]).toEqual([[1, 2], undefined]);
});

test('what was waited for is forgotten with its socket', () => {
  const { clock, passed, fence } = bench();
  fence.raise(1);
  fence.clear();
  expect([fence.answered(), passed, clock.pending]).toEqual([false, [], 0]);
});
