import { KiteTicker } from 'kiteconnect';

/** The part of the official JS client's tick that the benchmark reads. */
export interface OfficialTick {
  tradable: boolean;
  mode: string;
  instrument_token: number;
  last_price: number;
  last_traded_quantity: number;
  average_traded_price: number;
  volume_traded: number;
  total_buy_quantity: number;
  total_sell_quantity: number;
  ohlc: { open: number; high: number; low: number; close: number };
  change: number;
  last_trade_time: Date | null;
  exchange_timestamp: Date | null;
  oi: number;
  oi_day_high: number;
  oi_day_low: number;
  depth: { buy: OfficialLevel[]; sell: OfficialLevel[] };
}

interface OfficialLevel {
  quantity: number;
  price: number;
  orders: number;
}

/** The decoder of the official JS client: a method that uses no instance. */
export const parseBinary = (
  KiteTicker.prototype as unknown as { parseBinary: (frame: ArrayBuffer) => OfficialTick[] }
).parseBinary;
