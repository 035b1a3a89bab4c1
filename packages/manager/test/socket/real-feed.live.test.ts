/**
 * With an account's credentials: `KITE_LIVE=1 KITE_API_KEY=… KITE_ACCESS_TOKEN=… npx vitest run real-feed`. It takes one of the
 * three connections that the API key has. `KITE_URL` names another server than Kite's.
 */
import { describe, expect, test, vi } from 'vitest';
import { KiteTickerManager, Mode, Segment, type Tick } from '@kite/manager';
import { collect, INFY, NIFTY, ofType, WAYS } from '@kite/testkit';

const {
  KITE_API_KEY: apiKey = '',
  KITE_ACCESS_TOKEN: accessToken = '',
  KITE_URL: url = 'wss://ws.kite.trade/',
} = process.env;

/** Kite's clock and ours may differ; a time of day in the wrong zone is off by hours. */
const CLOCK_SKEW_MS = 60_000;

/** No tick of these two that Kite still has is older. */
const LONG_AGO = Date.UTC(2020);

describe.skipIf(apiKey === '' || accessToken === '')('the real feed', () => {
  test.each(WAYS)(
    'sends an index and a stock in full within 10 s, at any hour, for it caches the last tick of each, $way',
    async ({ enableDedicatedParsers }) => {
      await using manager = new KiteTickerManager({
        apiKey,
        accessToken,
        url,
        maxConnections: 1,
        enableDedicatedParsers,
      });
      const messages = collect(manager.getUnifiedChannel());
      await manager.start();
      await manager.subscribeSymbols([NIFTY, INFY], Mode.Full);

      // What comes before the change of the mode is a quote.
      const full = (token: number): Tick | undefined =>
        ofType(messages, 'ticks')
          .flatMap(({ ticks }) => ticks)
          .find(({ instrumentToken, mode }) => instrumentToken === token && mode === Mode.Full);
      await vi.waitFor(() => expect([full(NIFTY), full(INFY)]).not.toContain(undefined), {
        interval: 20,
        timeout: 10_000,
      });

      const level = {
        quantity: expect.any(Number) as number,
        price: expect.any(Number) as number,
        orders: expect.any(Number) as number,
      };
      const levels = Array.from({ length: 5 }, () => level);
      expect(full(NIFTY)).toMatchObject({ segment: Segment.INDICES, tradable: false });
      expect(full(INFY)).toMatchObject({
        segment: Segment.NSE,
        tradable: true,
        depth: { buy: levels, sell: levels },
      });
      for (const tick of [full(NIFTY), full(INFY)]) {
        if (tick?.mode !== 'full') continue;
        const { lastPrice, ohlc, netChange, exchangeTimestamp } = tick;
        expect(lastPrice).toBeGreaterThan(0);
        expect(ohlc.close).toBeGreaterThan(0);
        expect(netChange).toBeCloseTo(lastPrice - ohlc.close);
        expect(exchangeTimestamp).toBeGreaterThan(LONG_AGO);
        expect(exchangeTimestamp).toBeLessThan(Date.now() + CLOCK_SKEW_MS);
      }

      expect(manager.getHealth()).toMatchObject({ status: 'healthy', totalErrors: 0 });
      expect(manager.getSilentSymbols(0)).toEqual([]);
      for (const trouble of ['issue', 'error', 'gap', 'lagged'] as const)
        expect(ofType(messages, trouble)).toEqual([]);
    },
  );
});
