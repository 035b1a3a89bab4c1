import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  type FullTick,
  type IndexFullTick,
  isKiteError,
  type Tick,
} from '@kite/protocol';
import { INFY, NIFTY, VirtualClock } from '@kite/testkit';

import type { PartialTick } from '../../src/market/partial-tick.js';
import type { SimulatorOptions } from '../../src/options.js';
import { KiteServer } from '../../src/server/kite-server.js';
import type { Peer } from '../../src/server/peer.js';
import { Simulator } from '../../src/simulator.js';

const CDS = 1000 * 256 + 3;

/** A server without sockets on a clock that the test moves. */
function bench(options: SimulatorOptions = {}) {
  const clock = new VirtualClock();
  const server = new KiteServer({ ticksPerSecond: 0, ...options }, clock);
  const edge = {
    url: 'ws://nowhere/',
    httpUrl: 'http://nowhere/',
    listen: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const simulator = new Simulator(server, edge, options);
  const ticks: Tick[] = [];
  const peer: Peer = {
    bufferedBytes: 0,
    send: (message) => {
      if (typeof message !== 'string') ticks.push(...decodeFrame(message));
    },
    ping: () => undefined,
    close: () => undefined,
    terminate: () => undefined,
    goMute: () => undefined,
  };
  const account = server.admission.accounts.authenticate('key', 'token')!;
  const session = server.open(account, peer);
  const ask = (a: string, v: unknown) => session.receive(JSON.stringify({ a, v }));
  const subscribe = (token: number, mode = 'full') => {
    ask('subscribe', [token]);
    ask('mode', [mode, [token]]);
    ticks.length = 0;
  };
  const stateOf = (token: number) => decodeFrame(encodeFrame([server.market.get(token)!.packet('full')]))[0];
  return { clock, server, simulator, session, ticks, ask, subscribe, stateOf };
}

async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await Promise.resolve();
}

describe('publish', () => {
  test('takes a price alone, and leaves everything else of the instrument as it was', () => {
    const { simulator, subscribe, stateOf, ticks } = bench();
    subscribe(INFY);
    const before = stateOf(INFY) as FullTick;
    expect(simulator.publish([{ instrumentToken: INFY, lastPrice: 1501.5 }])).toBe(1);
    expect(ticks).toEqual([
      {
        ...before,
        lastPrice: 1501.5,
        netChange: expect.closeTo(1501.5 - before.ohlc.close, 6) as number,
        changePercent: expect.any(Number) as number,
      },
    ]);
  });

  test('takes parts of a quote, of the day’s range and of the order book', () => {
    const { simulator, subscribe, stateOf, ticks } = bench();
    subscribe(INFY);
    const before = stateOf(INFY) as FullTick;
    const best = { quantity: 7, price: 1500, orders: 2 };
    simulator.publish([
      { instrumentToken: INFY, volumeTraded: 3_000_000_000, ohlc: { high: 1700 }, oi: undefined },
      { instrumentToken: INFY, depth: { buy: [best] } },
    ]);
    expect(ticks).toHaveLength(2);
    expect(ticks[1]).toMatchObject({
      volumeTraded: 3_000_000_000,
      ohlc: { ...before.ohlc, high: 1700 },
      oi: before.oi,
      depth: { sell: before.depth.sell },
    });
    const { buy } = (ticks[1] as FullTick).depth;
    expect(buy[0]).toEqual(best);
    expect(buy.slice(1).every(({ quantity, price }) => quantity === 0 && price === 0)).toBe(true);
  });

  test('gives an index the change that follows from its price, unless it is told another', () => {
    const { simulator, subscribe, stateOf, ticks } = bench();
    subscribe(NIFTY);
    const { close } = (stateOf(NIFTY) as IndexFullTick).ohlc;
    simulator.publish([{ instrumentToken: NIFTY, mode: 'full', lastPrice: close - 20.65 }]);
    simulator.publish([{ instrumentToken: NIFTY, netChange: 1.5 }]);
    expect(ticks).toMatchObject([{ netChange: -20.65 }, { netChange: 1.5 }]);
  });

  test.each<[name: string, PartialTick, field: string, allowed: string]>([
    [
      'a price between two ticks',
      { instrumentToken: INFY, lastPrice: 1573.12 },
      'lastPrice',
      'a multiple of 0.05, the tick size of INFY',
    ],
    [
      'a price below the wire’s unit',
      { instrumentToken: INFY, lastPrice: 1573.151 },
      'lastPrice',
      'a multiple of 0.05, the tick size of INFY',
    ],
    [
      'a high',
      { instrumentToken: INFY, ohlc: { high: 1.01 } },
      'ohlc.high',
      'a multiple of 0.05, the tick size of INFY',
    ],
    [
      'a bid',
      { instrumentToken: INFY, depth: { buy: [{ quantity: 1, price: 9.99, orders: 1 }] } },
      'depth.buy[0].price',
      'a multiple of 0.05, the tick size of INFY',
    ],
    [
      'a rate of a currency',
      { instrumentToken: CDS, lastPrice: 83.381 },
      'lastPrice',
      'a multiple of 0.0025, the tick size of USDINR',
    ],
    [
      'a misspelt field',
      { instrumentToken: INFY, lastprice: 1 } as PartialTick,
      'lastprice',
      'the fields of a tick: did you mean lastPrice?',
    ],
    [
      'a token that cannot be',
      { instrumentToken: 0, lastPrice: 1 },
      'instrumentToken',
      'an integer from 1 to 4294967295',
    ],
  ])('refuses %s, and takes none of the ticks then', (_name, tick, field, allowed) => {
    const { simulator, subscribe, ticks } = bench();
    subscribe(INFY);
    const publish = () => simulator.publish([{ instrumentToken: INFY, lastPrice: 1500 }, tick]);
    expect(publish).toThrow(
      expect.objectContaining({
        code: 'KITE_SIMULATOR_INVALID_ARGUMENT',
        field: `ticks[1].${field}`,
        allowed: expect.stringContaining(allowed) as string,
      }),
    );
    expect(ticks).toEqual([]);
  });

  test('takes averages and an index between two ticks: nobody orders at those', () => {
    const { simulator } = bench();
    expect(
      simulator.publish([
        { instrumentToken: INFY, averageTradedPrice: 1570.33 },
        { instrumentToken: NIFTY, lastPrice: 20937.72 },
      ]),
    ).toBe(2);
  });

  test('counts only what an instrument has, and sends nothing of a silent one', () => {
    const { simulator } = bench({ silentTokens: [INFY] });
    expect(simulator.publish([{ instrumentToken: INFY, lastPrice: 1500 }])).toBe(0);
  });
});

