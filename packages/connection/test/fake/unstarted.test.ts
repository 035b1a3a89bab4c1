import { afterEach, expect, test, vi } from 'vitest';

import { bench } from '../support/ticker-bench.js';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a ticker whose channels are read though connect() was never called warns of it after ten seconds', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  await using b = bench();
  void b.ticker.ticks().recv();
  await b.clock.advance(9999);
  expect(warned).not.toHaveBeenCalled();
  await b.clock.advance(1);
  expect(warned.mock.calls).toEqual([
    ['a channel has been read for 10 s, and connect() was never called', { type: 'KiteWarning' }],
  ]);
});

test('no timer is left where connect() is called in time', async () => {
  await using b = bench();
  void b.ticker.ticks().recv();
  expect(b.clock.pending).toBe(1);
  await b.ticker.close();
  expect(b.clock.pending).toBe(0);
});
