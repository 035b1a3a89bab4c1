import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gap, TickBatch, TickerMessage } from '@kite/protocol';
import { collect, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { BusBench } from '../support/bus-bench.js';

const TOKENS = [INFY, RELIANCE];

type Step =
  | { do: 'ticks'; token: number; count: number }
  | { do: 'lose' | 'return' | 'stall' | 'read' | 'restart'; collector: number }
  | { do: 'lose' | 'return'; who: 'reader' }
  | { do: 'replay' }
  | { do: 'wait'; ms: number };

/** What a collector of the market goes through. */
class Collector {
  readonly #publish: () => ReturnType<BusBench['publish']>;
  #life: ReturnType<BusBench['publish']>;

  constructor(publish: () => ReturnType<BusBench['publish']>) {
    this.#publish = publish;
    this.#life = publish();
  }

  async go(what: 'lose' | 'return' | 'stall' | 'read' | 'restart'): Promise<void> {
    const { bus, publisher } = this.#life;
    if (what === 'lose' && bus.state === 'up') bus.lose();
    else if (what === 'return' && bus.state === 'down') bus.return();
    else if (what === 'stall') bus.isReading = false;
    else if (what === 'read') {
      bus.isReading = true;
      bus.read();
    } else if (what === 'restart') {
      // Killed: what it has not sent is gone, and its feed sees that the market goes on.
      bus.end();
      await publisher.close();
      this.#life = this.#publish();
    }
  }

  async heal(): Promise<void> {
    await this.go('return');
    await this.go('read');
  }

  close(): Promise<void> {
    return this.#life.publisher.close();
  }
}

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
      do: fc.constantFrom('lose', 'return', 'stall', 'read', 'restart'),
      collector: fc.nat({ max: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'return' as const),
      who: fc.constant('reader' as const),
    }),
  },
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

/** One or two collectors of one market, a reader, and what happens to them. */
async function run(names: readonly string[], steps: readonly Step[]): Promise<void> {
  const { feed, clock, reader, readerBus, publish } = new BusBench();
  const market = new Market();
  const tick = (token: number): void => feed.frame(ltpFrame([token], market.next(token, clock.now())));
  const collectors = names.map((name) => new Collector(() => publish(name)));
  const messages = collect(reader.messages());
  const began = clock.now();
  const replays: TickBatch[][] = [];
  await reader.subscribeSymbols(TOKENS);
  for (const token of TOKENS) tick(token);
  for (const one of steps) {
    if (one.do === 'ticks') for (let n = 0; n < one.count; n++) tick(one.token);
    else if (one.do === 'wait') await clock.advance(one.ms);
    else if (one.do === 'replay') replays.push(collect(reader.ticks({ from: began })));
    else if ('collector' in one) await collectors[one.collector % collectors.length]!.go(one.do);
    else if (one.do === 'lose' && readerBus.state === 'up') readerBus.lose();
    else if (one.do === 'return' && readerBus.state === 'down') readerBus.return();
    await settled();
    await clock.advance(1);
  }
  for (const collector of collectors) await collector.heal();
  if (readerBus.state === 'down') readerBus.return();
  await clock.advance(5000);
  for (const token of TOKENS) tick(token);
  await clock.advance(5000);
  judge(market, messages);
  for (const batches of replays) judge(market, asMessages(batches));
  await reader.close();
  for (const collector of collectors) await collector.close();
  expect(clock.pending).toBe(0);
}

test.each([
  ['one collector', ['a']],
  ['two collectors of the same instruments', ['a', 'b']],
])(
  'under any faults of %s each tick, live or since a time, is received once and in order, or lies in a reported gap, and the newest always comes',
  async (_, names) => {
    const steps = fc.array(step, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, (list) => run(names, list)),
      {
        numRuns: 100,
      },
    );
  },
);
