import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, type Gap, type TickBatch, type TickerMessage } from '@kite/protocol';
import { collect, fullTick, INFY, ltpFrame, RELIANCE, settled, type VirtualClock } from '@kite/testkit';

import { BusBench } from '../support/bus-bench.js';
import { FakeFeed } from '../support/fake-feed.js';

const TOKENS = [INFY, RELIANCE];
/** How much later one of two collectors receives what the other one does, in milliseconds. */
const SLOWEST_MS = 7;

type Step =
  | { do: 'ticks'; token: number; count: number }
  | { do: Fault; collector: number }
  | { do: 'lose' | 'return'; who: 'reader' }
  | { do: 'replay' }
  | { do: 'wait'; ms: number };

/** What happens to a collector: between it and NATS, to itself, and between it and Kite. */
const FAULTS = ['lose', 'return', 'stall', 'read', 'restart', 'cut', 'mend'] as const;
type Fault = (typeof FAULTS)[number];

/** One state of an instrument. */
interface State {
  readonly token: number;
  readonly price: number;
  readonly at: number;
}

/** What a collector of the market goes through. */
class Collector {
  readonly feed: FakeFeed;
  readonly #clock: VirtualClock;
  readonly #publish: () => ReturnType<BusBench['publish']>;
  readonly #delayMs: number;
  readonly #form: 'ltp' | 'full';
  #life: ReturnType<BusBench['publish']>;
  /** When Kite was heard last, before the connection to it was cut. */
  #cutAt: number | undefined;
  #heardAt: number;

  constructor(bench: BusBench, name: string, delayMs: number, form: 'ltp' | 'full') {
    this.#clock = bench.clock;
    this.feed = new FakeFeed(bench.clock);
    this.#delayMs = delayMs;
    this.#form = form;
    this.#publish = () => bench.publish(name, this.feed);
    this.#life = this.#publish();
    this.#heardAt = bench.clock.now();
  }

  /** The market has moved: it is received after a while, unless the connection to Kite is cut. */
  show(state: State): void {
    if (this.#delayMs === 0) this.#receive(state);
    else this.#clock.setTimeout(() => this.#receive(state), this.#delayMs);
  }

  async go(what: Fault): Promise<void> {
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
    } else if (what === 'cut' && this.#cutAt === undefined) {
      this.#cutAt = this.#heardAt;
      this.feed.emit('state', { type: 'state', state: 'waiting' });
    } else if (what === 'mend' && this.#cutAt !== undefined) {
      const gap = { from: this.#cutAt, to: this.#clock.now(), reason: 'closed' };
      this.#cutAt = undefined;
      this.feed.emit('state', { type: 'state', state: 'open' });
      this.feed.emit('gap', { type: 'gap', ...gap });
    }
  }

  async heal(): Promise<void> {
    for (const what of ['return', 'read', 'mend'] as const) await this.go(what);
  }

  close(): Promise<void> {
    return this.#life.publisher.close();
  }

  #receive({ token, price, at }: State): void {
    if (this.#cutAt !== undefined) return;
    this.#heardAt = this.#clock.now();
    this.feed.frame(this.#form === 'ltp' ? ltpFrame([token], price) : fullFrame(token, price, at));
  }
}

/** A state that says its time, in seconds, and its volume. */
function fullFrame(instrumentToken: number, price: number, at: number): Uint8Array {
  const exchangeTimestamp = Math.floor(at / 1000) * 1000;
  return encodeFrame([{ ...fullTick(price, price, 0), instrumentToken, exchangeTimestamp }]);
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
      do: fc.constantFrom(...FAULTS),
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

  next(token: number, at: number): State {
    const price = ++this.#price;
    this.sent.get(token)!.push({ price, at });
    return { token, price, at };
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
        // A collector receives it up to so much later.
        gaps.some(({ from, to }) => from <= at + SLOWEST_MS && at <= to),
        `${price} at ${at}`,
      ).toBe(true);
    }
    expect(prices.at(-1)).toBe(sent.at(-1)!.price);
  }
}

/** One or two collectors of one market, a reader, and what happens to them. */
async function run(delays: readonly number[], form: 'ltp' | 'full', steps: readonly Step[]): Promise<void> {
  const bench = new BusBench();
  const { clock, reader, readerBus } = bench;
  const market = new Market();
  const collectors = delays.map((delayMs, index) => new Collector(bench, 'ab'[index]!, delayMs, form));
  const tick = (token: number): void => {
    const state = market.next(token, clock.now());
    for (const collector of collectors) collector.show(state);
  };
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

/** For every change; more of them: `KITE_BUS_RUNS=5000`, with a seed: `KITE_PROPERTY_SEED=1`. */
const { KITE_BUS_RUNS: runs = '100' } = process.env;

test.each([
  ['one collector', [0], 'ltp'],
  ['two collectors of the same instruments', [0, 0], 'ltp'],
  ['two collectors, of which one receives later', [SLOWEST_MS, 0], 'ltp'],
  ['two collectors of states with a time', [0, SLOWEST_MS], 'full'],
] as const)(
  'under any faults of %s each tick, live or since a time, is received once and in order, or lies in a reported gap, and the newest always comes',
  async (_, delays, form) => {
    const steps = fc.array(step, { minLength: 5, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, (list) => run(delays, form, list)),
      { numRuns: Number(runs) },
    );
  },
  Number(runs) * 1000,
);
