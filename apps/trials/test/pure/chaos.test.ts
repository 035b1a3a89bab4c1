import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame } from '@kite/protocol';
import { ltpTick } from '@kite/testkit';

import { cutFrame, packetsIn } from '../../src/chaos/cut-frame.js';
import { FAULT_KINDS, type FaultKind } from '../../src/chaos/fault-kind.js';
import type { Note } from '../../src/chaos/note.js';
import { cutPackets, replayedWire } from '../../src/chaos/replayed-wire.js';
import { drawRound } from '../../src/chaos/round-plan.js';

const SKIPPED = new Map<FaultKind, string>([['corrupt', 'it cannot be judged']]);

/** Rounds of chaos in an hour, on a machine that is slow. */
const ROUNDS_AN_HOUR = 36;

describe('a round of chaos', () => {
  test('is the same for the same seed and number', () => {
    expect(drawRound(7, 3, 60_000, SKIPPED)).toEqual(drawRound(7, 3, 60_000, SKIPPED));
    expect(drawRound(7, 4, 60_000, SKIPPED)).not.toEqual(drawRound(7, 3, 60_000, SKIPPED));
  });

  test('has each kind of fault, so that an hour has a thousand, and twenty of each', () => {
    const { faults } = drawRound(7, 3, 60_000, SKIPPED);
    expect(faults.length * ROUNDS_AN_HOUR).toBeGreaterThan(1000);
    for (const kind of FAULT_KINDS)
      expect(faults.filter((fault) => fault.kind === kind).length > 0, kind).toBe(kind !== 'corrupt');
  });
});

describe('a frame that is cut', () => {
  test('keeps its head and the packets before the cut', () => {
    const frame = encodeFrame([1, 2, 3, 4].map((token) => ltpTick(100, token * 256 + 1)));
    for (let bytes = 0; bytes <= frame.length - 2; bytes++) {
      const cut = cutFrame(frame, bytes / (frame.length - 2));
      expect(packetsIn(cut.bytes)).toBe(4);
      expect(decodeFrame(cut.bytes)).toHaveLength(cut.whole);
    }
  });
});

describe('what sockets have noted', () => {
  const URL = 'wss://localhost/?api_key=key&access_token=token';
  const note = (at: number, body: Partial<Note>): Note => ({ socket: 'one', at, wall: at, ...body }) as Note;
  const notes = [
    note(10, { type: 'dialled', url: URL }),
    note(20, { type: 'opened' }),
    note(30, { type: 'frame', packets: 3, whole: 3 }),
    note(40, { type: 'frame', packets: 3, whole: 1 }),
    note(60, { type: 'frame', packets: 2, whole: 2 }),
    note(50, { type: 'left' }),
  ];

  test('is taken in by a wire log in the order of time', () => {
    const wire = replayedWire(notes, { sharedMs: 5, wall: 5 }, new Map([['one', 17]]));
    expect(wire.sockets).toMatchObject([{ connectionId: 17, dialledAt: 5, openedAt: 15, leftAt: 45 }]);
    expect(wire.sockets[0]!.arrivals).toMatchObject([
      { at: 25, upTo: 3, isOwed: true },
      { at: 35, upTo: 6, isOwed: true },
      { at: 55, upTo: 8, isOwed: false },
    ]);
  });

  test('tells which packets were cut off', () => {
    expect(cutPackets(notes)).toEqual(new Map([['one', new Set([4, 5])]]));
  });
});
