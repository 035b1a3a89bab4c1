import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type LtpTick } from '@kite/protocol';

import { FrameHistory } from '../../src/depth-board/relay/frame-history.js';

function tick(instrumentToken: number, lastPrice: number): LtpTick {
  return { mode: 'ltp', instrumentToken, segment: instrumentToken & 0xff, tradable: true, lastPrice };
}

describe('FrameHistory', () => {
  test('gives back each frame byte for byte, with its time, the oldest first', () => {
    const history = new FrameHistory();
    const frames = [encodeFrame([tick(257, 1)]), encodeFrame([tick(257, 2), tick(513, 3)])];
    frames.forEach((bytes, index) => history.add(bytes, index));
    expect(history.frames()).toEqual(frames.map((bytes, receivedAt) => ({ bytes, receivedAt })));
  });

  test.each([
    ['an array', new Uint8Array(65_536)],
    ['a Buffer, whose slice() is no copy', Buffer.alloc(65_536)],
  ])('holds no more of a frame than the frame: its chunk, %s, may be reused', (_, chunk) => {
    const frame = encodeFrame([tick(257, 1)]);
    chunk.set(frame, 100);
    const history = new FrameHistory();
    history.add(chunk.subarray(100, 100 + frame.length), 1);
    chunk.fill(0);
    expect(history.frames()[0]!.bytes).toEqual(frame);
    expect(history.frames()[0]!.bytes.buffer.byteLength).toBe(frame.length);
  });

  test('of what is too old to keep whole, the packets stay that the candle of a minute is made of, in their order', () => {
    const history = new FrameHistory(0);
    const prices = [5, 9, 7, 2, 4, 6];
    prices.forEach((price, second) =>
      history.add(encodeFrame([tick(257, price), tick(513, 1)]), second * 1000),
    );
    const kept = history
      .frames()
      .flatMap(({ bytes, receivedAt }) => decodeFrame(bytes).map((one) => ({ ...one, receivedAt })));
    const of = (token: number) =>
      kept.filter((one) => one.instrumentToken === token).map((one) => [one.receivedAt, one.lastPrice]);
    expect(of(257)).toEqual([
      [0, 5],
      [1000, 9],
      [3000, 2],
      [5000, 6],
    ]);
    expect(of(513)).toEqual([
      [0, 1],
      [5000, 1],
    ]);
  });

  test('keeps so many minutes at most, all instruments together, and of each the newest packet', () => {
    const history = new FrameHistory(0, 4);
    for (let minute = 0; minute < 10; minute++)
      for (const token of [257, 513]) history.add(encodeFrame([tick(token, minute + 1)]), minute * 60_000);
    history.add(encodeFrame([tick(769, 1)]), 600_000);
    const prices = history
      .frames()
      .flatMap(({ bytes }) => decodeFrame(bytes).map(({ lastPrice }) => lastPrice));
    expect(prices).toEqual([9, 9, 10, 10, 1]);
  });

  test('survives frames that are damaged, and packets too short for a token', () => {
    const history = new FrameHistory(1);
    for (const bytes of [[0, 1, 0, 2, 1, 1], [0, 9, 0, 8], [0], [0, 1, 0, 0]])
      history.add(Uint8Array.from(bytes), 1);
    history.add(encodeFrame([tick(257, 1)]), 2);
    expect(history.frames().map(({ receivedAt }) => receivedAt)).toEqual([2]);
  });

  test('whatever its size, anyone who reads it all knows the last price of every instrument, and times never go back', () => {
    const change = fc.record({
      token: fc.constantFrom(257, 513, 769, 1025),
      price: fc.integer({ min: 1, max: 999 }),
    });
    const frame = fc.array(change, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 60 }),
        fc.integer({ min: 1, max: 400 }),
        (frames, maxBytes) => {
          const history = new FrameHistory(maxBytes);
          const last = new Map<number, number>();
          frames.forEach((changes, index) => {
            for (const { token, price } of changes) last.set(token, price);
            history.add(encodeFrame(changes.map(({ token, price }) => tick(token, price))), index);
          });
          const read = new Map<number, number>();
          const kept = history.frames();
          for (const { bytes } of kept)
            for (const { instrumentToken, lastPrice } of decodeFrame(bytes))
              read.set(instrumentToken, lastPrice);
          expect(read).toEqual(last);
          const times = kept.map(({ receivedAt }) => receivedAt);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        },
      ),
    );
  });
});
