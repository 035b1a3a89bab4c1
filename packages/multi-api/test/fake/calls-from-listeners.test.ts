import { afterEach, describe, expect, test, vi } from 'vitest';
import { MultiApiKiteTickerManager, type MultiApiOptions } from '@kite/multi-api';
import { simulateDay } from '@kite/simulator';

import { accounts, keyOf } from '../support/multi-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A started manager in virtual time, a few minutes after the open. */
async function bench(ids: string[], options: Partial<MultiApiOptions> = {}) {
  const day = simulateDay({ from: '09:20', instruments: 12 });
  const manager = new MultiApiKiteTickerManager({
    ...{ ...day.options, accounts: accounts(...ids), failoverAfterMs: 1000, maxConnectionsPerApi: 1 },
    ...options,
  });
  await day.runUntil(manager.start());
  return {
    day,
    manager,
    tokens: day.simulator.instruments.map(({ instrumentToken }) => instrumentToken),
    /** This account gives up. */
    async kill(id: string): Promise<void> {
      day.simulator.refuse(Infinity, 503, keyOf(id));
      day.simulator.drop(keyOf(id));
      await day.run(5000);
    },
    /** What the server streams, over all accounts. */
    streamed: () => new Set(day.simulator.connections.flatMap(({ book }) => [...book.keys()])),
    async [Symbol.asyncDispose](): Promise<void> {
      await day.runUntil(manager.stop());
      await day[Symbol.asyncDispose]();
    },
  };
}

describe('a listener over all accounts that calls back', () => {
  /** One account is full, and the other one has given up. */
  async function full() {
    const it = await bench(['one', 'other'], { maxSymbolsPerConnection: 1 });
    await it.kill('other');
    const [first, next] = it.tokens as [number, number];
    await it.manager.subscribeSymbols([first]);
    return Object.assign(it, { first, next });
  }

  test('can drop what it hears is unplaced: nothing of it is left', async () => {
    await using it = await full();
    it.manager.on('unplaced', (tokens) => void it.manager.unsubscribeSymbols(tokens));
    await it.manager.subscribeSymbols([it.next]);
    expect([...it.manager.subscriptions.keys()]).toEqual([it.first]);
    expect(it.manager.getUnplacedSymbols()).toEqual([]);
    it.day.simulator.heal();
    await it.day.run(60_000);
    expect(it.streamed()).toEqual(new Set([it.first]));
  });

  test('has the last word: its mode holds, and one unsubscribe ends it', async () => {
    await using it = await full();
    it.manager.once('unplaced', () => void it.manager.subscribeSymbols([it.next], 'ltp'));
    await it.manager.subscribeSymbols([it.next], 'quote');
    expect(it.manager.subscriptions.get(it.next)).toBe('ltp');
    await it.manager.unsubscribeSymbols([it.next]);
    expect([...it.manager.subscriptions.keys()]).toEqual([it.first]);
  });

  test.each([1, 2])(
    'while instruments move, with %i copies: what it drops is streamed by no account',
    async (replicas) => {
      await using it = await bench(['one', 'other', 'third'], { replicas, maxSymbolsPerConnection: 12 });
      await it.manager.subscribeSymbols(it.tokens, 'full');
      await it.day.run(5000);
      const dropped = it.tokens.slice(0, 6);
      let calls = 0;
      const drop = (): void => {
        calls++;
        void it.manager.unsubscribeSymbols(dropped);
      };
      for (const type of ['state', 'gap'] as const) it.manager.on(type, drop);
      for (const type of ['health', 'unplaced'] as const) it.manager.on(type, drop);
      await it.kill('one');
      it.day.simulator.heal();
      await it.day.run(60_000);
      expect(calls).toBeGreaterThan(0);
      expect(new Set(it.manager.subscriptions.keys())).toEqual(new Set(it.tokens.slice(6)));
      expect(it.streamed()).toEqual(new Set(it.tokens.slice(6)));
    },
  );

  test('gets one message after the other: channels have each before a listener hears the next', async () => {
    await using it = await bench(['one', 'other'], { replicas: 2 });
    await it.manager.subscribeSymbols(it.tokens, 'full');
    await it.day.run(2000);
    const heard: string[] = [];
    const channel = it.manager.messages();
    it.manager.once('ticks', () => {
      throw new Error('mine');
    });
    for (const type of ['ticks', 'issue', 'state'] as const) it.manager.on(type, () => heard.push(type));
    it.day.simulator.drop(keyOf('one'));
    await it.day.run(2000);
    const read: string[] = [];
    for (let message = channel.tryRecv(); message; message = channel.tryRecv()) read.push(message.type);
    expect(read).toContain('issue');
    expect(read.filter((type) => heard.includes(type))).toEqual(heard);
  });
});

