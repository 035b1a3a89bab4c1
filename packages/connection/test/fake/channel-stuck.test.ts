import { beforeEach, describe, expect, test, vi } from 'vitest';

import { ChannelBench } from '../support/channel-bench.js';

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

describe('a channel that is full and not read', () => {
  /** As the feed sees it. */
  const stuckSince = (channel: object): number | undefined =>
    (channel as { stuckSince: number | undefined }).stuckSince;

  test('knows since when, until somebody reads', () => {
    const channel = bench.outlets.messages({ capacity: 2 });
    bench.tick(1);
    expect(stuckSince(channel)).toBeUndefined();
    bench.clock.pass(5);
    bench.tick(2);
    bench.clock.pass(5);
    for (let price = 3; price < 9; price++) bench.tick(price);
    expect(stuckSince(channel)).toBe(5);
    channel.tryRecv();
    expect(stuckSince(channel)).toBeUndefined();
    bench.clock.pass(5);
    bench.tick(9);
    expect(stuckSince(channel)).toBe(15);
  });

  test('knows it by its ticks and by its bytes as well', () => {
    const ticks = bench.outlets.ticks({ capacityTicks: 1 });
    const frames = bench.outlets.rawFrames({ capacityBytes: 1 });
    bench.tick(1);
    bench.clock.pass(7);
    bench.tick(2);
    expect([stuckSince(ticks), stuckSince(frames)]).toEqual([7, 7]);
  });

  test('does not count the time in which the event loop was blocked', () => {
    const channel = bench.outlets.messages({ capacity: 1 });
    bench.tick(1);
    bench.clock.pass(2500);
    expect(stuckSince(channel)).toBe(0);
    // Half a second passes until the next timer is due; then the loop is blocked.
    bench.clock.block(8500);
    expect(stuckSince(channel)).toBe(8000);
    bench.clock.pass(5000);
    expect(stuckSince(channel)).toBe(8000);
  });

  test('leaves no timer behind, neither read nor closed', () => {
    const [read, closed] = [1, 2].map(() => bench.outlets.messages({ capacity: 1 }));
    bench.tick(1);
    expect(bench.clock.pending).toBe(2);
    read!.tryRecv();
    closed!.close();
    bench.clock.pass(1000);
    expect(bench.clock.pending).toBe(0);
  });

  test('reads no clock for items that are not the first', () => {
    const channel = bench.outlets.messages({ capacity: 2 });
    const look = vi.spyOn(bench.clock, 'monotonic');
    for (let price = 1; price < 1000; price++) channelMessage(channel, price);
    expect(look).toHaveBeenCalledOnce();
  });
});

/** Past the hub, which has clocks of its own to read. */
function channelMessage(channel: object, price: number): void {
  const message = { type: 'ticks', ticks: [{ lastPrice: price }], channelId: 0, receivedAt: 1 };
  (channel as { message(message: object, source: object): void }).message(message, bench.hubs[0]!.source);
}
