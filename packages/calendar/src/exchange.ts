/** The known exchanges, by their names in Kite's instruments list. */
export const EXCHANGES = ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX', 'NCO'] as const;

/** An exchange, by its name in Kite's instruments list. */
export type Exchange = (typeof EXCHANGES)[number];

/**
 * Instruments with hours other than their exchange's.
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

/** Whether its holidays may close only the morning or only the evening. */
export function hasEvening(exchange: Exchange): boolean {
  return exchange === 'MCX' || exchange === 'NCO';
}
