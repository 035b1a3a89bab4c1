import { describe, expect, test } from 'vitest';
import { type HealthSummary, KiteError, type TickerMessage } from '@kite/manager';

import { lineOf } from '../../src/live-market/describe.js';
import { EventLog, eventOf, healthEvent } from '../../src/live-market/event-log.js';

const received = { channelId: 0, receivedAt: 0 } as const;

const lost = new KiteError('KITE_CONNECTION_LOST', 'the connection ended');

describe('what is told of a message', () => {
  test.each<[TickerMessage, string]>([
    [{ ...received, type: 'state', state: 'open' }, 'open        connection 1'],
    [
      { ...received, type: 'state', state: 'waiting', error: lost },
      'waiting     connection 1: the connection ended',
    ],
    [
      { ...received, type: 'gap', from: 1000, to: 3500, reason: 'the connection ended' },
      'gap         connection 1: nothing was received for 2.5s: the connection ended',
    ],
    [
      {
        ...received,
        type: 'gap',
        from: 1000,
        to: 3500,
        reason: 'it ended',
        instrumentTokens: [408065, 738561],
      },
      'gap         connection 1: 2 instruments came here: nothing was received for 2.5s: it ended',
    ],
    [
      { ...received, type: 'error', message: 'Too many.' },
      'error       connection 1: the server says: Too many.',
    ],
    [{ ...received, type: 'lagged', dropped: 1 }, 'lagged      connection 1: 1 tick was dropped'],
    [{ ...received, type: 'lagged', dropped: 12_345 }, 'lagged      connection 1: 12,345 ticks were dropped'],
    [{ ...received, type: 'issue', issue: lost }, 'issue       connection 1: the connection ended'],
    [
      { ...received, type: 'issue', issue: { kind: 'trailing-bytes', offset: 10, length: 3 } },
      'issue       connection 1: a frame has trailing-bytes at byte 10',
    ],
    [{ ...received, type: 'message', data: { text: 'hello' } }, 'message     {"text":"hello"}'],
  ])('%j', (message, line) => {
    expect(lineOf(eventOf(message)!)).toBe(
      `${lineOf({ at: 0, kind: '', text: '', tone: 'neutral' })}  ${line}`,
    );
  });

  test('is nothing for ticks, which the table shows', () => {
    expect(eventOf({ ...received, type: 'ticks', ticks: [] })).toBeUndefined();
  });
});

describe('what is told of the health', () => {
  const health = (...reasons: string[]) => ({ status: 'degraded', reasons }) as HealthSummary;

  test('does not repeat why a connection is down when its state has said so', () => {
    const { text } = healthEvent(
      health('connection 3 is waiting: close code 1006', 'connection 2 is failed: HTTP 403'),
      0,
      ['close code 1006'],
    );
    expect(text).toBe('connection 3 is waiting; connection 2 is failed: HTTP 403');
  });

  test('writes numbers of instruments as the rest of the screen, and no others', () => {
    const reasons = [
      '123456 instruments are not streamed: INFY, … (123456 in all)',
      'connection 1 is waiting: close code 1006',
    ];
    expect(healthEvent(health(...reasons), 0).text).toBe(
      '1,23,456 instruments are not streamed: INFY, … (1,23,456 in all); connection 1 is waiting: close code 1006',
    );
  });
});

describe('EventLog', () => {
  const event = (at: number) => ({ at, kind: 'k', text: '', tone: 'neutral' }) as const;

  test('keeps the newest hundred, and gives as many as are asked for, oldest first', () => {
    const log = new EventLog();
    for (let at = 0; at < 250; at++) log.add(event(at));
    expect(log.latest(2).map(({ at }) => at)).toEqual([248, 249]);
    expect(log.latest(1000)).toHaveLength(100);
    expect(log.latest(0)).toEqual([]);
  });

  test('tells a listener until it has left', () => {
    const log = new EventLog();
    const heard: number[] = [];
    const leave = log.on(({ at }) => heard.push(at));
    log.add(event(1));
    leave();
    log.add(event(2));
    expect(heard).toEqual([1]);
  });
});
