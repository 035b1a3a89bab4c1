/** The daily list of instruments: names and tokens, search, expiries, an option chain, and its use in a manager. */
import type { Instrument } from '@kite/instruments';
import { isKiteError, KiteTickerManager } from '@kite/manager';

import { example } from './kit/example.js';
import { count, rupees } from './kit/format.js';

await example(async ({ connection, instruments, onEnd }) => {
  const { size, isStale, loadedAt } = instruments;
  console.log(
    `${count(size)} instruments, ${isStale ? 'stale, ' : ''}of ${new Date(loadedAt).toISOString()}`,
  );

  const infy = instruments.find('NSE:INFY');
  console.log(`NSE:INFY is ${infy?.instrumentToken}, ${infy?.name}; 256265 is ${instruments.nameOf(256265)}`);

  // Search as typed, best match first. The first search builds the index.
  for (const text of ['tata', 'nifty 21000 ce', 'banknifty fut']) {
    console.log(`search '${text}'`);
    for (const found of instruments.search(text, { limit: 3 })) console.log(`  ${describe(found)}`);
  }

  // The list's own dates: no rule, and no clock.
  console.log(`NIFTY expires on ${instruments.expiries('NIFTY').slice(0, 3).join(', ')}`);
  console.log(`its next future is ${instruments.future('NIFTY', 'next')?.tradingsymbol}`);
  for (const { strike, ce, pe } of instruments.atTheMoney('NIFTY', 20_940, 1))
    console.log(`  ${strike}: call ${ce?.instrumentToken}, put ${pe?.instrumentToken}`);

  // With it a manager takes names as well as tokens, and its errors name instruments.
  await using manager = new KiteTickerManager({ ...connection, instruments });
  onEnd(() => manager.stop());
  instruments.watch(manager, { onChange: ({ added }) => console.log(`a new list: ${added.length} more`) });
  try {
    await manager.subscribeSymbols(['NSE:INFY', 256265, 'NSE:INFOSYS']);
  } catch (error) {
    if (!isKiteError(error, 'KITE_PROTOCOL_UNKNOWN_INSTRUMENT')) throw error;
    console.log(error.message);
  }
  await manager.subscribeSymbols(['NSE:INFY', 256265]);
  await manager.start();
  const { ticks } = await manager.once('ticks');
  for (const { instrumentToken, lastPrice } of ticks)
    console.log(`${instruments.nameOf(instrumentToken)} ${rupees(lastPrice, instrumentToken)}`);
});

function describe({ exchange, tradingsymbol, name, expiry }: Instrument): string {
  return `${exchange}:${tradingsymbol}, ${name}${expiry === null ? '' : `, to ${expiry}`}`;
}
