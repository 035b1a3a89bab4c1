import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Tick } from '@kite/protocol';

import type { PrintedTick } from '../../src/cli/conformance/client-process.js';
import { FACTS } from '../../src/cli/conformance/facts.js';
import { Judge } from '../../src/cli/conformance/judge.js';
import { difference, timeOf } from '../../src/cli/conformance/same-tick.js';
import { Scorecard } from '../../src/cli/conformance/scorecard.js';
import { full, indexFull, ltp } from '../../src/cli/conformance/sent-ticks.js';

describe('the list of facts', () => {
  test('is the one of the README, in its order and with its numbers', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| (\d+) +\| (.+?) +\| (yes|no) +\|$/gm)].map(
      ([, id, title, required]) => ({
        id: Number(id),
        title,
        required: required === 'yes',
      }),
    );
    expect(listed).toEqual(FACTS);
    expect(FACTS.map(({ id }) => id)).toEqual(FACTS.map((_, index) => index + 1));
  });
});

describe('the scorecard', () => {
  const judged = (passed: (id: number) => boolean) => {
    const judge = new Judge();
    for (const { id } of FACTS) judge.note(id, passed(id), 'so it is');
    return judge.rows;
  };

  test('fails a fact that nobody came to', () => {
    const { rows } = new Judge();
    expect(rows).toHaveLength(FACTS.length);
    expect(new Scorecard(rows).passed).toBe(false);
    expect(rows[0]).toMatchObject({ passed: false, why: 'the client did not come so far' });
  });

  test('is green although something fails that is not required, and red where something required does', () => {
    expect(new Scorecard(judged((id) => FACTS[id - 1]!.required)).passed).toBe(true);
    expect(new Scorecard(judged((id) => id !== 6)).passed).toBe(false);
  });

  test.each(
    FACTS.map(({ id, required }) => ({ id, verdict: required ? 'red' : 'green', passed: !required })),
  )('is $verdict where fact $id alone fails', ({ id, passed }) => {
    expect(new Scorecard(judged((one) => one !== id)).passed).toBe(passed);
  });

  test('fails a fact that was noted several times where it failed once, and says why', () => {
    const judge = new Judge();
    judge.note(39, true);
    judge.note(39, false, 'after HTTP 400');
    judge.note(39, true);
    judge.note(39, false, 'after HTTP 403');
    expect(judge.rows[38]).toMatchObject({ passed: false, why: 'after HTTP 400' });
  });

  test('has a line for each fact with what was seen, and the same as JSON', () => {
    const rows = judged((id) => id !== 6);
    const lines = new Scorecard(rows).text.split('\n');
    expect(lines).toHaveLength(FACTS.length + 1);
    expect(lines[5]).toMatch(/^ 6 FAILED reads a full packet .*: so it is$/);
    expect(lines.at(-1)).toBe('32 of 33 required, 7 of 7 others');
    expect(JSON.parse(new Scorecard(rows).json)).toEqual({ passed: false, rows });
  });
});

describe('what a client printed', () => {
  /** As a client prints it that does everything right. */
  const printed = (tick: Tick): PrintedTick => {
    const all = { ...tick } as unknown as Record<string, unknown>;
    const named = Object.entries(all).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]);
    return JSON.parse(JSON.stringify(Object.fromEntries(named))) as PrintedTick;
  };

  test.each<[string, Tick]>([
    ['ltp', ltp(884737, 392.95)],
    ['full', full(408065, 1573.7, 1567.8)],
    ['index', indexFull(256265)],
  ])('is the tick that was sent: %s', (_name, tick) => {
    expect(decodeFrame(encodeFrame([tick]))).toHaveLength(1);
    expect(difference(printed(tick), tick)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['another price', { last_price: 157370 }, 'last_price is 157370 and not 1573.7'],
    ['another mode', { mode: 'quote' }, 'mode is "quote" and not "full"'],
    ['no depth', { depth: undefined }, 'depth.buy.0.quantity is undefined and not 101'],
    ['no time', { exchange_timestamp: null }, 'exchange_timestamp is null and not 1700000001000'],
    ['a price as text', { last_price: '1573.7' }, 'last_price is "1573.7" and not 1573.7'],
  ])('is not the tick that was sent: %s', (_name, wrong, message) => {
    const tick = full(408065, 1573.7, 1567.8);
    expect(difference({ ...printed(tick), ...wrong }, tick)).toBe(message);
  });

  test.each<[unknown, number | null]>([
    [1_700_000_000, 1_700_000_000_000],
    [1_700_000_000_000, 1_700_000_000_000],
    ['2023-11-14T22:13:20.000Z', 1_700_000_000_000],
    [0, null],
    [null, null],
    [undefined, null],
    ['soon', null],
  ])('has a time that may be %j', (value, expected) => {
    expect(timeOf(value)).toBe(expected);
  });
});
