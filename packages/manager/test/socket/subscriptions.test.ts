import { describe, expect, test } from 'vitest';
import { KiteTickerManager, type Mode } from '@kite/manager';
import { eventually, INFY, instruments, NIFTY, requestsOf, sorted, streamed, WAYS } from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';

describe.each(WAYS)('subscriptions, $way', ({ enableDedicatedParsers }) => {
  const open = () => openBench({ enableDedicatedParsers });

  test('of 9000 instruments are one request a connection', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(9000));
    await bench.agrees(manager);
    expect(bench.simulator.connections.map(requestsOf)).toEqual(Array(3).fill(['subscribe ×3000']));
  });

  test('of 9000 instruments in another mode than the server’s are one more a connection', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(9000), 'full');
    await bench.agrees(manager);
    expect(bench.simulator.connections.map(requestsOf)).toEqual(
      Array(3).fill(['subscribe ×3000', 'mode full ×3000']),
    );
  });

  test('are replayed with one subscribe and one request for each mode that is not the server’s', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const tokens = instruments(9000);
    const modes = ['ltp', 'quote', 'full'] as const;
    await manager.subscribeSymbols(tokens);
    for (const [index, mode] of modes.entries())
      await manager.changeMode(tokens.slice(index * 3000, (index + 1) * 3000), mode);
    await bench.agrees(manager);
    await bench.simulator.pause();
    await eventually(() => expect(manager.getStats().activeConnections).toBe(0));
    await bench.simulator.resume();
    await bench.agrees(manager);
    expect(bench.simulator.connections.map(requestsOf)).toEqual(
      Array(3).fill(['subscribe ×3000', 'mode ltp ×1000', 'mode full ×1000']),
    );
  });

  test('that were made before start() are sent with the opening, and only then', async () => {
    await using bench = await open();
    const manager = bench.manager({ defaultMode: 'ltp' });
    await manager.subscribeSymbols(instruments(6), 'full');
    await manager.subscribeSymbols(instruments(3, 40_000));
    await manager.unsubscribeSymbols(instruments(3));
    expect(manager.subscriptions.size).toBe(6);
    await manager.start();
    await bench.agrees(manager);
    expect(bench.simulator.connections.map(requestsOf)).toEqual(
      Array(3).fill(['subscribe ×2', 'mode ltp ×1', 'mode full ×1']),
    );
  });

  test('over capacity are refused whole, with what would fit, and nothing is sent', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols(instruments(8990), 'ltp');
    await bench.agrees(manager);
    const before = bench.simulator.requests.length;
    await expect(manager.subscribeSymbols(instruments(11, 40_000), 'full')).rejects.toMatchObject({
      code: 'KITE_MANAGER_CAPACITY',
      requested: 11,
      available: 10,
      message: expect.stringMatching(/11 .*10 of 9000/) as unknown,
    });
    expect(manager.subscriptions.size).toBe(8990);
    // A later request arrives after whatever was sent for the refused one.
    await manager.subscribeSymbols([INFY]);
    await bench.agrees(manager);
    expect(bench.simulator.requests.slice(before)).toMatchObject([
      { request: { action: 'subscribe', tokens: [INFY] } },
    ]);
  });

  test('that were given up make room, which is used again', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ maxSymbolsPerConnection: 10 });
    await manager.subscribeSymbols(instruments(30));
    await manager.unsubscribeSymbols(instruments(7));
    await manager.subscribeSymbols(instruments(7, 40_000), 'full');
    await bench.agrees(manager);
    await expect(manager.subscribeSymbols([INFY])).rejects.toMatchObject({ available: 0, requested: 1 });
    expect(Math.max(...bench.simulator.connections.map(({ book }) => book.size))).toBe(10);
  });

  test('again with another mode change the mode, and without one keep it', async () => {
    await using bench = await open();
    const { manager } = await bench.start({ defaultMode: 'ltp' });
    await manager.subscribeSymbols([INFY, NIFTY], 'quote');
    await manager.subscribeSymbols([INFY, NIFTY], 'full');
    await manager.subscribeSymbols([INFY]);
    await manager.changeMode([NIFTY], 'ltp');
    expect(sorted(manager.subscriptions)).toEqual([
      [NIFTY, 'ltp'],
      [INFY, 'full'],
    ]);
    await bench.agrees(manager);
  });

  test('of instruments in a mode each take no more requests than those in one', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    const modes: Mode[] = ['ltp', 'quote', 'full'];
    // Round robin gives each connection every third: with nine modes in turn each gets all of them.
    const wanted = new Map(instruments(27).map((token, index) => [token, modes[Math.floor(index / 3) % 3]!]));
    await manager.assignSymbols(wanted);
    await bench.agrees(manager);
    expect(sorted(streamed(bench.simulator))).toEqual(sorted(wanted));
    expect(bench.simulator.connections.map(requestsOf)).toEqual(
      Array(3).fill(['subscribe ×9', 'mode ltp ×3', 'mode full ×3']),
    );
  });

  test('that change nothing send nothing', async () => {
    await using bench = await open();
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY], 'full');
    await bench.agrees(manager);
    await manager.subscribeSymbols([INFY]);
    await manager.subscribeSymbols([INFY], 'full');
    await manager.subscribeSymbols([]);
    await manager.changeMode([INFY], 'full');
    await manager.unsubscribeSymbols([NIFTY]);
    await manager.changeMode([], 'ltp');
    // What is sent now comes last.
    await manager.unsubscribeSymbols([INFY]);
    await eventually(() => expect(streamed(bench.simulator).size).toBe(0));
    expect(bench.simulator.requests.map(({ request }) => request.action)).toEqual([
      'subscribe',
      'mode',
      'unsubscribe',
    ]);
  });
});