describe('a listener over all accounts that fails', () => {
  const fails = (): never => {
    throw new Error('mine');
  };

  test.each<[string, (manager: MultiApiKiteTickerManager, tokens: number[]) => unknown]>([
    ['ticks', (manager) => manager.on('ticks', fails)],
    [
      'ticks',
      (manager, tokens) => {
        const subscriber = manager.subscriber();
        subscriber.on('ticks', fails);
        return subscriber.subscribeSymbols(tokens);
      },
    ],
    ['health', (manager) => manager.on('health', fails)],
    ['unplaced', (manager) => manager.on('unplaced', fails)],
  ])('of %s warns once, is a health reason for a minute, and is counted', async (type, listen) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await using it = await bench(['one', 'other'], { maxSymbolsPerConnection: 6 });
    await it.manager.subscribeSymbols(it.tokens);
    const before = it.manager.getStats().totalErrors;
    const channel = it.manager.messages();
    await listen(it.manager, it.tokens);
    await it.day.run(2000);
    await it.kill('other');
    const issues = [];
    for (let message = channel.tryRecv(); message; message = channel.tryRecv())
      if (message.type === 'issue') issues.push(message.issue);
    expect(issues[0]).toMatchObject({ code: 'KITE_CONNECTION_LISTENER_FAILED' });
    expect(warned.mock.calls).toEqual([
      [expect.stringContaining(type), { type: 'KiteWarning', code: 'KITE_CONNECTION_LISTENER_FAILED' }],
    ]);
    const reason = `a listener of '${type}' has failed`;
    expect(it.manager.getHealth().reasons).toContain(reason);
    expect(it.manager.getStats().totalErrors - before).toBeGreaterThanOrEqual(issues.length);
    expect(it.manager.getHealth().totalErrors).toBe(it.manager.getStats().totalErrors);
    it.day.simulator.setTicksPerSecond(0);
    await it.day.run(61_000);
    expect(it.manager.getHealth().reasons).not.toContain(reason);
  });

  test('does not warn where anybody listens to `issue`: the manager’s listener, or a subscriber’s', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await using it = await bench(['one', 'other']);
    const subscriber = it.manager.subscriber();
    const issues: unknown[] = [];
    const stop = it.manager.on('issue', ({ issue }) => issues.push(issue));
    it.manager.on('ticks', fails);
    await it.manager.subscribeSymbols(it.tokens);
    await it.day.run(2000);
    stop();
    subscriber.on('issue', ({ issue }) => issues.push(issue));
    await it.day.run(2000);
    expect(issues.length).toBeGreaterThan(1);
    expect(warned).not.toHaveBeenCalled();
  });

  test('of `issue` is counted and a health reason, and does not hear of itself', async () => {
    await using it = await bench(['one', 'other']);
    let calls = 0;
    it.manager.on('issue', () => {
      calls++;
      throw new Error('mine');
    });
    it.manager.once('ticks', fails);
    await it.manager.subscribeSymbols(it.tokens);
    await it.day.run(2000);
    expect(calls).toBe(1);
    expect(it.manager.getHealth().reasons).toEqual([
      "a listener of 'ticks' has failed",
      "a listener of 'issue' has failed",
    ]);
    expect(it.manager.getStats().totalErrors).toBe(2);
  });
});
