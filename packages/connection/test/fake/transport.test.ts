import { describe, expect, test } from 'vitest';
import { KiteTicker, type TickerMessage } from '@kite/connection';
import { encodeFrame } from '@kite/protocol';
import { ACCESS_TOKEN, API_KEY, INFY, VirtualClock } from '@kite/testkit';

import { MemoryNetwork } from '../support/memory-network.js';
import { describeTransport } from '../support/transport-contract.js';

describeTransport('an in-memory transport', async () => {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  return {
    transport: network,
    server: network.listen('exchange.localhost'),
    eventually: async (check) => {
      await clock.advance(10);
      return check();
    },
    settle: () => clock.advance(100),
  };
});

describe('KiteTicker over another transport and another clock', () => {
  const HOUR = 3_600_000;

  /** A trading day: heartbeats every second, a tick every minute, an outage at noon, a silence at two. */
  async function day(): Promise<{ told: TickerMessage[]; requests: string[]; clock: VirtualClock }> {
    const clock = new VirtualClock();
    const network = new MemoryNetwork(clock);
    let server = network.listen('exchange.localhost');
    const told: TickerMessage[] = [];
    const requests: string[] = [];
    let isSilent = false;
    const every = (ms: number, act: () => void): void => {
      clock.setTimeout(() => {
        act();
        every(ms, act);
      }, ms);
    };
    const serve = (): void => {
      server.onPeer = (peer) => {
        isSilent = false;
        peer.onText = (text) => requests.push(text);
      };
    };
    serve();
    every(1000, () => {
      if (!isSilent) server.peers.at(-1)?.sendBinary(Uint8Array.of(0));
    });
    let price = 157_315;
    every(60_000, () => {
      price += 5;
      const tick = {
        mode: 'ltp',
        instrumentToken: INFY,
        segment: 1,
        tradable: true,
        lastPrice: price / 100,
      } as const;
      if (!isSilent) server.peers.at(-1)?.sendBinary(encodeFrame([tick]));
    });

    const ticker = new KiteTicker({
      apiKey: API_KEY,
      accessToken: ACCESS_TOKEN,
      url: server.url,
      clock,
      transport: network,
      random: () => 0.25,
    });
    for (const type of ['state', 'gap', 'ticks'] as const) ticker.on(type, (message) => told.push(message));
    await ticker.subscribe([INFY], 'ltp');
    const connected = ticker.connect();
    await clock.advance(10);
    await connected;
    clock.pass(3 * HOUR);
    await server.stop();
    await clock.advance(HOUR);
    server = network.listen('exchange.localhost');
    serve();
    await clock.advance(HOUR);
    isSilent = true;
    await clock.advance(HOUR);
    const closed = ticker.close();
    await clock.advance(2000);
    await closed;
    return { told, requests, clock };
  }

  test('runs a whole trading day in no time: replayed after each loss, every hole in the stream told', async () => {
    const { told, requests } = await day();
    const gaps = told.filter((message) => message.type === 'gap');
    const [outage, silence] = gaps.map(({ from, to }) => to - from);
    expect(gaps).toHaveLength(2);
    expect(outage).toBeGreaterThan(HOUR - 1000);
    expect(outage).toBeLessThan(HOUR + 31_000);
    expect(silence).toBeGreaterThan(10_000);
    expect(silence).toBeLessThan(20_000);
    const replay = [`{"a":"subscribe","v":[${INFY}]}`, `{"a":"mode","v":["ltp",[${INFY}]]}`];
    expect(requests).toEqual([...replay, ...replay, ...replay]);
    expect(told.filter(({ type }) => type === 'ticks').length).toBeGreaterThan(295);
    expect(told.at(-1)).toMatchObject({ type: 'state', state: 'closed' });
  });

  test('runs it in the same way every time', async () => {
    const [one, another] = [await day(), await day()];
    expect(JSON.stringify(one.told)).toBe(JSON.stringify(another.told));
  });
});
