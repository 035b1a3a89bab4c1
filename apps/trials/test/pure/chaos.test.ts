import { describe, expect, test } from 'vitest';
import type { SocketListener, Transport } from '@kite/connection';
import { decodeFrame, encodeFrame, encodePacket } from '@kite/protocol';
import { ltpTick } from '@kite/testkit';

import { cutFrame, packetsIn } from '../../src/chaos/cut-frame.js';
import { FAULT_KINDS, type FaultKind } from '../../src/chaos/fault-kind.js';
import { judgeRound } from '../../src/chaos/judge-round.js';
import type { Note } from '../../src/chaos/note.js';
import { cutPackets, replayedWire } from '../../src/chaos/replayed-wire.js';
import { drawRound } from '../../src/chaos/round-plan.js';
import { SocketWatch } from '../../src/chaos/socket-watch.js';
import { Asked } from '../../src/oracle/asked.js';
import { Wanted } from '../../src/oracle/wanted.js';
import { from, gap, recordOf, tick, ticks, TOKEN, WALL } from '../support/streams.js';

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

test('while a socket is read, both clocks of its client stand still', () => {
  const notes: Note[] = [];
  const watch = new SocketWatch('main', (note) => notes.push(note));
  const times: number[][] = [];
  const look = (): void => {
    for (let turn = 0; turn < 2; turn++) {
      times.push([watch.clock.now(), watch.clock.monotonic()]);
      const since = performance.now();
      while (performance.now() - since < 2);
    }
  };
  let socket: SocketListener | undefined;
  const transport: Transport = {
    open: (_, listener) => {
      socket = listener;
      return { send: look, ping: look, close: look, terminate: look };
    },
  };
  const listener = { opened: look, binary: look, text: look, alive: look, pong: look, ended: look };
  watch.over(transport).open({ url: 'wss://localhost', headers: {}, maxPayloadBytes: 1 }, listener);
  socket!.opened();
  expect(times[1]).toEqual(times[0]);
  expect(notes.at(-1)!.wall).toBe(times[0]![0]);
  look();
  expect(times[3]![1]).toBeGreaterThan(times[2]![1]!);
});

test('what belongs to a subscription before is owed to nobody, even in the millisecond in which the gap ends', () => {
  const at = (ms: number, body: Partial<Note>): Note =>
    ({ socket: 'one', at: ms, wall: WALL + ms, ...body }) as Note;
  const requested = (ms: number, action: string): Note =>
    at(ms, { type: 'sent', text: JSON.stringify({ a: action, v: [TOKEN] }) });
  const came = (ms: number): Note => at(ms, { type: 'frame', packets: 1, whole: 1 });
  const notes = [
    at(0, { type: 'dialled', url: 'wss://localhost/?api_key=key&access_token=token' }),
    at(1, { type: 'opened' }),
    requested(2, 'subscribe'),
    came(10),
    requested(12, 'unsubscribe'),
    requested(14, 'subscribe'),
    came(20),
    came(20),
  ];
  const sent = [9, 13, 19].map((ms, index) => ({
    ...{ sequence: index + 1, at: WALL + ms, connectionId: 17, apiKey: 'key', instrumentToken: TOKEN },
    ...{ change: index, packet: encodePacket(tick(101 + index)), damaged: false },
  }));
  const wanted = new Wanted();
  wanted.note([TOKEN], -1, true);
  const open = { type: 'state', state: 'open', code: undefined, value: {}, from: from(0) } as const;
  const items = [
    [1, { ...open, receivedAt: WALL + 1 }],
    [10, ticks(10, [101])],
    [20, gap(10, 20, { instrumentTokens: [TOKEN] })],
    [20, ticks(20, [103])],
  ] as const;
  const { failures } = judgeRound({
    ...{ began: { sharedMs: 0, wall: WALL }, notes, sent, wanted, asked: new Asked(), pauses: [] },
    ...{ accepted: new Map([['one', 17]]), accountOf: () => 'account-1', replicas: 1 },
    ...{ records: [[recordOf(items)]], secrets: [], isDownAtEnd: false },
  });
  expect(failures).toEqual([]);
});

describe('what sockets have noted', () => {
  const URL = 'wss://localhost/?api_key=key&access_token=token';
  const note = (at: number, body: Partial<Note>): Note => ({ socket: 'one', at, wall: at, ...body }) as Note;
  const notes = [
    note(10, { type: 'dialled', url: URL }),
    note(20, { type: 'opened' }),
    note(30, { type: 'frame', packets: 3, whole: 3 }),
    note(35, { type: 'sent', text: '{"a":"subscribe","v":[1,2]}' }),
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

  test('says what the client has subscribed and unsubscribed', () => {
    const wire = replayedWire(notes, { sharedMs: 5, wall: 5 }, new Map());
    expect(wire.sockets[0]!.subscriptions).toEqual([{ at: 30, tokens: new Set([1, 2]), isSubscribed: true }]);
  });

  test('tells which packets were cut off', () => {
    expect(cutPackets(notes)).toEqual(new Map([['one', new Set([4, 5])]]));
  });
});
