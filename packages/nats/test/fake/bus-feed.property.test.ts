import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gap, TickBatch, TickerMessage } from '@kite/protocol';
import { collect, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { BusBench } from '../support/bus-bench.js';

const TOKENS = [INFY, RELIANCE];

type Step =
  | { do: 'ticks'; token: number; count: number }
  | { do: 'lose' | 'return' | 'stall' | 'read'; who: 'publisher' }
  | { do: 'lose' | 'return'; who: 'reader' }
  | { do: 'restart' }
  | { do: 'replay' }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ticks' as const),
      token: fc.constantFrom(...TOKENS),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'return' as const, 'stall' as const, 'read' as const),
      who: fc.constant('publisher' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'return' as const),
      who: fc.constant('reader' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'replay' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 60, 1500, 5000) }),
  },
);

/** Each price that the market had, and when. */
class Market {
  readonly sent = new Map<number, { price: number; at: number }[]>(TOKENS.map((token) => [token, []]));
  #price = 0;

  next(token: number, at: number): number {
    const price = ++this.#price;
    this.sent.get(token)!.push({ price, at });
    return price;
  }
}

/** Batches as the messages that they stand for. */
function asMessages(batches: readonly TickBatch[]): TickerMessage[] {
  return batches.flatMap<TickerMessage>(({ ticks, gap, ...received }) => {
    const message = { type: 'ticks' as const, ticks, ...received };
    return gap ? [{ type: 'gap' as const, ...gap, ...received }, message] : [message];
  });
}

function judge(market: Market, messages: readonly TickerMessage[]): void {
  for (const [token, sent] of market.sent) {
    const prices = messages.flatMap((message) =>
      message.type === 'ticks'
        ? message.ticks.filter((tick) => tick.instrumentToken === token).map(({ lastPrice }) => lastPrice)
        : [],
    );
    expect(prices).toEqual([...new Set(prices)].sort((a, b) => a - b));
    const gaps = messages.filter(
      (message): message is TickerMessage & Gap & { type: 'gap' } =>
        message.type === 'gap' && message.instrumentTokens!.includes(token),
    );
    const first = prices[0] ?? Infinity;
    for (const { price, at } of sent) {
      if (price < first || prices.includes(price)) continue;
      expect(
        gaps.some(({ from, to }) => from <= at && at <= to),
        `${price} at ${at}`,
      ).toBe(true);
    }
    expect(prices.at(-1)).toBe(sent.at(-1)!.price);
  }
}

test('under any faults each tick, live or since a time, is received once and in order, or lies in a reported gap, and the newest always comes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { feed, clock, reader, readerBus, publish } = new BusBench();
      const market = new Market();
      const tick = (token: number): void => feed.frame(ltpFrame([token], market.next(token, clock.now())));
      let { bus, publisher } = publish();
      const messages = collect(reader.messages());
      const began = clock.now();
      const replays: TickBatch[][] = [];
      await reader.subscribeSymbols(TOKENS);
      for (const token of TOKENS) tick(token);
      for (const one of steps) {
        if (one.do === 'ticks') for (let n = 0; n < one.count; n++) tick(one.token);
        else if (one.do === 'wait') await clock.advance(one.ms);
        else if (one.do === 'replay') replays.push(collect(reader.ticks({ from: began })));
        else if (one.do === 'restart') {
          // Killed: what it has not sent is gone, and its feed sees that the market goes on.
          bus.end();
          await publisher.close();
          ({ bus, publisher } = publish());
        } else if (one.who === 'reader') {
          if (one.do === 'lose' && readerBus.state === 'up') readerBus.lose();
          if (one.do === 'return' && readerBus.state === 'down') readerBus.return();
        } else if (one.do === 'lose' && bus.state === 'up') bus.lose();
        else if (one.do === 'return' && bus.state === 'down') bus.return();
        else if (one.do === 'stall') bus.isReading = false;
        else if (one.do === 'read') {
          bus.isReading = true;
          bus.read();
        }
        await settled();
        await clock.advance(1);
      }
      if (bus.state === 'down') bus.return();
      bus.isReading = true;
      bus.read();
      if (readerBus.state === 'down') readerBus.return();
      await clock.advance(5000);
      for (const token of TOKENS) tick(token);
      await clock.advance(5000);
      judge(market, messages);
      for (const batches of replays) judge(market, asMessages(batches));
      await reader.close();
      await publisher.close();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 150 },
  );
});
