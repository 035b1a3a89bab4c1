import { describe, expect, test } from 'vitest';
import type { MultiApiHealth, Tick } from '@kite/multi-api';
import { codeOf, eventually, INFY, instruments } from '@kite/testkit';

import { accounts, decoded, keyOf, logins, openBench, ticksOf } from '../support/multi-bench.js';

function counts(manager: { getStats(): { perApiStats: { totalSymbols: number }[] } }): number[] {
  return manager.getStats().perApiStats.map(({ totalSymbols }) => totalSymbols);
}

describe('an account whose token has expired', () => {
  test('gives its instruments to the others, says so, and takes its share again with a fresh token', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(instruments(20), 'full');
    await bench.agrees(manager);
    bench.simulator.expireTokens(keyOf('a'));
    bench.simulator.drop(keyOf('a'));
    await eventually(() => expect(counts(manager)).toEqual([0, 20]));
    await bench.agrees(manager);
    expect(new Set(bench.streamedTo('b').map(([, mode]) => mode))).toEqual(new Set(['full']));
    expect(manager.getHealth()).toMatchObject({ status: 'degraded', unplacedSymbols: 0 });
    // The instruments may have moved before the first refusal.
    await eventually(() => expect(manager.getHealth().reasons.join()).toMatch(/a: .*403/));

    bench.simulator.setAccessToken(keyOf('a'), 'fresh');
    await manager.updateCredentials('a', { accessToken: 'fresh' });
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    expect(counts(manager)).toEqual([0, 20]);
    await manager.subscribeSymbols(instruments(20, 60_000));
    expect(counts(manager)).toEqual([10, 30]);
    await bench.agrees(manager);
  });

  test('comes back by itself when its token provider hands out a new one', async () => {
    await using bench = await openBench({ accounts: logins('a', 'b') });
    let token = 'yesterday';
    const [, b] = accounts('a', 'b');
    const { manager } = await bench.start({
      accounts: [{ id: 'a', apiKey: keyOf('a'), accessToken: () => Promise.resolve(token) }, b!],
    });
    expect(manager.getHealth().accounts[0]).toMatchObject({ id: 'a', status: 'critical' });
    await manager.subscribeSymbols(instruments(10));
    token = 'token-of-a';
    await eventually(() => expect(manager.getHealth().status).toBe('healthy'));
    await bench.agrees(manager);
    expect(counts(manager).reduce((sum, count) => sum + count)).toBe(10);
  });

  test('is placed what waited for room, when it is back', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxSymbolsPerConnection: 4 });
    await manager.subscribeSymbols(instruments(20));
    await bench.agrees(manager);
    bench.kill('a', 403);
    await eventually(() => expect(manager.getHealth()).toMatchObject({ unplacedSymbols: 8 }));
    expect(counts(manager)).toEqual([8, 12]);
    expect(manager.getHealth().reasons).toContain('8 instruments are unplaced');
    await manager.unsubscribeSymbols(
      bench
        .streamedTo('b')
        .slice(0, 3)
        .map(([token]) => token),
    );
    await eventually(() => expect(manager.getHealth()).toMatchObject({ unplacedSymbols: 5 }));
    await eventually(() => expect(counts(manager)).toEqual([5, 12]));
    bench.revive();
    await manager.updateCredentials('a', { accessToken: 'token-of-a' });
    await eventually(() => {
      expect(manager.getHealth()).toMatchObject({ status: 'healthy', unplacedSymbols: 0 });
    });
    await bench.agrees(manager);
  });

  test('leaves what the caller put there where it is', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', [INFY]);
    await bench.agrees(manager);
    bench.kill('a');
    await eventually(() => expect(manager.getHealth()).toMatchObject({ unplacedSymbols: 1 }));
    expect(counts(manager)).toEqual([1, 0]);
    bench.revive();
    await eventually(() => expect(bench.streamedTo('a')).toEqual([[INFY, 'quote']]));
  });

  test('is told of once, and so is its recovery', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    const told: MultiApiHealth['status'][] = [];
    const stop = manager.on('health', ({ status }) => told.push(status));
    bench.kill('a');
    await eventually(() => expect(told).toEqual(['degraded']));
    bench.revive();
    await eventually(() => expect(told).toEqual(['degraded', 'healthy']));
    stop();
    bench.kill('a');
    await eventually(() => expect(manager.getHealth().status).toBe('degraded'));
    expect(told).toHaveLength(2);
  });

  test('is not told of where health monitoring is off', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a'), enableHealthMonitoring: false });
    const told: string[] = [];
    manager.on('health', ({ status }) => told.push(status));
    await manager.start();
    bench.simulator.drop();
    await eventually(() => expect(manager.getStats().perApiStats[0]!.totalErrors).toBeGreaterThan(0));
    expect(told).toEqual([]);
  });
});