describe('subscribed', () => {
  test('resolves with the connection once the instrument is subscribed in the mode, and at once when it is already', async () => {
    const { simulator, ask, session } = bench();
    const seen: string[] = [];
    void simulator.subscribed(INFY).then(({ id }) => seen.push(`any of ${id}`));
    void simulator.subscribed(INFY, 'full').then(({ id }) => seen.push(`full of ${id}`));
    await settled();
    expect(seen).toEqual([]);
    ask('subscribe', [INFY]);
    await settled();
    expect(seen).toEqual([`any of ${session.id}`]);
    ask('mode', ['full', [INFY]]);
    await settled();
    expect(seen).toEqual([`any of ${session.id}`, `full of ${session.id}`]);
    expect((await simulator.subscribed(INFY, 'full')).book.get(INFY)).toBe('full');
  });

  test('rejects when the time is over, naming what it waited for, and when the simulator stops', async () => {
    const { simulator, clock } = bench();
    const late = simulator.subscribed(INFY, 'ltp', { timeoutMs: 500 }).catch((error: unknown) => error);
    await settled();
    clock.pass(500);
    expect(await late).toMatchObject({
      code: 'KITE_SIMULATOR_NOT_SUBSCRIBED',
      message: 'nobody has subscribed to 408065 in mode ltp within 500 ms',
    });
    const stopped = simulator
      .subscribed(INFY, undefined, { timeoutMs: Infinity })
      .catch((error: unknown) => error);
    await settled();
    await simulator.stop();
    expect(isKiteError(await stopped, 'KITE_SIMULATOR_STOPPED')).toBe(true);
    await expect(simulator.subscribed(INFY)).rejects.toThrow('stopped');
    expect(clock.pending).toBe(0);
  });
});

