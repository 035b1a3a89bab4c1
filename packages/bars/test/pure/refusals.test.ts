import { describe, expect, test } from 'vitest';
import { BarBuilder, barsOf } from '@kite/bars';

import { full } from '../support/ticks.js';

const refusal = (code: string, field: string) =>
  expect.objectContaining({ code: `KITE_BARS_${code}`, field }) as unknown;

describe('an option', () => {
  test.each<[string, unknown]>([
    ['interval', undefined],
    ['interval', '2m'],
    ['interval', 60_000],
    ['interval', null],
    ['interval', {}],
    ['interval', { ms: 0 }],
    ['interval', { ms: 1.5 }],
    ['interval', { ms: 86_400_001 }],
    ['interval', { ticks: -1 }],
    ['interval', { volume: Infinity }],
    ['interval', { ms: 1000, ticks: 5 }],
    ['interval', { minutes: 5 }],
    ['interval', ['1m']],
    ['calendar', {}],
    ['closeAfterMs', -1],
    ['closeAfterMs', Infinity],
    ['fill', 'yes'],
    ['repair', true],
    ['intervall', '1m'],
  ])('%s is refused when it is %j', (field, value) => {
    expect(() => new BarBuilder({ interval: '1m', [field]: value })).toThrow(
      refusal('INVALID_OPTION', field),
    );
  });

  test('repair is refused for bars that history does not have', () => {
    const repair = async () => [];
    for (const interval of ['5s', { ms: 90_000 }, { ticks: 5 }, { volume: 5 }] as const)
      expect(() => new BarBuilder({ interval, repair })).toThrow(refusal('INVALID_OPTION', 'repair'));
    for (const interval of ['1m', '1d', { ms: 180_000 }] as const)
      expect(() => new BarBuilder({ interval, repair })).not.toThrow();
  });

  test('fill is refused for bars that are not by time', () => {
    expect(() => new BarBuilder({ interval: { ticks: 5 }, fill: true })).toThrow(
      refusal('INVALID_OPTION', 'fill'),
    );
  });

  test('that is refused is refused by barsOf as well, when it is called', () => {
    expect(() => barsOf({} as never, { interval: '2m' as never })).toThrow(
      refusal('INVALID_OPTION', 'interval'),
    );
  });

  test('undefined is as good as none', () => {
    expect(
      () =>
        new BarBuilder({
          interval: '1m',
          calendar: undefined,
          closeAfterMs: undefined,
          fill: undefined,
          repair: undefined,
        }),
    ).not.toThrow();
  });
});

describe('what is pushed', () => {
  test.each([null, undefined, 5, 'ticks', {}])('is refused when it is %j', (input) => {
    const builder = new BarBuilder({ interval: '1m' });
    const field = typeof input === 'string' ? 'input' : 'input';
    expect(() => builder.push(input as never)).toThrow(refusal('INVALID_INPUT', field));
  });

  test.each([null, {}, { ...full('09:15', NaN, 1) }, { ...full('09:15', 1, 1), instrumentToken: '408065' }])(
    'is refused when a tick is %j',
    (tick) => {
      expect(() => new BarBuilder({ interval: '1m' }).push([tick as never])).toThrow(
        refusal('INVALID_INPUT', 'tick'),
      );
    },
  );

  test('may be any message of a feed: those without ticks make no bar', () => {
    const builder = new BarBuilder({ interval: '1m' });
    const received = { channelId: 0 as const, receivedAt: 0 };
    expect(builder.push({ ...received, type: 'state', state: 'open' })).toEqual([]);
    expect(builder.push({ ...received, type: 'unknown', data: null })).toEqual([]);
  });

  test('has to come with a time to poll', () => {
    expect(() => new BarBuilder({ interval: '1m' }).poll(NaN)).toThrow(refusal('INVALID_INPUT', 'now'));
  });
});