describe('undecoded frames', () => {
  test('come to a listener with their account, also of one that joins later, and to one who listens again', async () => {
    await using bench = await openBench({ ticksPerSecond: 500 });
    const { manager } = await bench.start({ accounts: accounts('a'), maxConnections: 1 });
    const seen = new Map<string, number>();
    const stop = manager.on('frame', ({ apiKeyId, bytes, channelId }) => {
      if (bytes.length > 1) seen.set(apiKeyId!, channelId);
    });
    await manager.addApiKey('b', keyOf('b'), 'token-of-b');
    await manager.subscribeSymbolsToApi('a', instruments(5));
    await manager.subscribeSymbolsToApi('b', instruments(5));
    await eventually(() =>
      expect([...seen].sort()).toEqual([
        ['a', 0],
        ['b', 0],
      ]),
    );
    stop();
    seen.clear();
    const received = (): number => manager.getStats().totalMessagesReceived;
    const before = received();
    await eventually(() => expect(received()).toBeGreaterThan(before + 5));
    expect(seen.size).toBe(0);
    manager.on('frame', ({ apiKeyId, channelId }) => seen.set(apiKeyId!, channelId));
    await eventually(() => expect([...seen.keys()].sort()).toEqual(['a', 'b']));
  });
});

describe('accounts that join and leave', () => {
  test('lose no tick of what moves, while ticks flow', async () => {
    await using bench = await openBench({ ticksPerSecond: 3000, recordSent: true });
    const tokens = instruments(60);
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(tokens, 'full');
    await eventually(() =>
      expect(new Set(ticksOf(messages).map((tick) => tick.instrumentToken)).size).toBe(60),
    );

    await manager.addApiKey('c', keyOf('c'), 'token-of-c');
    await manager.removeApiKey('a');
    expect(manager.getApiKeys()).toEqual(['b', 'c']);
    await bench.agrees(manager);
    const total = messages.length;
    await eventually(() => expect(messages.length).toBeGreaterThan(total + 20));
    await manager.removeApiKey('b');
    await eventually(() => expect(counts(manager)).toEqual([60]));
    await bench.agrees(manager);
    bench.simulator.setTicksPerSecond(0);

    // A new stream begins with the newest state as a quote: what the stream before had brought is not brought again.
    const isFull = (tick: Tick): boolean => tick.mode === 'full';
    const sent = new Set(bench.simulator.sent.map(decoded).filter(isFull).map(stateOf));
    await eventually(() => {
      const delivered = new Set(ticksOf(messages).filter(isFull).map(stateOf));
      expect([...sent].filter((state) => !delivered.has(state))).toEqual([]);
      expect(delivered.size).toBe(sent.size);
    });
    console.info(
      `accounts joined and left: ${sent.size} states sent, ${ticksOf(messages).filter(isFull).length} ticks delivered`,
    );
    expect(messages.filter(({ message }) => message.type === 'gap')).toEqual([]);
  });

  test('lose no tick when two leave at once, or the caller subscribes meanwhile', async () => {
    await using bench = await openBench({ ticksPerSecond: 3000, recordSent: true });
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b', 'c') });
    await manager.subscribeSymbols(instruments(30), 'full');
    await eventually(() =>
      expect(new Set(ticksOf(messages).map((tick) => tick.instrumentToken)).size).toBe(30),
    );
    const leaving = [manager.removeApiKey('a'), manager.removeApiKey('b')];
    await manager.subscribeSymbols(instruments(5, 40_000), 'full');
    await Promise.all(leaving);
    await bench.agrees(manager);
    bench.simulator.setTicksPerSecond(0);
    const states = (ticks: Tick[]): string[] => ticks.filter(({ mode }) => mode === 'full').map(stateOf);
    const sent = states(bench.simulator.sent.map(decoded));
    await eventually(() => {
      const delivered = new Set(states(ticksOf(messages)));
      expect(sent.filter((state) => !delivered.has(state))).toEqual([]);
    });
  });

  test('hand over each tick once where the caller had chosen the one that leaves', async () => {
    await using bench = await openBench({ ticksPerSecond: 1000, recordSent: true });
    const { manager, messages } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbolsToApi('a', instruments(3), 'full');
    await eventually(() => expect(ticksOf(messages).length).toBeGreaterThan(200));
    await manager.removeApiKey('a');
    await bench.agrees(manager);
    bench.simulator.setTicksPerSecond(0);
    const states = (ticks: Tick[]): string[] => ticks.filter(({ mode }) => mode === 'full').map(stateOf);
    const sent = bench.simulator.sent.filter((one) => decoded(one).mode === 'full');
    await eventually(() =>
      expect(new Set(states(ticksOf(messages)))).toEqual(new Set(states(sent.map(decoded)))),
    );
    // Orders that are taken back bring a state again: only the market's changes can be counted.
    const changes = new Set(sent.map(({ instrumentToken, change }) => `${instrumentToken} ${change}`));
    expect(states(ticksOf(messages))).toHaveLength(changes.size);
  });

  test('hand over before they go: the others stream it by then', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(instruments(10), 'ltp');
    await manager.subscribeSymbolsToApi('a', [INFY], 'full');
    await bench.agrees(manager);
    const order: string[] = [];
    bench.simulator.on('request', ({ connection, request }) => {
      order.push(`${connection.apiKey} ${request.action}`);
    });
    bench.simulator.on('close', ({ connection }) => {
      order.push(`${connection.apiKey} closed with b at ${bench.streamedTo('b').length}`);
    });
    await manager.removeApiKey('a');
    await eventually(() => expect(order.filter((line) => line.includes('closed'))).toHaveLength(3));
    expect(order.filter((line) => line.includes('closed'))).toEqual(
      Array(3).fill('key-of-a closed with b at 11'),
    );
    expect(order.filter((line) => line.startsWith('key-of-a unsubscribe'))).toEqual([]);
    expect(new Map(bench.streamedTo('b')).get(INFY)).toBe('full');
  });

  test('leave what fits nowhere to the next account', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b'), maxSymbolsPerConnection: 2 });
    await manager.subscribeSymbols(instruments(12), 'ltp');
    await bench.agrees(manager);
    await manager.removeApiKey('a');
    expect(manager.getHealth()).toMatchObject({ unplacedSymbols: 6, totalSymbols: 12, status: 'degraded' });
    expect(await codeOf(manager.subscribeSymbols(instruments(1, 70_000)))).toBe('KITE_MULTI_API_CAPACITY');
    await manager.addApiKey('c', keyOf('c'), 'token-of-c');
    await bench.agrees(manager);
    expect(counts(manager)).toEqual([6, 6]);
    expect(manager.getHealth()).toMatchObject({ unplacedSymbols: 0, status: 'healthy' });
    expect([...bench.streamedTo('b'), ...bench.streamedTo('c')].every(([, mode]) => mode === 'ltp')).toBe(
      true,
    );
  });

  test('may be the last one, and the first one again', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a') });
    await manager.subscribeSymbols(instruments(5), 'full');
    await manager.removeApiKey('a');
    expect(manager.getApiKeys()).toEqual([]);
    expect(manager.getHealth()).toMatchObject({
      status: 'critical',
      healthPercentage: 0,
      unplacedSymbols: 5,
    });
    await manager.addApiKey('a', keyOf('a'), 'token-of-a');
    await bench.agrees(manager);
    expect(bench.streamedTo('a')).toHaveLength(5);
  });

  test('take part from the next start, where they join or leave while stopped', async () => {
    await using bench = await openBench();
    const manager = bench.manager({ accounts: accounts('a') });
    await manager.subscribeSymbols(instruments(5));
    await manager.addApiKey('b', keyOf('b'), 'token-of-b');
    await manager.removeApiKey('a');
    expect(counts(manager)).toEqual([5]);
    await manager.start();
    await bench.agrees(manager);
    expect(bench.simulator.connections).toHaveLength(3);
  });

  test('settle even where their token is refused or the manager is stopped meanwhile', async () => {
    await using bench = await openBench({ accounts: logins('a', 'c') });
    const { manager } = await bench.start({ accounts: accounts('a') });
    await manager.addApiKey('b', keyOf('b'), 'wrong');
    expect(manager.getHealth().accounts[1]).toMatchObject({ id: 'b', status: 'critical' });
    const added = manager.addApiKey('c', keyOf('c'), 'token-of-c');
    await manager.stop();
    await added;
    expect(manager.getApiKeys()).toEqual(['a', 'b', 'c']);
    await eventually(() => expect(bench.simulator.connections).toEqual([]));
  });

  test('leave once, however often they are asked to', async () => {
    await using bench = await openBench();
    const { manager } = await bench.start({ accounts: accounts('a', 'b') });
    await manager.subscribeSymbols(instruments(4));
    const leaving = [manager.removeApiKey('a'), manager.removeApiKey('a')];
    expect(await codeOf(manager.addApiKey('a', keyOf('a'), 'token-of-a'))).toBe(
      'KITE_MULTI_API_DUPLICATE_ACCOUNT',
    );
    await Promise.all(leaving);
    expect(manager.getApiKeys()).toEqual(['b']);
    await manager.addApiKey('a', keyOf('a'), 'token-of-a');
    await bench.agrees(manager);
    expect(manager.getApiKeys()).toEqual(['b', 'a']);
  });
});

/** An instrument's state: two that are equal are the same tick. */
function stateOf(tick: object): string {
  return JSON.stringify(tick);
}
