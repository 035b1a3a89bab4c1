import { describe, expect, test } from 'vitest';
import type { TickerMessage } from '@kite/protocol';

import { BusMarket } from '../../src/bus-day/bus-market.js';
import type { BusProgramLife } from '../../src/bus-day/bus-program.js';
import { judgeLife, judgeOrders } from '../../src/bus-day/judge-bus.js';
import type { Rule } from '../../src/oracle/failure.js';

const TOKEN = 257;
const SOURCE = { channelId: 0, receivedAt: 0 } as const;
const END = { startedAt: 0, endedAt: 60_000 };

const tick = (price: number): TickerMessage => ({
  ...{ type: 'ticks', ...SOURCE },
  ticks: [{ mode: 'ltp', instrumentToken: TOKEN, segment: 1, tradable: true, lastPrice: price }],
});
const gap = (from: number, to: number): TickerMessage => ({
  ...{ type: 'gap', from, to, reason: 'x', instrumentTokens: [TOKEN], ...SOURCE },
});
const order = (id: string): TickerMessage => ({
  ...{ type: 'order', order: { order_id: id, status: 'COMPLETE' }, ...SOURCE },
});

/** Price n was shown at n seconds, to one collector. */
function market(newest: number): BusMarket {
  const shown = new BusMarket([TOKEN], 'ltp');
  for (let price = 1; price <= newest; price++) {
    const state = shown.next(TOKEN, price * 1000);
    state.receivedAt.push(state.at);
  }
  return shown;
}

function judged(messages: readonly TickerMessage[], stored: readonly string[] = []): Rule[] {
  const rules: Rule[] = [];
  const life = {
    ...{ name: 'p', openedAt: 0, endedAt: Infinity, wanted: [{ token: TOKEN, from: 0, to: Infinity }] },
    read: messages.map((message) => ({ message, at: 30_000 })),
  } as unknown as BusProgramLife;
  const fail = (rule: Rule): void => void rules.push(rule);
  judgeLife(life, market(5), END, fail);
  const orders = stored.map((id) => ({
    ...{ subject: 'kite.o.default', id, at: 30_000 },
    data: new TextEncoder().encode(JSON.stringify({ order_id: id })),
  }));
  judgeOrders(life, orders, END, fail);
  return rules;
}

describe('a program on the bus', () => {
  test('is handed each state once and in order, or is told where it is missing', () => {
    expect(judged([tick(1), tick(2), tick(3), tick(4), tick(5)])).toEqual([]);
    expect(judged([tick(1), gap(1500, 4500), tick(5)])).toEqual([]);
    expect(judged([tick(1), { type: 'lagged', dropped: 3, ...SOURCE }, tick(5)])).toEqual([]);
  });

  test('breaks a rule with a state that is missing, comes again, or comes too late', () => {
    expect(judged([tick(1), tick(3), tick(4), tick(5)])).toEqual(['lost']);
    expect(judged([tick(1), gap(1500, 2500), tick(4), tick(5)])).toEqual(['lost']);
    expect(judged([1, 2, 3, 4, 4, 5].map(tick))).toEqual(['repeated']);
    expect(judged([1, 2, 4, 3, 5].map(tick))).toEqual(['turned-back']);
    expect(judged([1, 2, 3, 4].map(tick))).toEqual(['stale', 'lost']);
  });

  test('is handed each stored order once', () => {
    const ticks = [1, 2, 3, 4, 5].map(tick);
    expect(judged([...ticks, order('a'), order('b')], ['a', 'b'])).toEqual([]);
    expect(judged([...ticks, order('a'), order('a')], ['a'])).toEqual(['order-repeated']);
    expect(judged([...ticks, order('a')], ['a', 'b'])).toEqual(['order-lost']);
  });
});
