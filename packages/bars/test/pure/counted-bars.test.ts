import { expect, test } from 'vitest';
import { BarBuilder } from '@kite/bars';

import { at, full, TOKEN } from '../support/ticks.js';

test('tick bars end with their last trade, at once', () => {
  const builder = new BarBuilder({ interval: { ticks: 2 } });
  builder.push([full('09:14', 100, 0), full('09:15:01', 101, 10)]);
  expect(builder.forming(TOKEN)).toMatchObject({ tickCount: 1, interval: { ticks: 2 } });
  expect(builder.push([full('09:15:09', 102, 15), full('09:15:10', 103, 18)])).toMatchObject([
    {
      start: at('09:15:01'),
      end: at('09:15:09'),
      open: 101,
      close: 102,
      volume: 15,
      tickCount: 2,
      state: 'closed',
    },
  ]);
});

test('volume bars end with the trade that reaches their volume, and do not divide it', () => {
  const builder = new BarBuilder({ interval: { volume: 100 } });
  const bars = builder.push([
    full('09:14', 100, 0),
    full('09:15:01', 101, 60),
    full('09:15:02', 102, 300),
    full('09:15:03', 103, 301),
  ]);
  expect(bars).toMatchObject([{ volume: 300, close: 102, tickCount: 2 }]);
  expect(builder.forming(TOKEN)).toMatchObject({ volume: 1, start: at('09:15:03') });
});

test('bars that are not full are closed with the session', () => {
  const builder = new BarBuilder({ interval: { ticks: 100 } });
  builder.push([full('09:14', 100, 0), full('15:29', 101, 60)]);
  expect(builder.poll(at('15:30:01'))).toEqual([]);
  expect(builder.poll(at('15:30:02'))).toMatchObject([{ tickCount: 1 }]);
});