describe('bad input', () => {
  const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token' });

  test.each([
    ['a string', ['408065'], 'tokens[0]'],
    ['a fraction', [1.5], 'tokens[0]'],
    ['zero', [INFY, 0], 'tokens[1]'],
    ['a negative', [-5], 'tokens[0]'],
    ['too large', [2 ** 32], 'tokens[0]'],
    ['NaN', [Number.NaN], 'tokens[0]'],
    ['nested', [[INFY]], 'tokens[0]'],
    ['no list', INFY, 'tokens'],
    ['nothing', undefined, 'tokens'],
  ])('as a token, %s, is refused whole by every method', async (_, tokens, field) => {
    const refused = { code: 'KITE_PROTOCOL_INVALID_TOKEN', field };
    const wrong = tokens as number[];
    await expect(manager.subscribeSymbols(wrong)).rejects.toMatchObject(refused);
    await expect(manager.unsubscribeSymbols(wrong)).rejects.toMatchObject(refused);
    await expect(manager.changeMode(wrong, 'full')).rejects.toMatchObject(refused);
    expect(manager.subscriptions.size).toBe(0);
  });

  test.each(['FULL', 'depth', '', 3, null])('as a mode, %j, is refused', async (mode) => {
    const refused = { code: 'KITE_PROTOCOL_INVALID_MODE' };
    await expect(manager.subscribeSymbols([INFY], mode as Mode)).rejects.toMatchObject(refused);
    await expect(manager.changeMode([INFY], mode as Mode)).rejects.toMatchObject(refused);
    await expect(manager.assignSymbols(new Map([[INFY, mode as Mode]]))).rejects.toMatchObject(refused);
    expect(manager.subscriptions.size).toBe(0);
  });

  test.each([undefined, null, [INFY], { 408065: 'full' }, 'full', new Set([INFY])])(
    'as a Map of modes, %j, is refused by every method, by name',
    async (modes) => {
      const refused = { code: 'KITE_MANAGER_INVALID_OPTION', field: 'modes' };
      const wrong = modes as unknown as Map<number, Mode>;
      await expect(manager.assignSymbols(wrong)).rejects.toMatchObject(refused);
      await expect(manager.replaceSymbols(wrong)).rejects.toMatchObject(refused);
      expect(manager.subscriptions.size).toBe(0);
    },
  );

  test('changeMode() of what is not subscribed lists it, and changes nothing', async () => {
    await manager.subscribeSymbols([INFY], 'ltp');
    await expect(manager.changeMode([INFY, NIFTY], 'full')).rejects.toMatchObject({
      code: 'KITE_MANAGER_NOT_SUBSCRIBED',
      tokens: [NIFTY],
    });
    expect(manager.subscriptions.get(INFY)).toBe('ltp');
    await manager.unsubscribeSymbols([INFY]);
  });

  test.each([-1, Number.NaN, Infinity, '50', undefined])('as a time of silence, %s, is refused', (forMs) => {
    expect(() => manager.getSilentSymbols(forMs as number)).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field: 'forMs' }),
    );
  });
});
