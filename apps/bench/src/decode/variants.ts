import { decodeFrame, FrameDecoder } from '@kite/protocol';
import { decodeLazy, FrameCursor, LazyDecoder, TickColumns } from '@kite/raw';
import type { Frames } from '../frames/frames.js';
import { parseBinary } from './official.js';
import { addByLevel, addCursor, addOfficial, addRow, addTick, type Sum } from './readers.js';

/** How much of each tick is read: token and price, or every field with the ten depth levels. */
export const READINGS = ['light', 'heavy'] as const;
export type Reading = (typeof READINGS)[number];

/** Decodes and reads all the frames, and adds what it read to a sum: equal for each variant. */
export type Pass = (frames: Frames, sum: Sum) => void;

/** The ways to read a frame. Each is run in a process of its own, so none spoils the other's optimised code. */
export const VARIANTS = {
  official: {
    light: ({ buffers }, sum) => {
      for (const frame of buffers) {
        for (const tick of parseBinary(frame)) sum[0]! += tick.instrument_token + tick.last_price;
      }
    },
    heavy: ({ buffers }, sum) => {
      for (const frame of buffers) for (const tick of parseBinary(frame)) addOfficial(tick, sum);
    },
  },
  decodeFrame: {
    light: ({ slices }, sum) => {
      for (const frame of slices) {
        for (const tick of decodeFrame(frame)) sum[0]! += tick.instrumentToken + tick.lastPrice;
      }
    },
    heavy: ({ slices }, sum) => {
      for (const frame of slices) for (const tick of decodeFrame(frame)) addTick(tick, sum);
    },
  },
  FrameDecoder: withDecoder(() => new FrameDecoder()),
  decodeLazy: {
    light: ({ slices }, sum) => {
      for (const frame of slices) {
        for (const tick of decodeLazy(frame)) sum[0]! += tick.instrumentToken + tick.lastPrice;
      }
    },
    heavy: ({ slices }, sum) => {
      for (const frame of slices) for (const tick of decodeLazy(frame)) addTick(tick, sum);
    },
  },
  LazyDecoder: withDecoder(() => new LazyDecoder()),
  'LazyDecoder, by level': (() => {
    const decoder = new LazyDecoder();
    return {
      light: ({ slices }, sum) => {
        for (const frame of slices) {
          for (const tick of decoder.decode(frame)) sum[0]! += tick.instrumentToken + tick.lastPrice;
        }
      },
      heavy: ({ slices }, sum) => {
        for (const frame of slices) for (const tick of decoder.decode(frame)) addByLevel(tick, sum);
      },
    };
  })(),
  FrameCursor: (() => {
    const cursor = new FrameCursor();
    return {
      light: ({ slices }, sum) => {
        for (const frame of slices) {
          cursor.reset(frame);
          while (cursor.next()) sum[0]! += cursor.instrumentToken + cursor.lastPrice;
        }
      },
      heavy: ({ slices }, sum) => {
        for (const frame of slices) {
          cursor.reset(frame);
          while (cursor.next()) addCursor(cursor, sum);
        }
      },
    };
  })(),
  TickColumns: (() => {
    const columns = new TickColumns({ capacity: 512 });
    return {
      light: ({ slices }, sum) => {
        for (const frame of slices) {
          columns.clear();
          const rows = columns.append(frame);
          const { instrumentToken, lastPrice } = columns;
          for (let row = 0; row < rows; row++) sum[0]! += instrumentToken[row]! + lastPrice[row]!;
        }
      },
      heavy: ({ slices }, sum) => {
        for (const frame of slices) {
          columns.clear();
          const rows = columns.append(frame);
          for (let row = 0; row < rows; row++) addRow(columns, row, sum);
        }
      },
    };
  })(),
} as const satisfies Record<string, Record<Reading, Pass>>;

export type Variant = keyof typeof VARIANTS;

function withDecoder(make: () => Pick<FrameDecoder, 'decode'>): Record<Reading, Pass> {
  const decoder = make();
  return {
    light: ({ slices }, sum) => {
      for (const frame of slices) {
        for (const tick of decoder.decode(frame)) sum[0]! += tick.instrumentToken + tick.lastPrice;
      }
    },
    heavy: ({ slices }, sum) => {
      for (const frame of slices) for (const tick of decoder.decode(frame)) addTick(tick, sum);
    },
  };
}
