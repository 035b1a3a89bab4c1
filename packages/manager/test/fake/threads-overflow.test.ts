import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packets } from '@kite/connection';
import { encodeFrame, KiteError } from '@kite/protocol';
import { ltpBody, VirtualClock } from '@kite/testkit';

import type { Lag } from '../../src/connection-parts.js';
import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { Outbox } from '../../src/threads/worker/outbox.js';
import { ring, type Told } from '../support/ring.js';

const LENGTHS = [8, 28, 32, 44, 184, 60] as const;

/** A packet whose body says which one of all it is. */
function packet(token: number, version: number, length: number): Uint8Array {
  const body = new Uint8Array(length);
  body.set(ltpBody({ token, last: version }));
  return body;
}

/** What a drained ring says, in words. */
function words(told: readonly Told[]): string[] {
  return told.map(({ type, link, bytes }) => {
    switch (type) {
      case RecordType.Binary:
        return `${link} frame ${contents(bytes)}`;
      case RecordType.Text:
        return `${link} text ${decodeText(bytes)}`;
      case RecordType.Lag: {
        const { ticks, fullTicks, frames } = decodeReport(RecordType.Lag, bytes);
        return `${link} lag ${ticks} ticks ${fullTicks} full ${frames} frames`;
      }
      case RecordType.State:
        return `${link} state ${decodeReport(RecordType.State, bytes).state}`;
      case RecordType.Gap:
        return `${link} gap`;
    }
  });
}

function contents(frame: Uint8Array): string {
  return bodies(frame)
    .map(({ token, version }) => `${token}@${version}`)
    .join(' ');
}

function bodies(frame: Uint8Array): { token: number; version: number; length: number }[] {
  return [...packets(frame)].map((body) => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    return { token: view.getUint32(0), version: view.getUint32(4), length: body.length };
  });
}

function bench(ringBytes: number) {
  const clock = new VirtualClock();
  const { writer, drain, read, holes } = ring(ringBytes);
  const outbox = new Outbox(writer, clock);
  return {
    clock,
    outbox,
    holes,
    read,
    drain,
    /** Reads and lets the writer go on until there is nothing left. */
    drainAll() {
      do {
        drain();
        clock.pass(2);
      } while (clock.pending > 0 || drain().length > 0);
      return read;
    },
    /** Fills the ring with texts, so that what comes now overflows. */
    fill() {
      for (let count = 0; clock.pending === 0; count++) outbox.text(9, 0, `filling ${count}`);
    },
  };
}

