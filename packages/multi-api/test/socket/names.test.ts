import { expect, test } from 'vitest';
import { type MultiApiConfig, MultiApiKiteTickerManager } from '@kite/multi-api';
import { collect, eventually, INFY, NIFTY, RELIANCE } from '@kite/testkit';

import { accounts, openBench } from '../support/multi-bench.js';

type InstrumentNames = NonNullable<MultiApiConfig['instruments']>;

const TOKENS: Readonly<Record<string, number>> = { 'NSE:INFY': INFY, 'NSE:NIFTY 50': NIFTY };

const names: InstrumentNames = {
  tokenOf: (name) => TOKENS[name],
  nameOf: (token) => Object.keys(TOKENS).find((name) => TOKENS[name] === token),
};

test('with the option instruments names are taken wherever tokens are', async () => {
  await using bench = await openBench();
  const { manager } = await bench.start({
    accounts: accounts('a', 'b'),
    instruments: names,
    lastTicks: true,
  });
  const infy = collect(manager.ticks({ tokens: ['NSE:INFY'] }));
  const ofAccount = manager.getChannel('b', 0, { tokens: ['NSE:NIFTY 50'] });
  expect(ofAccount).toBeDefined();
  await manager.subscribeSymbols(['NSE:INFY', RELIANCE], 'ltp');
  await manager.subscribeSymbolsToApi('b', ['NSE:NIFTY 50'], 'full');
  await manager.changeMode(['NSE:INFY'], 'full');
  await manager.unsubscribeSymbols([RELIANCE]);
  expect(manager.subscriptions).toEqual(
    new Map([
      [INFY, 'full'],
      [NIFTY, 'full'],
    ]),
  );
  await eventually(() => {
    expect(infy.length).toBeGreaterThan(0);
    expect(manager.getLastTick('NSE:NIFTY 50')?.tick.instrumentToken).toBe(NIFTY);
  });
  expect(new Set(infy.flatMap(({ ticks }) => ticks.map(({ instrumentToken }) => instrumentToken)))).toEqual(
    new Set([INFY]),
  );
  await bench.agrees(manager);
});

test('errors name instruments, and point to the list where there is none', async () => {
  const manager = new MultiApiKiteTickerManager({ accounts: accounts('a'), instruments: names });
  await expect(manager.changeMode(['NSE:INFY', RELIANCE], 'ltp')).rejects.toMatchObject({
    code: 'KITE_MULTI_API_NOT_SUBSCRIBED',
    message: `not subscribed: NSE:INFY, ${RELIANCE}`,
  });
  await expect(manager.subscribeSymbols(['NSE:NOPE'])).rejects.toMatchObject({
    code: 'KITE_PROTOCOL_UNKNOWN_INSTRUMENT',
    value: 'NSE:NOPE',
  });
  await expect(manager.subscribeSymbols('NSE:INFY')).rejects.toThrow('put it in one, as ["NSE:INFY"]');
  const without = new MultiApiKiteTickerManager({ accounts: accounts('a') });
  await expect(without.subscribeSymbols(['NSE:INFY'])).rejects.toThrow('@kite/instruments');
  await expect(without.subscribeSymbolsToApi('a', ['NSE:INFY'])).rejects.toThrow('@kite/instruments');
});

test('health names the instruments that no account streams, once', async () => {
  const manager = new MultiApiKiteTickerManager({ accounts: accounts('a', 'b'), instruments: names });
  await manager.subscribeSymbols(['NSE:INFY']);
  const { reasons } = manager.getHealth();
  expect(reasons.filter((reason) => reason.includes('not streamed'))).toEqual([
    '1 instrument is not streamed: NSE:INFY',
  ]);
});
