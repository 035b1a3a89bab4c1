/* eslint-disable @typescript-eslint/prefer-for-of -- without an optimiser each step of an iterator makes an object */
import { type Depth, encodeFrame, FrameDecoder, type Tick } from '@kite/protocol';
import { FrameCursor, LazyDecoder, TickColumns } from '@kite/raw';

import type { Frames } from '../frames/frames.js';
import { bytesPerTick } from './allocation.js';
import type { Pass } from './variants.js';

/**
 * Heap bytes a tick that the code requests, before an optimiser removes any: for a process without one, started with
 * `--jitless --expose-gc`. Every value in the frames is a small whole number, even after the price division, and V8
 * keeps those off the heap. So only objects are counted, and one for each tick, or for each frame, would show.
 */
export function bytesOfObjects(): Record<string, number> {
  const sum = new Float64Array(1);
  const counted = Object.entries(PASSES).map(([name, { kinds, pass }]) => {
    const frames = inOneChunk(kinds);
    // The first passes also allocate the interpreter's notes about the code.
    for (let warm = 0; warm < WARM_UP_PASSES; warm++) pass(frames, sum);
    return [name, bytesPerTick(pass, frames, sum)] as const;
  });
  if (last === undefined) throw new Error('nothing was read');
  return Object.fromEntries(counted);
}

const WARM_UP_PASSES = 20;
const FRAMES = 40;
const LEVELS = 5;

const KINDS = wholeTicks();
const FULL = KINDS.filter((tick) => tick.mode === 'full' && tick.tradable);

const cursor = new FrameCursor();
const columns = new TickColumns({ capacity: 64 });
const lazy = new LazyDecoder();
const plain = new FrameDecoder();

/** All getters, including any added later. */
const CURSOR_FIELDS = gettersOf(cursor) as 'lastPrice'[];
/** All getters except the two that are documented to create an object. */
const LAZY_FIELDS = [...new Set(lazy.decode(encodeFrame(KINDS)).flatMap(gettersOf))].filter(
  (name) => name !== 'ohlc' && name !== 'depth',
) as 'lastPrice'[];

const PASSES: Record<string, { readonly kinds: readonly Tick[]; readonly pass: Pass }> = {
  'FrameCursor, nothing read': {
    kinds: KINDS,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) {
        cursor.reset(slices[n]!);
        while (cursor.next());
      }
    },
  },
  // Only in full packets: a field that a kind lacks is NaN, which is a number on the heap.
  'FrameCursor, every field': {
    kinds: FULL,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) {
        cursor.reset(slices[n]!);
        while (cursor.next()) {
          for (let i = 0; i < CURSOR_FIELDS.length; i++) read(cursor[CURSOR_FIELDS[i]!]);
          readLevels(cursor);
        }
      }
    },
  },
  TickColumns: {
    kinds: KINDS,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) {
        columns.clear();
        columns.append(slices[n]!);
      }
    },
  },
  'LazyDecoder, nothing read': {
    kinds: KINDS,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) lazy.decode(slices[n]!);
    },
  },
  'LazyDecoder, every field': {
    kinds: KINDS,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) {
        const ticks = lazy.decode(slices[n]!);
        for (let t = 0; t < ticks.length; t++) {
          const tick = ticks[t]!;
          for (let i = 0; i < LAZY_FIELDS.length; i++) read(tick[LAZY_FIELDS[i]!]);
          if (tick.mode === 'full' && tick.tradable) readLevels(tick);
        }
      }
    },
  },
  FrameDecoder: {
    kinds: KINDS,
    pass: ({ slices }) => {
      for (let n = 0; n < slices.length; n++) plain.decode(slices[n]!);
    },
  },
};

let last: number | undefined;

function read(value: number): void {
  last = value;
}

type Levels = Pick<
  FrameCursor,
  'buyQuantity' | 'buyPrice' | 'buyOrders' | 'sellQuantity' | 'sellPrice' | 'sellOrders'
>;

function readLevels(tick: Levels): void {
  for (let level = 0; level < LEVELS; level++) {
    read(tick.buyQuantity(level));
    read(tick.buyPrice(level));
    read(tick.buyOrders(level));
    read(tick.sellQuantity(level));
    read(tick.sellPrice(level));
    read(tick.sellOrders(level));
  }
}

function gettersOf(object: object): string[] {
  const names: string[] = [];
  let prototype = Object.getPrototypeOf(object) as object;
  while (prototype !== Object.prototype) {
    const properties = Object.entries(Object.getOwnPropertyDescriptors(prototype));
    names.push(...properties.filter(([, property]) => property.get !== undefined).map(([name]) => name));
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return names;
}

/** Frames of ten ticks in one chunk, so that its only view exists before counting starts. */
function inOneChunk(kinds: readonly Tick[]): Frames {
  const frame = encodeFrame(Array.from({ length: 10 }, (_, index) => kinds[index % kinds.length]!));
  const chunk = new Uint8Array(FRAMES * frame.length);
  const slices = Array.from({ length: FRAMES }, (_, index) => {
    chunk.set(frame, index * frame.length);
    return chunk.subarray(index * frame.length, (index + 1) * frame.length);
  });
  return { slices, buffers: [], ticks: FRAMES * 10 };
}

/** One tick of each kind, with small whole numbers, also for prices, changes and milliseconds. */
function wholeTicks(): Tick[] {
  const ltp = { mode: 'ltp', instrumentToken: 408065, segment: 1, tradable: true, lastPrice: 110 } as const;
  const ohlc = { open: 104, high: 112, low: 98, close: 100 };
  const quote = {
    ...ltp,
    mode: 'quote',
    lastTradedQuantity: 3,
    averageTradedPrice: 105,
    volumeTraded: 9000,
    totalBuyQuantity: 400,
    totalSellQuantity: 500,
    ohlc,
    netChange: 10,
    changePercent: 10,
  } as const;
  const level = { quantity: 7, price: 109, orders: 2 };
  const side: Depth['buy'] = [level, level, level, level, level];
  const times = { lastTradeTime: 3000, exchangeTimestamp: 4000 };
  const index = {
    mode: 'quote',
    instrumentToken: 256265,
    segment: 9,
    tradable: false,
    lastPrice: 110,
    ohlc,
    netChange: 10,
    changePercent: 10,
  } as const;
  return [
    ltp,
    quote,
    {
      ...quote,
      mode: 'full',
      ...times,
      oi: 30,
      oiDayHigh: 40,
      oiDayLow: 20,
      depth: { buy: side, sell: side },
    },
    index,
    { ...index, mode: 'full', exchangeTimestamp: 4000 },
  ];
}
