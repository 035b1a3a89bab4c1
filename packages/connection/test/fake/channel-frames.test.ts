import { beforeEach, describe, expect, test } from 'vitest';
import type { Channel, RawFrame } from '@kite/connection';
import { fullFrame, INFY, ltpFrame, RELIANCE } from '@kite/testkit';

import { ChannelBench, drain } from '../support/channel-bench.js';

const KIB = 1024;

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

/** A frame of so many bytes in a chunk of so many, as the socket hands it out. */
function frameIn(chunk: Uint8Array, from: number, length: number): Uint8Array {
  return chunk.subarray(from, from + length).fill(7);
}

function receive(bytes: Uint8Array, connection = 0): void {
  bench.hubs[connection]!.frame(bytes, bench.clock.now());
}

/** What the frames that wait keep alive, each ArrayBuffer once. */
function keptAlive(channel: Channel<RawFrame>): number {
  const buffers = new Set(drain(channel).map(({ bytes }) => bytes.buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe('raw frames', () => {
  test('are the very bytes, heartbeats included, with gaps and losses marked on them', () => {
    const channel = bench.outlets.rawFrames({ capacity: 1 });
    const frame = ltpFrame([INFY]);
    receive(Uint8Array.of(0));
    receive(frame);
    bench.gap(2, 9);
    bench.hubs[0]!.frame(frame, 10);
    const read = drain(channel);
    expect(read).toEqual([
      { bytes: frame, channelId: 0, receivedAt: 10, dropped: 2, gap: { from: 2, to: 9, reason: 'lost' } },
    ]);
    expect(read[0]?.bytes).toBe(frame);
  });

  test('that a reader waits for come at once, as they are', async () => {
    const channel = bench.outlets.rawFrames();
    const next = channel.recv();
    const frame = frameIn(new Uint8Array(64 * KIB), 5, 10);
    receive(frame);
    expect((await next)?.bytes).toBe(frame);
    expect(bench.clock.pending).toBe(0);
  });

  test('count no gap as an item', () => {
    const channels = [bench.outlets.rawFrames({ capacity: 1 }), bench.outlets.fullRaw({ capacity: 1 })];
    bench.gap(10, 20);
    bench.gap(20, 30);
    expect(channels.map(({ size }) => size)).toEqual([0, 0]);
    receive(fullFrame([INFY], 5));
    for (const channel of channels)
      expect(channel.tryRecv()).toMatchObject({ dropped: 0, gap: { from: 10, to: 30 } });
  });

  test('of full packets give a view of each, and of nothing else', () => {
    const channel = bench.outlets.fullRaw();
    bench.hubs[0]!.frame(Uint8Array.of(0), 1);
    bench.hubs[0]!.frame(ltpFrame([INFY]), 2);
    bench.hubs[0]!.frame(fullFrame([INFY, RELIANCE], 1573.15), 3);
    const [first, second, ...others] = drain(channel);
    expect(first?.header).toMatchObject({ instrumentToken: INFY, lastPrice: 1573.15 });
    expect(second?.header.instrumentToken).toBe(RELIANCE);
    expect(second).toMatchObject({ channelId: 0, receivedAt: 3, dropped: 0 });
    expect(others).toEqual([]);
  });

  test("refuse the policy 'conflate', for there is nothing to tell apart", () => {
    expect(() => bench.outlets.rawFrames({ overflow: 'conflate' as 'error' })).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'overflow' }),
    );
  });

  test('with drop-newest are refused, with error end the channel', () => {
    const newest = bench.outlets.rawFrames({ capacity: 1, overflow: 'drop-newest' });
    const error = bench.outlets.rawFrames({ capacity: 1, overflow: 'error' });
    receive(Uint8Array.of(1));
    receive(Uint8Array.of(2));
    expect(drain(newest).map(({ bytes }) => bytes[0])).toEqual([1]);
    expect(() => drain(error)).toThrow(/takes 1 items or 67108864 bytes/);
  });
});

