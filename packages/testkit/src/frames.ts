import { frameOf, fullBody, ltpBody } from './wire.js';

/** The one byte that keeps a connection alive. */
export const HEARTBEAT = Uint8Array.of(0);

/** A frame of ltp packets of NSE instruments, all at one price. */
export function ltpFrame(tokens: readonly number[], lastPrice = 100): Uint8Array<ArrayBuffer> {
  const last = paise(lastPrice);
  return frameOf(...tokens.map((token) => ltpBody({ token, last })));
}

/** A frame of full packets of NSE instruments, all at one price, which have never traded. */
export function fullFrame(tokens: readonly number[], lastPrice = 100): Uint8Array<ArrayBuffer> {
  const last = paise(lastPrice);
  const side = Array.from({ length: 5 }, () => [1, last, 1] as const);
  const quantities = { lastQuantity: 1, volume: 1, buy: 1, sell: 1, oi: 0, oiDayHigh: 0, oiDayLow: 0 };
  const prices = { last, average: last, open: last, high: last, low: last, close: last };
  const times = { lastTradeTime: 0, exchangeTime: 0 };
  return frameOf(
    ...tokens.map((token) =>
      fullBody({ token, ...quantities, ...prices, ...times, bids: side, offers: side }),
    ),
  );
}

function paise(rupees: number): number {
  return Math.round(rupees * 100);
}
