import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Instruments, type ListIssue } from '@kite/instruments';
import { isKiteError } from '@kite/protocol';

import { HEADER, SMALL_LIST } from '../support/csv.js';

/** Everything that parsing says: the instruments and the issues, or the code of the error. */
function outcome(parse: (onIssue: (issue: ListIssue) => unknown) => Instruments): unknown {
  const issues: ListIssue[] = [];
  try {
    const list = parse((issue) => issues.push(issue));
    expect(list.skippedRows).toBe(issues.length);
    return { instruments: [...list], issues };
  } catch (error) {
    if (!isKiteError(error, 'KITE_INSTRUMENTS_INVALID_LIST')) throw error;
    return { refused: error.message };
  }
}

function inChunks(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return new ReadableStream({
    start(controller) {
      for (let index = 1; index < places.length; index++)
        controller.enqueue(bytes.slice(places[index - 1], places[index]));
      controller.close();
    },
  });
}

/** A list, damaged anywhere by anything. */
const damaged = fc
  .tuple(
    fc.constantFrom(SMALL_LIST, SMALL_LIST.replaceAll('\n', '\r\n'), `\ufeff${SMALL_LIST}`),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(40),
        fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('"', ',', '\n', '\r', '""')),
      ),
      { maxLength: 8 },
    ),
  )
  .map(([csv, damages]) =>
    damages.reduce((text, [at, length, replacement]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + replacement + text.slice(from + length);
    }, csv),
  );

/** Lines of cells that nobody means. */
const random = fc
  .array(
    fc.array(fc.oneof(fc.string({ maxLength: 8 }), fc.nat().map(String), fc.constant('"a ""b"", c"')), {
      maxLength: 14,
    }),
  )
  .map((rows) => [HEADER, ...rows.map((cells) => cells.join(','))].join('\n'));

const lists = fc.oneof(damaged, random, fc.string()).map((text) => new TextEncoder().encode(text));

test('no list makes parsing throw anything but the documented error', () => {
  fc.assert(
    fc.property(fc.oneof(lists, fc.uint8Array({ maxLength: 400 })), (bytes) => {
      outcome((onIssue) => Instruments.parse(bytes, { onIssue }));
    }),
    { numRuns: 300 },
  );
});

test('chunks of any size give the same instruments, issues and errors as the whole', async () => {
  await fc.assert(
    fc.asyncProperty(lists, fc.array(fc.nat(), { maxLength: 30 }), async (bytes, cuts) => {
      const whole = outcome((onIssue) => Instruments.parse(bytes, { onIssue }));
      const issues: ListIssue[] = [];
      const chunked = await Instruments.parse(inChunks(bytes, cuts), {
        onIssue: (issue) => issues.push(issue),
      }).then(
        (list) => ({ instruments: [...list], issues }),
        (error: unknown) => ({ refused: isKiteError(error) ? error.message : error }),
      );
      expect(chunked).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test('a text gives the same as its bytes', () => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' })), (text) => {
      const bytes = new TextEncoder().encode(text);
      expect(outcome((onIssue) => Instruments.parse(text, { onIssue }))).toEqual(
        outcome((onIssue) => Instruments.parse(bytes, { onIssue })),
      );
    }),
    { numRuns: 200 },
  );
});

test('a text of many pieces keeps the characters at their ends whole', () => {
  const rows = Array.from({ length: 4000 }, (_, index) => `${index + 1},${'😀'.repeat(index % 23)}x`);
  const list = Instruments.parse(['instrument_token,tradingsymbol', ...rows].join('\n'));
  expect(
    [...list].map(({ instrumentToken, tradingsymbol }) => `${instrumentToken},${tradingsymbol!}`),
  ).toEqual(rows);
});

test('every instrument is found by its token and its name, and neither by another', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.tuple(fc.integer({ min: 1, max: 0xffff_ffff }), fc.constantFrom('NSE', 'BSE', 'NFO')),
        {
          selector: ([token]) => token,
          maxLength: 500,
        },
      ),
      (rows) => {
        const csv = rows.map(([token, exchange], index) => `${token},S${index % 7}${index},${exchange}`);
        const list = Instruments.parse(['instrument_token,tradingsymbol,exchange', ...csv].join('\n'));
        for (const [index, [token, exchange]] of rows.entries()) {
          const name = `${exchange}:S${index % 7}${index}`;
          expect([list.nameOf(token), list.tokenOf(name)]).toEqual([name, token]);
        }
        expect(list.size).toBe(rows.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('no search, chain or expiry of any text throws', () => {
  const list = Instruments.parse(SMALL_LIST);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      expect(list.search(text).length).toBeLessThanOrEqual(20);
      expect(Array.isArray(list.expiries(text)) && Array.isArray(list.chain(text))).toBe(true);
      expect(list.atTheMoney(text, 100, 3).length).toBeLessThanOrEqual(7);
      expect(list.future(text)?.instrumentType ?? 'FUT').toBe('FUT');
    }),
    { numRuns: 200 },
  );
});
