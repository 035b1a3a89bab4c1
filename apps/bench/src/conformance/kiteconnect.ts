// The adapter of the official JS client for `npx @kite/simulator conformance`.
import { KiteTicker } from 'kiteconnect';

import { env, print, subscriptions } from './environment.js';

/** Members that its declarations omit or declare on a class. */
interface Official {
  on(event: string, listener: (value: never) => void): void;
  connect(): void;
  subscribe(tokens: number[]): void;
  setMode(mode: string, tokens: number[]): void;
}

const Ticker = KiteTicker as unknown as new (options: Record<string, string>) => Official;
const ticker = new Ticker({
  root: env('KITE_URL'),
  api_key: env('KITE_API_KEY'),
  access_token: env('KITE_ACCESS_TOKEN'),
});
ticker.on('ticks', (ticks: object[]) => {
  for (const tick of ticks) print(tick);
});
ticker.on('order_update', (order: object) => print({ type: 'order', order }));
ticker.on('error', (error: { message?: string }) =>
  print({ type: 'error', message: error.message ?? 'unknown' }),
);
ticker.on('connect', () => {
  for (const [mode, tokens] of subscriptions()) {
    ticker.subscribe(tokens);
    ticker.setMode(mode, tokens);
  }
});
ticker.connect();
