import { decodeFrame, FrameDecoder } from '@kite/protocol';
import { decodeLazy, FrameCursor, LazyDecoder, TickColumns } from '@kite/raw';

import type { Frames } from '../frames/frames.js';
import { parseBinary } from './official.js';
import { addByLevel, addCursor, addLoaded, addOfficial, addRows, addTick, type Sum } from './readers.js';

/** How much of each tick is read: token and price, or every field with the ten depth levels. */
export const READINGS = ['light', 'heavy'] as const;
export type Reading = (typeof READINGS)[number];

/** Decodes and reads all frames, and adds what it read to a sum, equal for all variants. */
export type Pass = (frames: Frames, sum: Sum) => void;

/** The ways to read a frame. Each runs in its own process, so none affects another's optimised code. */
export const VARIANTS = {
  official: {
    light: ({ buffers }, sum) => {
      for (const frame of buffers) {
        let total = 0;
        for (const tick of parseBinary(frame)) total += tick.instrument_token + tick.last_price;
        sum[0]! += total;
      }
    },
    heavy: ({ buffers }, sum) => {
      for (const frame of buffers) for (const tick of parseBinary(frame)) addOfficial(tick, sum);
    },
  },
  decodeFrame: {
    light: ({ slices }, sum) => {
      for (const frame of slices) {
        let total = 0;
        for (const tick of decodeFrame(frame)) total += tick.instrumentToken + tick.lastPrice;
        sum[0]! += total;
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
        let total = 0;
        for (const tick of decodeLazy(frame)) total += tick.instrumentToken + tick.lastPrice;
        sum[0]! += total;
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
          let total = 0;
          for (const tick of decoder.decode(frame)) total += tick.instrumentToken + tick.lastPrice;
          sum[0]! += total;
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
          let total = 0;
          while (cursor.next()) total += cursor.instrumentToken + cursor.lastPrice;
          sum[0]! += total;
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
  'FrameCursor, loaded': (() => {
    const cursor = new FrameCursor();
    return {
      light: ({ slices }, sum) => {
        for (const frame of slices) {
          cursor.reset(frame);
          let total = 0;
          while (cursor.next()) {
            const tick = cursor.load();
            total += tick.instrumentToken + tick.lastPrice;
          }
          sum[0]! += total;
        }
      },
      heavy: ({ slices }, sum) => {
        for (const frame of slices) {
          cursor.reset(frame);
          while (cursor.next()) addLoaded(cursor.load(), sum);
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
          let total = 0;
          for (let row = 0; row < rows; row++) total += instrumentToken[row]! + lastPrice[row]!;
          sum[0]! += total;
        }
      },
      heavy: ({ slices }, sum) => {
        for (const frame of slices) {
          columns.clear();
          columns.append(frame);
          addRows(columns, sum);
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
        let total = 0;
        for (const tick of decoder.decode(frame)) total += tick.instrumentToken + tick.lastPrice;
        sum[0]! += total;
      }
    },
    heavy: ({ slices }, sum) => {
      for (const frame of slices) for (const tick of decoder.decode(frame)) addTick(tick, sum);
    },
  };
}
