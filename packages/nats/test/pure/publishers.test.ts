import { expect, test } from 'vitest';

import { Publishers } from '../../src/subscribe/publishers.js';

test('forged lives take no memory without bound, and those that are silent are forgotten first', () => {
  const publishers = new Publishers();
  publishers.heard(1, 'collector', 0);
  for (let epoch = 2; epoch < 600; epoch++) publishers.sent(epoch, 0);
  publishers.heard(1, 'collector', 3500);
  publishers.lost(3500);
  for (let epoch = 1000; epoch < 1900; epoch++) publishers.sent(epoch, 3500);
  expect([publishers.get(1)?.name, publishers.get(2), publishers.live.length]).toEqual([
    'collector',
    undefined,
    901,
  ]);
  for (let epoch = 10_000; epoch < 20_000; epoch++) publishers.sent(epoch, 3500);
  expect([publishers.live.length, publishers.get(19_999)?.isLive]).toEqual([1000, true]);
});
