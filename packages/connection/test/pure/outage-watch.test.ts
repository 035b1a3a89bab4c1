import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/protocol';

import { OutageWatch } from '../../src/feed/outage-watch.js';

const lost = new KiteError('KITE_CONNECTION_LOST', 'lost');
const refused = new KiteError('KITE_CONNECTION_REFUSED', 'refused');

describe('outages of a source', () => {
  test('a gap reaches from the last data to the next open, with the newest reason', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    watch.entered('waiting', 5000, 5000, lost);
    expect(watch.current).toEqual({ from: 2000, since: 2000, reason: 'lost' });
    watch.entered('connecting', 6000, 6000, undefined);
    watch.entered('waiting', 7000, 7000, refused);
    expect(watch.entered('open', 9000, 9000, undefined)).toEqual({ from: 2000, to: 9000, reason: 'refused' });
    expect(watch.current).toBeUndefined();
  });

  test('a source that brought nothing since it opened was lost since then', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.entered('waiting', 5000, 5000, lost);
    expect(watch.entered('open', 6000, 6000, undefined)).toMatchObject({ from: 1000, to: 6000 });
  });

  test('there is no gap before the first open, nor after a close', () => {
    const watch = new OutageWatch();
    watch.entered('waiting', 1000, 1000, lost);
    expect(watch.entered('open', 2000, 2000, undefined)).toBeUndefined();
    watch.data(3000, 3000);
    watch.entered('closed', 4000, 4000, undefined);
    expect(watch.entered('open', 5000, 5000, undefined)).toBeUndefined();
  });

  test('what comes after a sleep is the backlog of before: a loss soon after it began before the sleep', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    watch.data(602_000, 602_000);
    watch.data(602_001, 602_001);
    watch.entered('waiting', 602_500, 602_500, lost);
    expect(watch.entered('open', 604_000, 604_000, undefined)).toMatchObject({ from: 2000, to: 604_000 });
  });

  test('a source that goes on for long after a silence has lost nothing in it', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    for (let at = 10_000; at <= 30_000; at += 1000) watch.data(at, at);
    watch.entered('waiting', 31_000, 31_000, lost);
    expect(watch.current?.from).toBe(30_000);
  });

  test('a source that brought something all the time was not silent, however much of it was dropped on the way', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    watch.steady(2500, 9000, 9000);
    watch.entered('waiting', 9500, 9500, lost);
    expect(watch.current?.from).toBe(9000);
  });

  test('a silence before what was dropped is one', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    watch.steady(7000, 9000, 9000);
    watch.entered('waiting', 9500, 9500, lost);
    expect(watch.current?.from).toBe(2000);
  });

  test('a clock that is set back while everything is dropped makes no silence', () => {
    const watch = new OutageWatch();
    watch.entered('open', 20_000, 20_000, undefined);
    watch.steady(16_000, 21_000, 26_000);
    watch.entered('waiting', 21_500, 26_500, lost);
    expect(watch.current?.from).toBe(21_000);
  });

  test('a loss that is read after a sleep, in which the monotonic clock stood still, has nothing to do with an earlier silence', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, 1000, undefined);
    watch.data(2000, 2000);
    for (let at = 10_000; at <= 30_000; at += 1000) watch.data(at, at);
    // Noticed by a thread at 40 s, and read 100 s later: 99 of them asleep.
    watch.entered('waiting', 40_000, 41_000 - 100_000, lost);
    expect(watch.current?.from).toBe(30_000);
  });

  test('a gap in which the clock was set back is no shorter than the outage, and covers what the clock showed before', () => {
    const watch = new OutageWatch();
    watch.entered('open', 10_000, 0, undefined);
    watch.data(12_000, 2000);
    watch.entered('waiting', 12_500, 2500, lost);
    expect(watch.entered('open', 11_000, 6000, undefined)).toMatchObject({ from: 7000, to: 12_000 });
  });

  test('a clock that is set back by less than the outage lasts shortens no gap', () => {
    const watch = new OutageWatch();
    watch.entered('open', 10_000, 0, undefined);
    watch.data(12_000, 2000);
    watch.entered('waiting', 12_500, 2500, lost);
    expect(watch.entered('open', 15_000, 6000, undefined)).toMatchObject({ from: 11_000, to: 15_000 });
  });

  test('a clock that is set forward, or a sleep in which the monotonic clock stands still, lengthens the gap', () => {
    const watch = new OutageWatch();
    watch.entered('open', 10_000, 0, undefined);
    watch.data(12_000, 2000);
    watch.entered('waiting', 12_500, 2500, lost);
    expect(watch.entered('open', 72_000, 6000, undefined)).toMatchObject({ from: 12_000, to: 72_000 });
  });

  test('clocks that are read a moment apart do not move the beginning of a gap', () => {
    const watch = new OutageWatch();
    watch.entered('open', 10_000, 0.7, undefined);
    watch.data(12_000, 2000.2);
    watch.entered('waiting', 12_500, 2501, lost);
    expect(watch.entered('open', 13_000, 3002.9, undefined)).toMatchObject({ from: 12_000, to: 13_000 });
  });

  test('a clock that is set back as the source is lost does not make a silence of long ago a recent one', () => {
    const watch = new OutageWatch();
    watch.entered('open', 3_600_000, 0, undefined);
    for (let ms = 10_000; ms <= 100_000; ms += 1000) watch.data(3_600_000 + ms, ms);
    watch.entered('waiting', 101_000, 101_000, lost);
    expect(watch.entered('open', 104_000, 104_000, undefined)).toMatchObject({
      from: 100_000,
      to: 3_700_000,
    });
  });

  test('a clock that is set back after a silence leaves a silence of long ago behind', () => {
    const watch = new OutageWatch();
    watch.entered('open', 3_600_000, 0, undefined);
    watch.data(3_601_000, 1000);
    for (let ms = 10_000; ms <= 100_000; ms += 1000) watch.data(3_600_000 + ms, ms);
    watch.data(101_000, 101_000);
    watch.entered('waiting', 102_000, 102_000, lost);
    expect(watch.entered('open', 104_000, 104_000, undefined)).toMatchObject({ from: 101_000, to: 104_000 });
  });

  test('a clock that is set back soon after a sleep does not hide that its backlog may not all have come', () => {
    const watch = new OutageWatch();
    watch.entered('open', 10_000, 0, undefined);
    watch.data(12_000, 2000);
    watch.data(612_000, 2000);
    watch.data(607_100, 2100);
    watch.entered('waiting', 608_000, 3000, lost);
    expect(watch.entered('open', 610_000, 5000, undefined)).toMatchObject({ from: 7000, to: 610_000 });
  });
});
