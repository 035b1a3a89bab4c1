/** The exchanges that are known, by the names of Kite's instruments list. */
export const EXCHANGES = ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX', 'NCO'] as const;

/** An exchange, by the name of Kite's instruments list. */
export type Exchange = (typeof EXCHANGES)[number];

/**
 * Instruments that do not keep the hours of their exchange.
 *
 * - `agri` (MCX, NCO): agricultural commodities, until 17:00.
 * - `agri-international` (MCX, NCO): those with a price abroad (cotton, crude palm oil, kapas), until 21:00.
 * - `cross-currency` (CDS, BCD): EURUSD, GBPUSD, USDJPY, until 19:30.
 */
export type InstrumentGroup = 'agri' | 'agri-international' | 'cross-currency';

const GROUPS: Readonly<Record<Exchange, readonly InstrumentGroup[]>> = {
  NSE: [],
  BSE: [],
  NFO: [],
  BFO: [],
  CDS: ['cross-currency'],
  BCD: ['cross-currency'],
  MCX: ['agri', 'agri-international'],
  NCO: ['agri', 'agri-international'],
};

/** The groups with their own hours at an exchange. */
export function groupsOf(exchange: Exchange): readonly InstrumentGroup[] {
  return GROUPS[exchange];
}

/** Whether its holidays may close the morning or the evening alone. */
export function hasEvening(exchange: Exchange): boolean {
  return exchange === 'MCX' || exchange === 'NCO';
}
