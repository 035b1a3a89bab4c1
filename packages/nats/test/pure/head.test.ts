import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTickMessage, encodeTickMessage, TICK_HEAD, type TickHead } from '@kite/nats';
import { fromHex, NIFTY_FULL, NSE_FULL } from '@kite/testkit';

const HEAD: TickHead = {
  cached: true,
  replayed: false,
  account: 2,
  connection: 1,
  epoch: 0xdead_beef,
  sequence: 7,
  previous: 3,
  receivedAt: 1_701_928_226_123,
};

const head = fc.record({
  cached: fc.boolean(),
  replayed: fc.boolean(),
  account: fc.integer({ min: 0, max: 255 }),
  connection: fc.integer({ min: 0, max: 2 }),
  epoch: fc.integer({ min: 1, max: 0xffff_ffff }),
  sequence: fc.integer({ min: 2, max: 0xffff_ffff }),
  previous: fc.integer({ min: 0, max: 1 }),
  receivedAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
});

describe('a message of the bus', () => {
  test('has these bytes: the vector of the README', () => {
    const packet = fromHex('0003e909001feab9');
    const bytes = encodeTickMessage(HEAD, packet);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      '01010201deadbeef00000007000000030000018c42d3cd4b0003e909001feab9',
    );
    expect(bytes).toHaveLength(TICK_HEAD.length + 8);
  });

  test('is read back as it was written, for any head', () => {
    fc.assert(
      fc.property(head, (any) => {
        expect(decodeTickMessage(encodeTickMessage(any, NIFTY_FULL.body))).toEqual({
          ...any,
          packet: NIFTY_FULL.body,
        });
      }),
    );
  });

  test('is read where it lies inside of a larger chunk', () => {
    const bytes = encodeTickMessage(HEAD, NSE_FULL.body);
    const chunk = new Uint8Array(bytes.length + 20).fill(0xff);
    chunk.set(bytes, 13);
    expect(decodeTickMessage(chunk.subarray(13, 13 + bytes.length))).toEqual({
      ...HEAD,
      packet: NSE_FULL.body,
    });
  });

  test('does not change when the packet that it was made of does', () => {
    const packet = NIFTY_FULL.body.slice();
    const bytes = encodeTickMessage(HEAD, packet);
    packet.fill(0);
    expect(decodeTickMessage(bytes)).toMatchObject({ packet: NIFTY_FULL.body });
  });
});

describe('bytes that are no message of the bus are told apart, and nothing throws', () => {
  const good = encodeTickMessage(HEAD, NIFTY_FULL.body);
  const changed = (offset: number, ...bytes: number[]): Uint8Array => {
    const copy = good.slice();
    copy.set(bytes, offset);
    return copy;
  };
  test.each([
    ['no byte at all', new Uint8Array(0), 'it has 0 bytes, fewer than head and packet'],
    ['a head alone', good.subarray(0, 24), 'it has 24 bytes, fewer than head and packet'],
    ['another version', changed(0, 2), 'its version is 2, and 1 is known'],
    ['a packet that is cut', good.subarray(0, 50), 'its packet has 26 bytes, a length that is not known'],
    ['a connection that Kite does not have', changed(3, 3), 'its connection is 3, above 2'],
    ['no epoch', changed(4, 0, 0, 0, 0), 'its epoch is 0'],
    ['no sequence', changed(8, 0, 0, 0, 0), 'its sequence is 0'],
    ['a packet before itself', changed(12, 0, 0, 0, 7), 'its previous sequence 7 is not below its own, 7'],
    ['no date', changed(16, 0xff), 'its time is no date'],
  ])('%s', (_, bytes, flaw) => {
    expect(decodeTickMessage(bytes)).toEqual({ flaw });
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 220 }), (bytes) => {
        const read = decodeTickMessage(bytes);
        expect('flaw' in read || read.packet.length === bytes.length - TICK_HEAD.length).toBe(true);
      }),
    );
  });
});
