import { expect, test } from 'vitest';
import type { Bar } from '@kite/bars';

import { CandleLines } from '../../src/candles/candle-lines.js';

const names = new Map([[408065, 'INFY']]);

const bar: Bar = {
  ...{ instrumentToken: 408065, interval: '1m', start: 0, end: 60_000 },
  ...{ open: 1500, high: 1502, low: 1499, close: 1501, volume: 123_456, oi: 0, vwap: null, tickCount: 4 },
  ...{ state: 'closed', partial: true, gap: false, revision: 0, source: 'exchange' },
};

test('a candle is drawn where the terminal has room for it', () => {
  const lines = new CandleLines(names);
  expect(lines.head).toMatch(/^# time +instrument +low +high +open +high +low +close +volume$/);
  expect(lines.of(bar)).toMatch(/^\d\d:\d\d:\d\d INFY +─+█+─+ +1,500\.00 .* 1,23,456 partial$/);
});

test('in 80 columns it is figures alone, in one line', () => {
  const lines = new CandleLines(names, 80);
  expect(lines.head).toMatch(/^# time +instrument +open +high +low +close +volume$/);
  expect(lines.of(bar)).toMatch(/^\d\d:\d\d:\d\d INFY +1,500\.00 .* 1,23,456 partial$/);
  expect(lines.of(bar).length).toBeLessThanOrEqual(80);
});
