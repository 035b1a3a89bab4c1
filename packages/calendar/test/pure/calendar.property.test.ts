import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EXCHANGES, type InstrumentGroup, MarketCalendar, type PhaseOptions } from '@kite/calendar';

import { slowPhaseAt } from '../support/reference.js';

const MINUTE = 60_000;
const calendar = new MarketCalendar();

/** Times that are near a change more often than not. */
const times = fc
  .tuple(
    fc.date({ min: new Date('2024-11-15'), max: new Date('2027-02-15'), noInvalidDate: true }),
    fc.constantFrom(
      '09:00',
      '09:15',
      '15:15',
      '15:30',
      '15:35',
      '15:40',
      '15:50',
      '16:00',
      '17:00',
      '19:30',
      '23:30',
    ),
    fc.integer({ min: -MINUTE, max: MINUTE }),
    fc.boolean(),
  )
  .map(([date, time, off, near]) =>
    near ? Date.parse(`${date.toISOString().slice(0, 10)}T${time}+05:30`) + off : date.getTime(),
  );

const GROUPS: Readonly<Record<string, readonly InstrumentGroup[]>> = {
  CDS: ['cross-currency'],
  BCD: ['cross-currency'],
  MCX: ['agri', 'agri-international'],
  NCO: ['agri', 'agri-international'],
};

const asked = fc.constantFrom(...EXCHANGES).chain((exchange) =>
  fc.record({
    exchange: fc.constant(exchange),
    options: fc.record<PhaseOptions>({
      closingAuction: fc.constantFrom(true, false, undefined),
      group: fc.constantFrom(undefined, ...(GROUPS[exchange] ?? [])),
    }),
    at: times,
  }),
);

test('any time has the phase that a slow reading of the printed hours gives it', () => {
  fc.assert(
    fc.property(asked, ({ exchange, options, at }) => {
      expect(calendar.phaseAt(exchange, at, options)).toBe(slowPhaseAt(exchange, at, options));
    }),
    { numRuns: 3000 },
  );
});

test('nothing changes before the next change, and it does then', () => {
  fc.assert(
    fc.property(asked, ({ exchange, options, at }) => {
      const next = calendar.nextChange(exchange, at, options)!;
      const now = slowPhaseAt(exchange, at, options);
      expect(next.at).toBeGreaterThan(at);
      expect(next.phase).not.toBe(now);
      expect(slowPhaseAt(exchange, next.at, options)).toBe(next.phase);
      // All hours are whole multiples of five minutes.
      for (let time = Math.ceil(at / (5 * MINUTE)) * 5 * MINUTE; time < next.at; time += 5 * MINUTE)
        expect(slowPhaseAt(exchange, time, options)).toBe(now);
      expect(slowPhaseAt(exchange, next.at - 1, options)).toBe(now);
    }),
    { numRuns: 100 },
  );
});

test('a phase is reached after exactly the time that until tells, and never sooner', () => {
  const phase = fc.constantFrom('closed' as const, 'continuous' as const);
  fc.assert(
    fc.property(asked, phase, ({ exchange, options, at }, wanted) => {
      const wait = calendar.until(exchange, wanted, at, options)!;
      expect(slowPhaseAt(exchange, at + wait, options)).toBe(wanted);
      for (let time = at; time < at + wait; time = calendar.nextChange(exchange, time, options)!.at)
        expect(slowPhaseAt(exchange, time, options)).not.toBe(wanted);
    }),
    { numRuns: 200 },
  );
});

test('a session has the phases of its day, in order and apart, and nothing outside them trades', () => {
  fc.assert(
    fc.property(asked, ({ exchange, options, at }) => {
      const date = new Date(at + 330 * MINUTE).toISOString().slice(0, 10);
      const session = calendar.sessionOf(exchange, date, options);
      let end = Date.parse(`${date}T00:00+05:30`);
      for (const { phase, from, to } of session?.phases ?? []) {
        expect(from).toBeGreaterThanOrEqual(end);
        expect(to).toBeGreaterThan(from);
        expect(slowPhaseAt(exchange, from, options)).toBe(phase);
        expect(slowPhaseAt(exchange, to - 1, options)).toBe(phase);
        end = to;
      }
      expect(end).toBeLessThan(Date.parse(`${date}T24:00+05:30`));
      if (session === null) expect(slowPhaseAt(exchange, at, options)).toBe('closed');
    }),
    { numRuns: 500 },
  );
});
