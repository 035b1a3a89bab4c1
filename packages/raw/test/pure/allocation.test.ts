import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeFrame, encodeFrame, FrameDecoder } from '@kite/protocol';
import { FrameCursor, LazyDecoder, TickColumns } from '@kite/raw';
import { FRAME_OF_EACH_KIND, TICKS_OF_EACH_KIND } from '@kite/testkit';

const cursor = new FrameCursor();
const columns = new TickColumns({ capacity: 16 });
const lazyDecoder = new LazyDecoder();
const decoder = new FrameDecoder();

const FORMS: Record<string, (frame: Uint8Array) => number> = {
  FrameCursor: (frame) => {
    let ticks = 0;
    cursor.reset(frame);
    while (cursor.next()) ticks += Number(fieldsOf(cursor).length > 20);
    return ticks;
  },
  'FrameCursor, loaded': (frame) => {
    let ticks = 0;
    cursor.reset(frame);
    while (cursor.next()) ticks += Number(fieldsOf(cursor.load()).length > 20);
    return ticks;
  },
  TickColumns: (frame) => {
    columns.clear();
    return columns.append(frame);
  },
  LazyDecoder: (frame) => lazyDecoder.decode(frame).filter((tick) => fieldsOf(tick).length > 5).length,
  FrameDecoder: (frame) => decoder.decode(frame).length,
};

/** What there is in the language to hold bytes, and a date. */
const BUILT_IN = [
  'ArrayBuffer',
  'DataView',
  'Date',
  'Float64Array',
  'Int32Array',
  'Uint16Array',
  'Uint32Array',
  'Uint8Array',
] as const;

/** How often each of them is made from now on. */
function countBuiltIns(): Record<string, number> {
  const made: Record<string, number> = {};
  for (const name of BUILT_IN) {
    vi.stubGlobal(
      name,
      new Proxy(globalThis[name], {
        construct: (Kind, args: never[]): object => {
          made[name] = (made[name] ?? 0) + 1;
          return new (Kind as new (...args: never[]) => object)(...args);
        },
      }),
    );
  }
  return made;
}

/** What all the getters say, those that are added later too. */
function fieldsOf(object: object): unknown[] {
  const values: unknown[] = [];
  let prototype = Object.getPrototypeOf(object) as object;
  while (prototype !== Object.prototype) {
    for (const property of Object.values(Object.getOwnPropertyDescriptors(prototype)))
      if (property.get) values.push(property.get.call(object));
    prototype = Object.getPrototypeOf(prototype) as object;
  }
  return values;
}

/** So many times the frame, one after the other in a chunk of their own. */
function framesOfOneChunk(count: number): Uint8Array[] {
  const chunk = new Uint8Array(count * FRAME_OF_EACH_KIND.length);
  return Array.from({ length: count }, (_, index) => {
    chunk.set(FRAME_OF_EACH_KIND, index * FRAME_OF_EACH_KIND.length);
    return chunk.subarray(index * FRAME_OF_EACH_KIND.length, (index + 1) * FRAME_OF_EACH_KIND.length);
  });
}

describe('for a stream of frames', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test.each(Object.entries(FORMS))(
    'a %s makes one view for each chunk: none for a frame or a tick, and no buffer, typed array or date',
    (_, read) => {
      const frames = [...framesOfOneChunk(20), ...framesOfOneChunk(30), ...framesOfOneChunk(1)];
      const made = countBuiltIns();
      for (const frame of frames) expect(read(frame)).toBe(TICKS_OF_EACH_KIND.length);
      expect(made).toEqual({ DataView: 3 });
    },
  );

  test('what is counted would show: decodeFrame makes a view for each frame', () => {
    const frames = framesOfOneChunk(20);
    const made = countBuiltIns();
    for (const frame of frames) decodeFrame(frame);
    expect(made).toEqual({ DataView: 20 });
  });

  test('a cursor answers every field with text, a number, a truth value or null, never with an object', () => {
    for (const tick of TICKS_OF_EACH_KIND) {
      cursor.reset(encodeFrame([tick])).next();
      const objects = fieldsOf(cursor).filter((value) => typeof value === 'object' && value !== null);
      expect(objects).toEqual([]);
    }
  });
});
