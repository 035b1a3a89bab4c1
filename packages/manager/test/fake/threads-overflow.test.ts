import { describe, expect, test } from 'vitest';
import { encodeFrame } from '@kite/protocol';

import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { bench, bodies, packet, words } from '../support/overflow-bench.js';

describe('the overflow of a full ring', () => {
  test('keeps the newest packet of each instrument, tells before it what was replaced, and goes back to the ring', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(1, 10, encodeFrame([packet(1, 1, 184), packet(2, 1, 8)]));
    outbox.frame(1, 11, encodeFrame([packet(1, 2, 184)]));
    outbox.frame(1, 12, encodeFrame([packet(1, 3, 184), packet(3, 1, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link === 1))).toEqual([
      '1 lag 2 ticks 2 full 0 frames',
      '1 frame 2@1',
      '1 lag 0 ticks 0 full 1 frames',
      '1 frame 1@3 3@1',
    ]);
    expect(read.at(-1)?.at).toBe(12);

    outbox.frame(1, 13, encodeFrame([packet(1, 4, 184)]));
    drainAll();
    expect(words(read.slice(-1))).toEqual(['1 frame 1@4']);
  });

  test('hands each packet that waited on with the time at which it was received', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    for (const [token, at] of [10, 10, 4000, 9000].entries())
      outbox.frame(1, at, encodeFrame([packet(token, 1, 8)]));
    const frames = drainAll().filter(({ type }) => type === RecordType.Binary);
    expect(frames.map(({ at, bytes }) => [at, bodies(bytes).map(({ token }) => token)])).toEqual([
      [10, [0, 1]],
      [4000, [2]],
      [9000, [3]],
    ]);
  });

  test('copies what it keeps: the chunk that a packet came in may be used again', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const frame = encodeFrame([packet(1, 1, 8)]);
    outbox.frame(1, 10, frame);
    frame.fill(0xff);
    expect(words(drainAll().slice(-1))).toEqual(['1 frame 1@1']);
  });

  test('keeps no heartbeat, and counts it', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.frame(1, 10, Uint8Array.of(0));
    expect(words(drainAll().slice(-1))).toEqual(['1 lag 0 ticks 0 full 1 frames']);
  });

  test('counts what a truncated frame announced and does not hold, and keeps its whole packets', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const whole = encodeFrame([packet(1, 1, 8), packet(2, 1, 8), packet(3, 1, 8)]);
    outbox.frame(1, 10, whole.subarray(0, whole.length - 12));
    expect(words(drainAll().slice(-2))).toEqual(['1 lag 2 ticks 0 full 0 frames', '1 frame 1@1']);
  });

  test('is bounded by the instruments, however long nobody reads', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    for (let version = 1; version <= 5000; version++) {
      outbox.frame(1, version, encodeFrame([1, 2, 3].map((token) => packet(token, version, 184))));
    }
    const told = drainAll().filter(({ link }) => link === 1);
    expect(words(told)).toEqual([
      '1 lag 14997 ticks 14997 full 0 frames',
      '1 lag 0 ticks 0 full 4999 frames',
      '1 frame 1@5000 2@5000 3@5000',
    ]);
  });

  test('an instrument that moves to another link is not overtaken by its own past', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(2, 10, encodeFrame([packet(9, 1, 8)]));
    outbox.frame(1, 11, encodeFrame([packet(7, 52, 8), packet(8, 1, 8)]));
    outbox.frame(2, 12, encodeFrame([packet(7, 53, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link !== 9))).toEqual([
      '2 frame 9@1',
      '1 frame 7@52 8@1',
      '2 frame 7@53',
    ]);
  });

  test('what the old link still brings of an instrument that has moved does not replace what the new one has brought', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(2, 10, encodeFrame([packet(7, 53, 8)]));
    outbox.frame(1, 11, encodeFrame([packet(7, 52, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link !== 9))).toEqual(['2 frame 7@53', '1 frame 7@52']);
  });

  test('packets of one instrument do not overtake each other, even if several links bring them in one turn', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.frame(1, 10, encodeFrame([packet(6, 1, 8)]));
    outbox.frame(2, 10, encodeFrame([packet(7, 2, 8)]));
    outbox.frame(1, 10, encodeFrame([packet(8, 3, 8), packet(7, 4, 8)]));
    expect(words(drainAll().filter(({ link }) => link === 1 || link === 2))).toEqual([
      '1 frame 6@1',
      '2 frame 7@2',
      '1 frame 8@3 7@4',
    ]);
  });

  test('a turn in which several links bring frames is one frame for each of them, however they take turns', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    for (const [version, link] of [1, 2, 1, 2, 1].entries())
      outbox.frame(link, 10, encodeFrame([packet(version, version, 8)]));
    outbox.frame(2, 11, encodeFrame([packet(9, 9, 8)]));
    expect(words(drainAll().filter(({ link }) => link !== 9 && link !== 0))).toEqual([
      '1 lag 0 ticks 0 full 2 frames',
      '1 frame 0@0 2@2 4@4',
      '2 lag 0 ticks 0 full 1 frames',
      '2 frame 1@1 3@3',
      '2 frame 9@9',
    ]);
  });
});

test('of a peer that invents instruments, or sends packets of great length, no more waits than an account could have', () => {
  const { outbox, fill, drainAll, read } = bench(64 * 1024);
  fill();
  for (let token = 1; token <= 40_000; token++) outbox.frame(1, 1, encodeFrame([packet(token, 1, 8)]));
  outbox.frame(1, 1, encodeFrame([packet(40_001, 1, 1025), packet(7, 2, 8)]));
  drainAll();
  const told = words(read.filter(({ link }) => link === 1));
  const kept = told.flatMap((word) => (word.includes(' frame ') ? (word.match(/\d+@\d+/g) ?? []) : []));
  expect(kept).toHaveLength(32_768);
  expect(kept).toContain('7@2');
  const lost = told.map((word) => Number(/lag (\d+) ticks/.exec(word)?.[1] ?? 0));
  expect(lost.reduce((sum, ticks) => sum + ticks, 0)).toBe(40_002 - 32_768);
});
