import { expect, test } from 'vitest';
import { Segment } from '@kite/protocol';

import { isTrading } from '../../src/trading-hours.js';

const token = (segment: number) => 256 * 1000 + segment;
const open = (...exchanges: string[]) => ({
  asked: [] as string[],
  phaseAt(exchange: string) {
    this.asked.push(exchange);
    return exchanges.includes(exchange) ? 'continuous' : 'closed';
  },
});

test('instruments trade while the exchange of one of them does; an exchange is asked for once', () => {
  const calendar = open('MCX');
  expect(isTrading(calendar, [token(Segment.NSE), token(Segment.NSE), token(Segment.INDICES)], 0)).toBe(
    false,
  );
  expect(calendar.asked).toEqual(['NSE']);
  expect(isTrading(calendar, [token(Segment.NSE), token(Segment.MCX)], 0)).toBe(true);
  expect(isTrading(open('NFO', 'CDS'), [token(Segment.BFO), token(Segment.BCD), token(Segment.NCO)], 0)).toBe(
    false,
  );
});

test('without a calendar, and where it knows no hours, instruments always trade', () => {
  expect(isTrading(undefined, [token(Segment.NSE)], 0)).toBe(true);
  expect(isTrading(open(), [token(Segment.MCXSX)], 0)).toBe(true);
  expect(isTrading(open(), [token(77)], 0)).toBe(true);
});
