import { describe, expect, test } from 'vitest';
import { offsetsOf } from '@kite/kit';
import { DEPTH, PACKETS } from '@kite/protocol';
import { decodeLazy, FrameCursor, LazyDecoder, packets, TickColumns } from '@kite/raw';

import { Buy, Full, Index, Length, Levels, Sell } from '../../src/wire-offsets.js';

/** An enum's members, without the names by number. */
const members = (of: object) => Object.fromEntries(Object.entries(of).filter(([name]) => !/^\d/.test(name)));

describe('the package', () => {
  test('has the layout table’s offsets in its enums', () => {
    const lengths = Object.entries(PACKETS).map(([kind, { length }]) => [kind, length]);
    expect(members(Length)).toEqual(Object.fromEntries(lengths));
    expect(members(Full)).toEqual(offsetsOf(PACKETS.full.fields));
    expect(members(Full)).toMatchObject(offsetsOf(PACKETS.quote.fields));
    expect(members(Full)).toMatchObject(offsetsOf(PACKETS.ltp.fields));
    expect({ instrumentToken: 0, ...members(Index) }).toEqual(offsetsOf(PACKETS.indexFull.fields));
    expect({ instrumentToken: 0, ...members(Index) }).toMatchObject(offsetsOf(PACKETS.indexQuote.fields));
    const level = Object.entries(offsetsOf(DEPTH.fields));
    const from = (side: number) => Object.fromEntries(level.map(([name, offset]) => [name, side + offset]));
    expect(members(Buy)).toEqual(from(DEPTH.buyOffset));
    expect(members(Sell)).toEqual(from(DEPTH.sellOffset));
    expect(members(Levels)).toEqual({ count: DEPTH.levels, length: DEPTH.levelLength });
  });

  test.each(['a string', 42, null, undefined, {}, new ArrayBuffer(8)])(
    'refuses %s for a frame, typed',
    (wrong) => {
      const frame = wrong as Uint8Array;
      const refused: unknown = expect.objectContaining({
        code: 'KITE_PROTOCOL_INVALID_FRAME',
        field: 'frame',
        value: wrong,
      });
      expect(() => decodeLazy(frame)).toThrow(refused);
      expect(() => new LazyDecoder().decode(frame)).toThrow(refused);
      expect(() => new FrameCursor().reset(frame)).toThrow(refused);
      expect(() => new TickColumns().append(frame)).toThrow(refused);
      expect(() => [...packets(frame)]).toThrow(refused);
    },
  );
});
