/** The same frames read in six ways, from plain objects to a cursor: the cost of each for a tick. */
import {
  asTickRaw,
  decodeFrame,
  decodeLazy,
  FrameCursor,
  FrameDecoder,
  KiteTicker,
  Mode,
  packets,
  segmentOf,
  TickColumns,
} from '@kite/connection';
import { isTradable } from '@kite/protocol';
import { TICK_FULL_SIZE } from '@kite/raw';

import { example } from './kit/example.js';
import { count } from './kit/format.js';

const FRAMES = 20;
const ROUNDS = 101;
const ROUND_MS = 3;

await example(
  async ({ connection, tokens, onEnd }) => {
    await using ticker = new KiteTicker({ ...connection, rawOnly: true });
    onEnd(() => ticker.close());
    // Indices have their own packets; these must all be of one kind.
    await ticker.subscribe(
      tokens.filter((token) => isTradable(segmentOf(token))),
      Mode.Full,
    );
    await ticker.connect();
    const frames: Uint8Array[] = [];
    for await (const { bytes } of ticker.subscribeRawFrames()) {
      // A heartbeat has no packets, and packets from before the mode change are quotes.
      const lengths = Array.from(packets(bytes), ({ length }) => length);
      const isFull = lengths.length > 0 && lengths.every((length) => length === TICK_FULL_SIZE);
      // A view keeps the whole chunk of the socket alive, so copy what you keep.
      if (isFull) frames.push(bytes.slice());
      if (frames.length === FRAMES) break;
    }

    const decoder = new FrameDecoder();
    const cursor = new FrameCursor();
    const columns = new TickColumns();
    // Each way reads the price of every tick and returns the sum: otherwise V8 could skip the reads.
    const ways: Record<string, (frame: Uint8Array) => number> = {
      'decodeFrame, plain objects': (frame) => sumOf(decodeFrame(frame)),
      'FrameDecoder, kept': (frame) => sumOf(decoder.decode(frame)),
      'decodeLazy, fields on demand': (frame) => sumOf(decodeLazy(frame)),
      'asTickRaw, a view each': (frame) => {
        let sum = 0;
        for (const body of packets(frame)) sum += asTickRaw(body)?.header.lastPrice ?? 0;
        return sum;
      },
      'TickColumns, every field': (frame) => {
        columns.clear();
        const rows = columns.append(frame);
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += columns.lastPrice[row]!;
        return sum;
      },
      'FrameCursor, one object': (frame) => {
        let sum = 0;
        cursor.reset(frame);
        while (cursor.next()) sum += cursor.lastPrice;
        return sum;
      },
    };

    const ticks = frames.reduce((total, frame) => total + decodeFrame(frame).length, 0);
    console.log(`${frames.length} frames, ${count(ticks)} ticks`);
    const measured = Object.entries(ways).map(([name, way]) => ({ name, way, each: [] as number[], sum: 0 }));
    // In turn, so that a busy moment of the machine, or one way's garbage, does not always hit the same way.
    for (let round = 0; round < ROUNDS; round++)
      for (const one of measured) {
        const { passes, elapsedMs, sum } = measure(frames, one.way);
        one.each.push((elapsedMs * 1e6) / (passes * ticks));
        one.sum = sum;
      }
    // The median ignores the rounds before V8 optimised the code.
    for (const { name, each, sum } of measured)
      console.log(`${name.padEnd(30)} ${median(each).toFixed(0).padStart(5)} ns a tick (${sum.toFixed(0)})`);
  },
  { instruments: 300 },
);

function measure(frames: readonly Uint8Array[], way: (frame: Uint8Array) => number) {
  const began = performance.now();
  let passes = 0;
  let sum = 0;
  while (performance.now() - began < ROUND_MS) {
    passes++;
    sum = 0;
    for (const frame of frames) sum += way(frame);
  }
  return { passes, elapsedMs: performance.now() - began, sum };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function sumOf(ticks: Iterable<{ lastPrice: number }>): number {
  let sum = 0;
  for (const { lastPrice } of ticks) sum += lastPrice;
  return sum;
}