describe('play', () => {
  test('trades at each price after this long, with the day’s range and volume, and resolves when it is over', async () => {
    const { simulator, clock, subscribe, ticks, stateOf } = bench();
    subscribe(INFY);
    const { volumeTraded } = stateOf(INFY) as FullTick;
    const played = simulator.play(INFY, [1500, 1501, 2500], { everyMs: 100 });
    expect(ticks).toMatchObject([{ lastPrice: 1500 }]);
    clock.pass(99);
    expect(ticks).toHaveLength(1);
    clock.pass(1);
    clock.pass(100);
    expect(await played).toBe(3);
    const [first, second, third] = ticks as FullTick[];
    expect(second).toMatchObject({ lastPrice: 1501 });
    expect(third).toMatchObject({ lastPrice: 2500, ohlc: { high: 2500 } });
    expect(first!.volumeTraded).toBeGreaterThan(volumeTraded);
    for (const { depth, lastPrice } of [first!, second!, third!]) {
      expect(depth.buy[0].price).toBeLessThanOrEqual(lastPrice);
      expect(depth.sell[0].price).toBeGreaterThan(lastPrice);
    }
    expect(clock.pending).toBe(0);
  });

  test('holds its instrument alone: nothing else moves it meanwhile, and it walks on afterwards', () => {
    const { server, simulator, clock, subscribe, ticks } = bench({
      ticksPerSecond: 1000,
      stepIntervalMs: 10,
    });
    server.start();
    subscribe(INFY);
    subscribe(738561);
    void simulator.play(INFY, [1500, 1500.5], { everyMs: 1000 });
    clock.pass(500);
    const prices = () =>
      ticks.filter((tick) => tick.instrumentToken === INFY).map(({ lastPrice }) => lastPrice);
    expect(prices()).toEqual([1500]);
    expect(ticks.length).toBeGreaterThan(50);
    clock.pass(1000);
    expect(prices().slice(0, 2)).toEqual([1500, 1500.5]);
    expect(prices().length).toBeGreaterThan(10);
    server.stop();
  });

  test('ends early, and says how far it came, for another play, a stop and an expired instrument', async () => {
    const { simulator, clock } = bench();
    const first = simulator.play(INFY, [1500, 1501], { everyMs: 100 });
    const second = simulator.play(INFY, [1502, 1503, 1504], { everyMs: 100 });
    expect(await first).toBe(1);
    clock.pass(100);
    simulator.expireInstruments([INFY]);
    clock.pass(100);
    expect(await second).toBe(2);
    const third = simulator.play(738561, [2900, 2901]);
    await simulator.stop();
    expect(await third).toBe(1);
    expect(await simulator.play(738561, [2900])).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('refuses a price off the tick size and one beyond the wire, a token without a market and a time that is none', () => {
    const { simulator } = bench({ unlistedTokens: 'silent' });
    const field = (name: string) =>
      expect.objectContaining({ code: 'KITE_SIMULATOR_INVALID_ARGUMENT', field: name }) as Error;
    expect(() => simulator.play(INFY, [1500, 1500.01])).toThrow(field('prices[1]'));
    expect(() => simulator.play(INFY, [1e9])).toThrow(field('prices[0]'));
    expect(() => simulator.play(INFY, [NaN])).toThrow(field('prices[0]'));
    expect(() => simulator.play(777 * 256 + 1, [5])).toThrow(field('token'));
    expect(() => simulator.play(INFY, [5], { everyMs: 0 })).toThrow(field('everyMs'));
    expect(() => simulator.playScenario('moon' as never, INFY)).toThrow(field('name'));
  });
});

describe('a scenario of the simulator', () => {
  test('circuit leaves one side of the book empty while it is locked', () => {
    const { simulator, clock, subscribe, ticks } = bench();
    subscribe(INFY);
    void simulator.playScenario('circuit', INFY, { everyMs: 1 });
    clock.pass(100);
    const locked = (ticks as FullTick[]).filter(
      ({ totalBuyQuantity, totalSellQuantity }) => totalBuyQuantity === 0 || totalSellQuantity === 0,
    );
    expect(locked.length).toBeGreaterThanOrEqual(20);
  });

  test('gap-at-open is the open, the high or the low of its day', () => {
    const { simulator, clock, subscribe, ticks } = bench();
    subscribe(INFY);
    void simulator.playScenario('gap-at-open', INFY, { everyMs: 1 });
    clock.pass(100);
    const [opened] = ticks as FullTick[];
    const { open, high, low, close } = opened!.ohlc;
    expect([open, high, low]).toEqual([opened!.lastPrice, opened!.lastPrice, opened!.lastPrice]);
    expect(Math.abs(open / close - 1)).toBeGreaterThan(0.05);
    expect(ticks.at(-1)).toMatchObject({ ohlc: { open } });
  });

  test('auction is silence, then one trade', () => {
    const { simulator, clock, subscribe, ticks } = bench();
    subscribe(INFY);
    void simulator.playScenario('auction', INFY, { everyMs: 10 });
    clock.pass(190);
    expect(ticks).toEqual([]);
    clock.pass(1000);
    expect(ticks).toHaveLength(1);
  });
});

describe('tokens that nobody lists', () => {
  const unlisted = 777 * 256 + 1;

  test.each([
    ['live', 1],
    ['silent', 0],
  ] as const)('are %s where that is asked for, and the listed ones live', (unlistedTokens, ticksOfIt) => {
    const { ask, ticks, session } = bench({ unlistedTokens, instruments: 50 });
    ask('subscribe', [unlisted, INFY]);
    expect(ticks.filter(({ instrumentToken }) => instrumentToken === unlisted)).toHaveLength(ticksOfIt);
    expect(ticks.filter(({ instrumentToken }) => instrumentToken === INFY)).toHaveLength(1);
    expect(session.book.has(unlisted)).toBe(true);
  });
});