describe('the overflow of a full ring', () => {
  test('keeps the newest packet of each instrument, tells before it what was replaced, and goes back to the ring', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.binary(1, 10, encodeFrame([packet(1, 1, 184), packet(2, 1, 8)]));
    outbox.binary(1, 11, encodeFrame([packet(1, 2, 184)]));
    outbox.binary(1, 12, encodeFrame([packet(1, 3, 184), packet(3, 1, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link === 1))).toEqual([
      '1 lag 2 ticks 2 full 2 frames',
      '1 frame 1@3 2@1 3@1',
    ]);
    expect(read.at(-1)?.at).toBe(12);

    outbox.binary(1, 13, encodeFrame([packet(1, 4, 184)]));
    drainAll();
    expect(words(read.slice(-1))).toEqual(['1 frame 1@4']);
  });

  test('copies what it keeps: the chunk that a packet came in may be used again', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const frame = encodeFrame([packet(1, 1, 8)]);
    outbox.binary(1, 10, frame);
    frame.fill(0xff);
    expect(words(drainAll().slice(-1))).toEqual(['1 frame 1@1']);
  });

  test('lets no later packet overtake a text, a gap or a state', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.binary(1, 10, encodeFrame([packet(1, 1, 8), packet(2, 1, 8)]));
    outbox.text(1, 11, 'order');
    outbox.binary(1, 12, encodeFrame([packet(1, 2, 8)]));
    outbox.state(1, 13, 'waiting', undefined);
    outbox.gap(1, 14, { from: 1, to: 2, reason: 'lost' });
    outbox.binary(1, 15, encodeFrame([packet(3, 1, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link === 1))).toEqual([
      '1 lag 1 ticks 0 full 0 frames',
      '1 frame 2@1',
      '1 text order',
      '1 frame 1@2',
      '1 state waiting',
      '1 gap',
      '1 frame 3@1',
    ]);
  });

  test('keeps no heartbeat, and counts it', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.binary(1, 10, Uint8Array.of(0));
    expect(words(drainAll().slice(-1))).toEqual(['1 lag 0 ticks 0 full 1 frames']);
  });

  test('counts what a truncated frame announced and does not hold, and keeps its whole packets', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const whole = encodeFrame([packet(1, 1, 8), packet(2, 1, 8), packet(3, 1, 8)]);
    outbox.binary(1, 10, whole.subarray(0, whole.length - 12));
    expect(words(drainAll().slice(-2))).toEqual(['1 lag 2 ticks 0 full 0 frames', '1 frame 1@1']);
  });

  test('is bounded by the instruments, however long nobody reads', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    for (let version = 1; version <= 5000; version++) {
      outbox.binary(1, version, encodeFrame([1, 2, 3].map((token) => packet(token, version, 184))));
    }
    const told = drainAll().filter(({ link }) => link === 1);
    expect(words(told)).toEqual(['1 lag 14997 ticks 14997 full 4999 frames', '1 frame 1@5000 2@5000 3@5000']);
  });

  test('takes an error over with all that it says, and its causes', () => {
    const { outbox, read, drain } = bench(4096);
    const cause = new KiteError('KITE_CONNECTION_LOST', 'lost', {
      closeCode: 1006,
      cause: new Error('ECONNRESET'),
    });
    const error = new KiteError('KITE_CONNECTION_ATTEMPTS_EXHAUSTED', 'no more', { attempts: 3, cause });
    outbox.state(1, 10, 'failed', error);
    drain();
    expect(decodeReport(RecordType.State, read[0]!.bytes)).toMatchObject({
      state: 'failed',
      error: {
        code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
        message: 'no more',
        fields: { attempts: 3 },
        cause: {
          code: 'KITE_CONNECTION_LOST',
          fields: { closeCode: 1006 },
          cause: { message: 'ECONNRESET' },
        },
      },
    });
  });

  test('loses no text, lets nothing overtake anything, ends with each newest packet, and counts the rest', () => {
    const link = fc.integer({ min: 1, max: 2 });
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          link,
          frame: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...LENGTHS)), {
            maxLength: 6,
          }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ link, heartbeat: fc.constant(true) }) },
      { weight: 2, arbitrary: fc.record({ link, text: fc.nat(300) }) },
      { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 800 }) }) },
      { weight: 1, arbitrary: fc.record({ wait: fc.constant(2) }) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 256, max: 2048 }),
        fc.array(step, { maxLength: 120 }),
        (ringBytes, steps) => {
          const clock = new VirtualClock();
          const { writer, reader, drain, read, holes } = ring(ringBytes);
          const outbox = new Outbox(writer, clock);
          /** By link: what was sent. */
          const sent = new Map(
            [1, 2].map((of) => [of, { texts: [] as string[], frames: 0, ticks: 0, full: 0 }]),
          );
          /** By link and token: the newest version; by version: how many texts of its link were sent before it. */
          const newest = new Map<string, number>();
          const textsBefore = new Map<number, number>();
          let version = 0;
          for (const [at, step] of steps.entries()) {
            if ('read' in step) reader.read(step.read);
            else if ('wait' in step) clock.pass(step.wait);
            else {
              const log = sent.get(step.link)!;
              if ('text' in step) {
                const text = `${at}`.padEnd(step.text, '.');
                log.texts.push(text);
                outbox.text(step.link, at, text);
              } else if ('heartbeat' in step) {
                log.frames++;
                outbox.binary(step.link, at, Uint8Array.of(0));
              } else {
                const packets = step.frame.map(([token, length]) => {
                  version++;
                  newest.set(`${step.link}/${token}`, version);
                  textsBefore.set(version, log.texts.length);
                  if (length === 184) log.full++;
                  return packet(token, version, length);
                });
                log.frames++;
                log.ticks += packets.length;
                outbox.binary(step.link, at, encodeFrame(packets));
              }
            }
          }
          do {
            drain();
            clock.pass(2);
          } while (clock.pending > 0 || drain().length > 0);

          expect(holes).toEqual([]);
          for (const [of, log] of sent) {
            const texts: string[] = [];
            const seen = new Map<number, number>();
            const got = { frames: 0, ticks: 0, full: 0 };
            for (const { type, bytes, link } of read) {
              if (link !== of) continue;
              if (type === RecordType.Text) texts.push(decodeText(bytes));
              else if (type === RecordType.Lag) {
                const lag: Lag = decodeReport(RecordType.Lag, bytes);
                got.frames += lag.frames;
                got.ticks += lag.ticks;
                got.full += lag.fullTicks;
              } else {
                got.frames++;
                for (const { token, version, length } of bytes.length < 2 ? [] : bodies(bytes)) {
                  got.ticks++;
                  if (length === 184) got.full++;
                  expect(version).toBeGreaterThan(seen.get(token) ?? 0);
                  seen.set(token, version);
                  expect(texts).toHaveLength(textsBefore.get(version)!);
                }
              }
            }
            expect(texts).toEqual(log.texts);
            expect(got).toEqual({ frames: log.frames, ticks: log.ticks, full: log.full });
            for (const [token, version] of seen) expect(version).toBe(newest.get(`${of}/${token}`));
            for (const key of newest.keys())
              if (key.startsWith(`${of}/`)) expect(seen.has(Number(key.slice(2)))).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
