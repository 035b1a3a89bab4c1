import { describe, expect, test } from 'vitest';
import { type Bar, BarBuilder, resample } from '@kite/bars';

import { at, full } from '../support/ticks.js';

function minutes(): Bar[] {
  const builder = new BarBuilder({ interval: '1m' });
  builder.push([
    full('09:14', 100, 0),
    full('09:15:01', 101, 10),
    full('09:16:01', 99, 30),
    full('10:15:01', 105, 40),
  ]);
  return builder.poll(Infinity);
}

describe('coarser bars', () => {
  test('are those that the ticks would have made', () => {
    const hours = new BarBuilder({ interval: '1h' });
    hours.push([
      full('09:14', 100, 0),
      full('09:15:01', 101, 10),
      full('09:16:01', 99, 30),
      full('10:15:01', 105, 40),
    ]);
    expect(resample(minutes(), '1h')).toEqual(hours.poll(Infinity));
  });

  test('take the highest revision of each bar, in any order', () => {
    const [first, ...others] = minutes();
    const revised = { ...first!, high: 500, revision: 1 };
    const [hour] = resample([...others, revised, first!], '1h');
    expect(hour).toMatchObject({ high: 500, open: 101, close: 99, volume: 30, revision: 1 });
  });

  test('are partial, have a gap, or are forming where one of theirs is', () => {
    const [first, second, ...others] = minutes();
    expect(
      resample(
        [
          { ...first!, partial: true },
          { ...second!, gap: true, state: 'forming', source: 'arrival' },
          ...others,
        ],
        '1h',
      ),
    ).toMatchObject([
      { partial: true, gap: true, state: 'forming', source: 'arrival' },
      { partial: false, gap: false, state: 'closed', source: 'exchange' },
    ]);
  });

  test('leave what they are made of as it was', () => {
    const fine = minutes();
    resample(fine, '1d');
    expect(fine).toEqual(minutes());
  });

  test('are refused where a bar lies across their edge, and where they are not by time', () => {
    const invalid = (code: string) => expect.objectContaining({ code }) as unknown;
    expect(() => resample([{ ...minutes()[0]!, end: at('09:17') }], '1m')).toThrow(
      invalid('KITE_BARS_INVALID_RESAMPLE'),
    );
    expect(() => resample(minutes(), { ms: 90_000 })).toThrow(invalid('KITE_BARS_INVALID_RESAMPLE'));
    expect(() => resample(minutes(), { ticks: 5 })).toThrow(invalid('KITE_BARS_INVALID_OPTION'));
  });
});
