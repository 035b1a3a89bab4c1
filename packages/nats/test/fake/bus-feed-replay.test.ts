import { describe, expect, test } from 'vitest';
import type { Channel } from '@kite/connection';
import type { TickBatch } from '@kite/protocol';
import { collect, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { BusBench } from '../support/bus-bench.js';
import { FakeFeed } from '../support/fake-feed.js';

/** What a channel of ticks has brought: prices, and `gap` before those that have one. */
function shown(batches: readonly TickBatch[], token = INFY): (number | string)[] {
  return batches.flatMap<number | string>(({ ticks, gap }) => {
    const own = ticks.filter(({ instrumentToken }) => instrumentToken === token);
    if (gap && !gap.instrumentTokens!.includes(token)) return own.map(({ lastPrice }) => lastPrice);
    return [...(gap ? ['gap'] : []), ...own.map(({ lastPrice }) => lastPrice)];
  });
}

async function bench() {
  const one = new BusBench();
  const { feed, clock, reader } = one;
  const published = one.publish();
  await reader.subscribeSymbols([INFY, RELIANCE]);
  const from = clock.now();
  /** Prices of INFY, one a millisecond. */
  const prices = async (...list: number[]): Promise<void> => {
    for (const price of list) {
      feed.frame(ltpFrame([INFY], price));
      await clock.advance(1);
    }
  };
  const { readerBus, server } = one;
  return { feed, clock, reader, readerBus, server, published, from, prices };
}

describe('a channel that begins at a time', () => {
  test('has each tick since then, in order and once, and goes on live', async () => {
    const { reader, prices, clock } = await bench();
    await prices(1, 2);
    const from = clock.now();
    await prices(3, 4, 5);
    const batches = collect(reader.ticks({ from }));
    await settled();
    await prices(6, 7);
    await settled();
    expect(shown(batches)).toEqual([3, 4, 5, 6, 7]);
  });

  test('has the packets of one frame in one batch, in either form, and only the instruments that it names', async () => {
    const { reader, feed, from } = await bench();
    feed.frame(ltpFrame([INFY, RELIANCE], 1));
    const [plain, lazy, one] = [
      collect(reader.ticks({ from })),
      collect(reader.ticks({ from, form: 'lazy' })),
      collect(reader.ticks({ from, tokens: [RELIANCE] })),
    ];
    await settled();
    feed.frame(ltpFrame([INFY, RELIANCE], 2));
    await settled();
    for (const batches of [plain, lazy])
      expect(batches.map(({ ticks }) => ticks.map(({ lastPrice }) => lastPrice))).toEqual([
        [1, 1],
        [2, 2],
      ]);
    expect(one.map(({ ticks }) => ticks.map(({ instrumentToken }) => instrumentToken))).toEqual([
      [RELIANCE],
      [RELIANCE],
    ]);
  });

  test('loses nothing of what comes while the past is read, and shows nothing of it twice', async () => {
    const { reader, readerBus, prices, from } = await bench();
    await prices(1, 2);
    let begin = (): void => undefined;
    readerBus.beforeReplay = () => new Promise((resolve) => (begin = resolve));
    const batches = collect(reader.ticks({ from }));
    await prices(3, 4);
    begin();
    await prices(5);
    await settled();
    await prices(6);
    await settled();
    expect(shown(batches)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('is not overrun: the past waits until the channel was read', async () => {
    const { reader, prices, from } = await bench();
    const all = Array.from({ length: 300 }, (_, index) => index + 1);
    await prices(...all);
    const channel: Channel<TickBatch> = reader.ticks({ from, capacity: 10 });
    const batches: TickBatch[] = [];
    for (let price = 301; batches.length < 400; price++) {
      await prices(price);
      await settled();
      expect(channel.size).toBeLessThanOrEqual(10);
      for (let batch = channel.tryRecv(); batch; batch = channel.tryRecv()) batches.push(batch);
    }
    const found = shown(batches);
    expect(found).toEqual(Array.from({ length: found.length }, (_, index) => index + 1));
    expect(channel.dropped).toBe(0);
  });

  test('begins with a gap where the stream of ticks does not reach back so far', async () => {
    const { reader, readerBus, prices, clock, from } = await bench();
    await prices(1);
    readerBus.ticksSince = clock.now() - 1;
    const batches = collect(reader.ticks({ from: from - 5000 }));
    await settled();
    expect(batches[0]).toMatchObject({
      gap: { from: from - 5000, to: clock.now() - 1, instrumentTokens: [INFY, RELIANCE] },
    });
    expect(shown(batches)).toEqual(['gap', 1]);
  });

  test('has a gap where packets were never stored, before the next tick or after 2 s', async () => {
    for (const next of [[], [5]]) {
      const { reader, server, prices, clock, from } = await bench();
      await prices(1, 2);
      server.isStoring = false;
      await prices(3, 4);
      server.isStoring = true;
      const messages = collect(reader.messages());
      const batches = collect(reader.ticks({ from }));
      await settled();
      expect(shown(batches)).toEqual([1, 2]);
      await prices(...next);
      if (next.length === 0) await clock.advance(2000);
      await prices(6);
      expect(shown(batches)).toEqual([1, 2, 'gap', ...next, 6]);
      expect(batches.find(({ gap }) => gap)).toMatchObject({ gap: { from: from + 1, to: from + 3 } });
      expect(messages.filter(({ type }) => type === 'gap')).toEqual([]);
    }
  });

  test('tells that the past cannot be read, has a gap of it, and goes on live', async () => {
    const { reader, readerBus, prices, clock, from } = await bench();
    await prices(1);
    readerBus.beforeReplay = () => {
      throw new Error('no such stream');
    };
    const issues = collect(reader.messages());
    const batches = collect(reader.ticks({ from }));
    await settled();
    await prices(2);
    expect(issues[0]).toMatchObject({ type: 'issue', issue: { code: 'KITE_NATS_STREAM_FAILED' } });
    expect(shown(batches)).toEqual(['gap', 2]);
    expect(batches[0]).toMatchObject({ gap: { from, to: clock.now() - 1 } });
  });

  test('waits for a server that is gone, and has the past when it is back', async () => {
    const { reader, readerBus, prices, clock, from } = await bench();
    await prices(1);
    readerBus.lose();
    const batches = collect(reader.ticks({ from }));
    await settled();
    await prices(2);
    readerBus.return();
    await clock.advance(1000);
    await settled();
    await prices(3);
    expect(shown(batches).filter((one) => one !== 'gap')).toEqual([1, 2, 3]);
  });

  test('shows what is subscribed meanwhile from its last tick on, and nothing of what is no longer', async () => {
    const { reader, readerBus, feed, prices, from } = await bench();
    await prices(1);
    feed.frame(ltpFrame([RELIANCE], 1));
    await reader.unsubscribeSymbols([RELIANCE]);
    let begin = (): void => undefined;
    readerBus.beforeReplay = () => new Promise((resolve) => (begin = resolve));
    const batches = collect(reader.ticks({ from }));
    await reader.subscribeSymbols([RELIANCE]);
    feed.frame(ltpFrame([RELIANCE], 2));
    await settled();
    await reader.unsubscribeSymbols([INFY]);
    begin();
    await settled();
    expect(shown(batches)).toEqual([]);
    expect(shown(batches, RELIANCE)).toEqual([1, 2]);
  });

  test('of two publishers has what only the other one has sent, and nothing twice as it goes live', async () => {
    for (const isAhead of [true, false]) {
      const { feed, clock, reader, publish } = new BusBench();
      const other = new FakeFeed(clock);
      const [one] = [publish('a'), publish('b', other)];
      await reader.subscribeSymbols([INFY]);
      const from = clock.now();
      const show = async (price: number, ...feeds: FakeFeed[]): Promise<void> => {
        for (const each of isAhead ? feeds : feeds.reverse()) {
          each.frame(ltpFrame([INFY], price));
          await clock.advance(3);
        }
      };
      for (const price of [1, 2, 3]) await show(price, feed, other);
      one.bus.end();
      for (const price of [4, 5, 6]) await show(price, other);
      const batches = collect(reader.ticks({ from }));
      await settled();
      await show(7, other);
      await clock.advance(5000);
      await show(8, other);
      await settled();
      expect(shown(batches)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  test('that is closed, or whose feed is closed, reads no longer and leaves nothing behind', async () => {
    const { reader, readerBus, published, prices, clock, from } = await bench();
    await prices(...Array.from({ length: 100 }, (_, index) => index + 1));
    const open = [1, 2].map(() => reader.ticks({ from, capacity: 4 }));
    await settled();
    expect(readerBus.replays).toBe(2);
    open[0]!.close();
    expect(readerBus.replays).toBe(1);
    await reader.close();
    await published.publisher.close();
    expect(readerBus.replays).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

test.each([1_795_000_000_000_000, 1_795_000_000_000_000_000, -1, NaN, Infinity, '2026-11-20', '1'])(
  'a beginning that is no time in milliseconds, such as %s, is refused',
  (from) => {
    const { reader } = new BusBench();
    expect(() => reader.ticks({ from: from as number })).toThrow(
      expect.objectContaining({ code: 'KITE_NATS_INVALID_OPTION', field: 'from' }),
    );
  },
);
