import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/protocol';

import { OutageWatch } from '../../src/feed/outage-watch.js';

const lost = new KiteError('KITE_CONNECTION_LOST', 'lost');
const refused = new KiteError('KITE_CONNECTION_REFUSED', 'refused');

describe('outages of a source', () => {
  test('a gap reaches from the last data to the next open, with the newest reason', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, undefined);
    watch.data(2000);
    watch.entered('waiting', 5000, lost);
    expect(watch.current).toEqual({ from: 2000, reason: 'lost' });
    watch.entered('connecting', 6000, undefined);
    watch.entered('waiting', 7000, refused);
    expect(watch.entered('open', 9000, undefined)).toEqual({ from: 2000, to: 9000, reason: 'refused' });
    expect(watch.current).toBeUndefined();
  });

  test('a source that brought nothing since it opened was lost since then', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, undefined);
    watch.entered('waiting', 5000, lost);
    expect(watch.entered('open', 6000, undefined)).toMatchObject({ from: 1000, to: 6000 });
  });

  test('there is no gap before the first open, nor after a close', () => {
    const watch = new OutageWatch();
    watch.entered('waiting', 1000, lost);
    expect(watch.entered('open', 2000, undefined)).toBeUndefined();
    watch.data(3000);
    watch.entered('closed', 4000, undefined);
    expect(watch.entered('open', 5000, undefined)).toBeUndefined();
  });

  test('what comes after a sleep is the backlog of before: a loss soon after it began before the sleep', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, undefined);
    watch.data(2000);
    watch.data(602_000);
    watch.data(602_001);
    watch.entered('waiting', 602_500, lost);
    expect(watch.entered('open', 604_000, undefined)).toMatchObject({ from: 2000, to: 604_000 });
  });

  test('a source that goes on for long after a silence has lost nothing in it', () => {
    const watch = new OutageWatch();
    watch.entered('open', 1000, undefined);
    watch.data(2000);
    for (let at = 10_000; at <= 30_000; at += 1000) watch.data(at);
    watch.entered('waiting', 31_000, lost);
    expect(watch.current?.from).toBe(30_000);
  });

  test('a clock that is set back as the source is lost does not make a silence of long ago a recent one', () => {
    const watch = new OutageWatch();
    watch.entered('open', 3_600_000, undefined);
    for (let at = 3_610_000; at <= 3_700_000; at += 1000) watch.data(at);
    watch.entered('waiting', 101_000, lost);
    expect(watch.entered('open', 104_000, undefined)).toMatchObject({ from: 104_000, to: 3_700_000 });
  });

  test('a clock that is set back after a silence leaves the silence behind', () => {
    const watch = new OutageWatch();
    watch.entered('open', 3_600_000, undefined);
    watch.data(3_601_000);
    for (let at = 3_610_000; at <= 3_700_000; at += 1000) watch.data(at);
    watch.data(101_000);
    watch.entered('waiting', 102_000, lost);
    expect(watch.entered('open', 104_000, undefined)).toMatchObject({ from: 101_000, to: 104_000 });
  });
});