describe('capacityBytes', () => {
  test('bounds the memory that frames keep alive: the oldest make room', () => {
    const channel = bench.outlets.rawFrames({ capacityBytes: 10 * KIB });
    for (let count = 0; count < 6; count++) receive(frameIn(new Uint8Array(4 * KIB), 0, 4 * KIB));
    expect(channel).toMatchObject({ size: 2, dropped: 4 });
    expect(keptAlive(channel)).toBe(8 * KIB);
  });

  test('counts a chunk once, however many frames lie in it', () => {
    const channel = bench.outlets.rawFrames({ capacityBytes: 10 * KIB });
    for (const chunk of [new Uint8Array(4 * KIB), new Uint8Array(4 * KIB)])
      for (let from = 0; from < 4 * KIB; from += 64) receive(frameIn(chunk, from, 64));
    expect(channel).toMatchObject({ size: 128, dropped: 0 });
    receive(new Uint8Array(4 * KIB));
    // One frame of the oldest chunk is not enough: all of it has to go.
    expect(channel).toMatchObject({ size: 65, dropped: 64 });
  });

  test('lets a frame that is larger in where nothing else waits', () => {
    const channel = bench.outlets.rawFrames({ capacityBytes: 1 });
    receive(new Uint8Array(4 * KIB));
    receive(new Uint8Array(8 * KIB));
    expect(channel).toMatchObject({ size: 1, dropped: 1 });
    expect(keptAlive(channel)).toBe(8 * KIB);
  });

  test('bounds channels of full packets too', () => {
    const frame = fullFrame([INFY]);
    const channel = bench.outlets.fullRaw({ capacityBytes: 2 * frame.buffer.byteLength });
    for (let count = 0; count < 5; count++) receive(Uint8Array.from(frame));
    expect(channel).toMatchObject({ size: 2, dropped: 3 });
  });

  test('has its default in the options of the feed', () => {
    bench = new ChannelBench(1, { capacityBytes: 4 * KIB });
    const channel = bench.outlets.rawFrames();
    receive(new Uint8Array(4 * KIB));
    receive(new Uint8Array(4 * KIB));
    expect(channel.size).toBe(1);
  });
});

describe('frames that wait longer than a turn', () => {
  test('are copied out of a chunk of which they fill less than a quarter', () => {
    const channel = bench.outlets.rawFrames();
    const chunk = new Uint8Array(64 * KIB);
    const frames = [frameIn(chunk, 0, 100), frameIn(chunk, 200, 100)];
    for (const frame of frames) receive(frame);
    bench.clock.pass(1);
    const read = drain(channel).map(({ bytes }) => bytes);
    expect(read).toEqual(frames);
    expect(read.map(({ buffer }) => buffer.byteLength)).toEqual([100, 100]);
  });

  test('are left where they are if together they fill a quarter', () => {
    const channel = bench.outlets.rawFrames();
    const chunk = new Uint8Array(4 * KIB);
    for (let from = 0; from < KIB; from += 128) receive(frameIn(chunk, from, 128));
    bench.clock.pass(1);
    for (const { bytes } of drain(channel)) expect(bytes.buffer).toBe(chunk.buffer);
  });

  test('leave a chunk that is small for them after others have been read', () => {
    const channel = bench.outlets.rawFrames();
    const chunk = new Uint8Array(4 * KIB);
    for (let from = 0; from < 2 * KIB; from += 256) receive(frameIn(chunk, from, 256));
    for (let count = 0; count < 6; count++) channel.tryRecv();
    bench.clock.pass(1);
    expect(keptAlive(channel)).toBe(512);
  });

  test('count for what they are from then on', () => {
    const channel = bench.outlets.rawFrames({ capacityBytes: 75 * KIB });
    for (let count = 0; count < 100; count++) {
      receive(frameIn(new Uint8Array(64 * KIB), 0, 100));
      bench.clock.pass(1);
    }
    expect(channel).toMatchObject({ size: 100, dropped: 0 });
    expect(keptAlive(channel)).toBe(10_000);
  });

  test('are copied for each consumer on its own, and none is copied while the turn lasts', () => {
    const [one, other] = [bench.outlets.rawFrames(), bench.outlets.rawFrames()];
    const frame = frameIn(new Uint8Array(64 * KIB), 0, 100);
    receive(frame);
    expect(one.tryRecv()?.bytes).toBe(frame);
    bench.clock.pass(1);
    expect(other.tryRecv()?.bytes).not.toBe(frame);
  });

  test('are views of full packets over memory of their own as well', () => {
    const channel = bench.outlets.fullRaw();
    const full = fullFrame([INFY], 1573.15);
    const chunk = new Uint8Array(64 * KIB);
    chunk.set(full, 100);
    receive(chunk.subarray(100, 100 + full.length));
    bench.clock.pass(1);
    chunk.fill(0);
    expect(channel.tryRecv()?.header).toMatchObject({ instrumentToken: INFY, lastPrice: 1573.15 });
  });

  test('are copied in a turn that does not end as well', () => {
    const channel = bench.outlets.rawFrames({ capacity: 10_000 });
    for (let count = 0; count < 2000; count++) receive(frameIn(new Uint8Array(1024), 0, 1));
    expect(channel).toMatchObject({ size: 2000, dropped: 0 });
    expect(keptAlive(channel)).toBeLessThan(KIB * KIB);
  });

  test('leave no timer when the channel ends or is closed', () => {
    const [ended, closed] = [bench.outlets.rawFrames(), bench.outlets.rawFrames()];
    receive(frameIn(new Uint8Array(64 * KIB), 0, 100));
    closed.close();
    bench.end();
    expect(bench.clock.pending).toBe(0);
    expect(keptAlive(ended)).toBe(100);
  });
});
