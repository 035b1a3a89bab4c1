// The adapter of @kite/connection for `npx @kite/simulator conformance`.
import { KiteTicker, type Mode, type Tick } from '@kite/connection';

import { env, print, subscriptions } from './environment.js';

const ticker = new KiteTicker({
  url: env('KITE_URL'),
  apiKey: env('KITE_API_KEY'),
  accessToken: env('KITE_ACCESS_TOKEN'),
});
ticker.on('ticks', ({ ticks }) => {
  for (const tick of ticks) print(official(tick));
});
ticker.on('order', ({ order }) => print({ type: 'order', order }));
ticker.on('state', ({ error }) => {
  if (error) print({ type: 'error', message: error.message });
});
process.once('SIGTERM', () => void ticker.close());
for (const [mode, tokens] of subscriptions()) await ticker.subscribe(tokens, mode as Mode);
await ticker.connect().catch((error: unknown) => {
  print({ type: 'error', message: String(error) });
  process.exitCode = 1;
});

/** Under Kite's own names. */
function official(tick: Tick): Record<string, unknown> {
  const head = { instrument_token: tick.instrumentToken, mode: tick.mode, last_price: tick.lastPrice };
  if (tick.mode === 'ltp') return head;
  const day = { ...head, ohlc: tick.ohlc, change: tick.changePercent };
  if (!tick.tradable)
    return tick.mode === 'full' ? { ...day, exchange_timestamp: tick.exchangeTimestamp } : day;
  const quote = {
    ...day,
    last_traded_quantity: tick.lastTradedQuantity,
    average_traded_price: tick.averageTradedPrice,
    volume_traded: tick.volumeTraded,
    total_buy_quantity: tick.totalBuyQuantity,
    total_sell_quantity: tick.totalSellQuantity,
  };
  if (tick.mode === 'quote') return quote;
  return {
    ...quote,
    last_trade_time: tick.lastTradeTime,
    exchange_timestamp: tick.exchangeTimestamp,
    oi: tick.oi,
    oi_day_high: tick.oiDayHigh,
    oi_day_low: tick.oiDayLow,
    depth: tick.depth,
  };
}
