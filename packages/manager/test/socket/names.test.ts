import { describe, expect, test } from 'vitest';
import { KiteTickerManager, type ManagerConfig } from '@kite/manager';
import {
  ACCESS_TOKEN,
  API_KEY,
  collect,
  eventually,
  INFY,
  instruments,
  NIFTY,
  ofType,
  RELIANCE,
  WAYS,
} from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';

type InstrumentNames = NonNullable<ManagerConfig['instruments']>;

const TOKENS: Readonly<Record<string, number>> = { 'NSE:INFY': INFY, 'NSE:NIFTY 50': NIFTY };

const names: InstrumentNames = {
  tokenOf: (name) => TOKENS[name],
  nameOf: (token) => Object.keys(TOKENS).find((name) => TOKENS[name] === token),
};

describe.each(WAYS)('with the option instruments, $way', ({ enableDedicatedParsers }) => {
  test('names are taken wherever tokens are', async () => {
    await using bench = await openBench({ enableDedicatedParsers, lastTicks: true });
    const { manager } = await bench.start({ instruments: names });
    const infy = collect(manager.ticks({ tokens: ['NSE:INFY'] }));
    await manager.subscribeSymbols(['NSE:INFY', 'NSE:NIFTY 50', RELIANCE, INFY], 'ltp');
    expect([...manager.subscriptions.keys()]).toEqual([INFY, NIFTY, RELIANCE]);
    await manager.changeMode(['NSE:INFY'], 'full');
    await manager.assignSymbols(
      new Map<number | string, 'quote'>([
        ['NSE:NIFTY 50', 'quote'],
        [RELIANCE, 'quote'],
      ]),
    );
    await manager.unsubscribeSymbols(['NSE:NIFTY 50']);
    expect(manager.subscriptions).toEqual(
      new Map([
        [INFY, 'full'],
        [RELIANCE, 'quote'],
      ]),
    );
    await eventually(() => {
      expect(infy.length).toBeGreaterThan(0);
      expect(manager.getLastTick('NSE:INFY')?.tick.instrumentToken).toBe(INFY);
    });
    expect(new Set(infy.flatMap(({ ticks }) => ticks.map(({ instrumentToken }) => instrumentToken)))).toEqual(
      new Set([INFY]),
    );
    await bench.agrees(manager);
  });
});

describe('an error', () => {
  test('for a name without the option points to the package that has the list, and changes nothing', async () => {
    const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN });
    const refused = { code: 'KITE_PROTOCOL_INVALID_TOKEN', field: 'tokens[1]', value: 'NSE:INFY' };
    for (const call of [
      () => manager.subscribeSymbols([RELIANCE, 'NSE:INFY']),
      () => manager.unsubscribeSymbols([RELIANCE, 'NSE:INFY']),
      () => manager.changeMode([RELIANCE, 'NSE:INFY'], 'ltp'),
      () =>
        manager.assignSymbols(
          new Map<number | string, 'ltp'>([
            [RELIANCE, 'ltp'],
            ['NSE:INFY', 'ltp'],
          ]),
        ),
    ])
      await expect(call()).rejects.toMatchObject({
        ...refused,
        message: expect.stringContaining('@kite/instruments') as string,
      });
    expect(() => manager.messages({ tokens: [RELIANCE, 'NSE:INFY'] })).toThrow(
      expect.objectContaining(refused),
    );
    expect(manager.subscriptions.size).toBe(0);
  });

  test('for one string says: put it in an array', async () => {
    for (const option of [{}, { instruments: names }]) {
      const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, ...option });
      await expect(manager.subscribeSymbols('NSE:INFY')).rejects.toThrow('put it in one, as ["NSE:INFY"]');
    }
  });

  test('names instruments, and has their tokens', async () => {
    const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, instruments: names });
    await expect(manager.subscribeSymbols([INFY, 'NSE:NOPE'])).rejects.toMatchObject({
      code: 'KITE_PROTOCOL_UNKNOWN_INSTRUMENT',
      field: 'tokens[1]',
      value: 'NSE:NOPE',
    });
    await expect(manager.changeMode([INFY, RELIANCE], 'ltp')).rejects.toMatchObject({
      code: 'KITE_MANAGER_NOT_SUBSCRIBED',
      message: `not subscribed: NSE:INFY, ${RELIANCE}`,
      tokens: [INFY, RELIANCE],
    });
    const twice = new Map<number | string, 'ltp' | 'full'>([
      [INFY, 'ltp'],
      ['NSE:INFY', 'full'],
    ]);
    await expect(manager.assignSymbols(twice)).rejects.toMatchObject({
      code: 'KITE_MANAGER_INVALID_OPTION',
      field: 'modes',
      value: [INFY, 'NSE:INFY'],
    });
    expect(manager.subscriptions.size).toBe(0);
  });

  test.each([{}, 'NSE', { tokenOf: () => 1 }, []])('refuses %s for the option', (wrong) => {
    const options = {
      apiKey: API_KEY,
      accessToken: ACCESS_TOKEN,
      instruments: wrong as unknown as InstrumentNames,
    };
    expect(() => new KiteTickerManager(options)).toThrow(
      expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field: 'instruments' }),
    );
  });
});

describe('health', () => {
  test('names some of the instruments that are not streamed', async () => {
    const manager = new KiteTickerManager({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, instruments: names });
    await manager.subscribeSymbols(['NSE:INFY']);
    expect(manager.getHealth().reasons).toContain('1 instrument is not streamed: NSE:INFY');
    await manager.subscribeSymbols(['NSE:NIFTY 50', ...instruments(10)]);
    const reason = manager.getHealth().reasons.find((text) => text.includes('not streamed'));
    expect(reason).toMatch(/^12 instruments are not streamed: .*NSE:NIFTY 50.*, … \(12 in all\)$/u);
  });

  test('is told without names where the list throws', async () => {
    const broken: InstrumentNames = {
      tokenOf: () => INFY,
      nameOf: () => {
        throw new Error('of the list');
      },
    };
    const manager = new KiteTickerManager({
      apiKey: API_KEY,
      accessToken: ACCESS_TOKEN,
      instruments: broken,
    });
    await manager.subscribeSymbols(['NSE:INFY']);
    expect(manager.getHealth().reasons).toContain(`1 instrument is not streamed: ${INFY}`);
  });

  test('and errors in the stream carry on as before without the option', async () => {
    await using bench = await openBench();
    const { manager, messages } = await bench.start();
    await manager.subscribeSymbols([INFY]);
    await eventually(() => {
      expect(ofType(messages, 'ticks').length).toBeGreaterThan(0);
    });
    expect(manager.getHealth().reasons).toEqual([]);
  });
});
