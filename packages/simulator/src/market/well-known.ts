/** An instrument with its real token, symbol and name; `close` is a plausible previous close, in rupees. */
export interface WellKnownInstrument {
  readonly instrumentToken: number;
  readonly tradingsymbol: string;
  readonly name: string;
  readonly close: number;
  /** The volume at the start of the day; unset: drawn like any other. */
  readonly volume?: number;
  readonly exchange?: string;
  readonly tickSize?: number;
}

/** Instruments that people know by their tokens, from Kite's published instruments list. They are the busiest ones. */
export const WELL_KNOWN: readonly WellKnownInstrument[] = [
  { instrumentToken: 256265, tradingsymbol: 'NIFTY 50', name: 'NIFTY 50', close: 20937.7 },
  { instrumentToken: 260105, tradingsymbol: 'NIFTY BANK', name: 'NIFTY BANK', close: 46841.4 },
  { instrumentToken: 257801, tradingsymbol: 'NIFTY FIN SERVICE', name: 'NIFTY FIN SERVICE', close: 21115.6 },
  { instrumentToken: 259849, tradingsymbol: 'NIFTY IT', name: 'NIFTY IT', close: 32567.15 },
  { instrumentToken: 264969, tradingsymbol: 'INDIA VIX', name: 'INDIA VIX', close: 13.8, tickSize: 0.01 },
  {
    instrumentToken: 265,
    tradingsymbol: 'SENSEX',
    name: 'SENSEX',
    close: 69653.73,
    exchange: 'BSE',
    tickSize: 0.01,
  },
  { instrumentToken: 408065, tradingsymbol: 'INFY', name: 'INFOSYS', close: 1567.8 },
  { instrumentToken: 738561, tradingsymbol: 'RELIANCE', name: 'RELIANCE INDUSTRIES', close: 2913.35 },
  { instrumentToken: 884737, tradingsymbol: 'TATAMOTORS', name: 'TATA MOTORS', close: 414.1 },
  { instrumentToken: 341249, tradingsymbol: 'HDFCBANK', name: 'HDFC BANK', close: 1652.4 },
  { instrumentToken: 1270529, tradingsymbol: 'ICICIBANK', name: 'ICICI BANK', close: 1010.25 },
  { instrumentToken: 779521, tradingsymbol: 'SBIN', name: 'STATE BANK OF INDIA', close: 614.5 },
  { instrumentToken: 2953217, tradingsymbol: 'TCS', name: 'TATA CONSULTANCY SERVICES', close: 3611.9 },
  { instrumentToken: 5633, tradingsymbol: 'ACC', name: 'ACC', close: 2166.35 },
  { instrumentToken: 6401, tradingsymbol: 'ADANIENT', name: 'ADANI ENTERPRISES', close: 2871.6 },
  { instrumentToken: 60417, tradingsymbol: 'ASIANPAINT', name: 'ASIAN PAINTS', close: 3214.05 },
  { instrumentToken: 81153, tradingsymbol: 'BAJFINANCE', name: 'BAJAJ FINANCE', close: 7304.4 },
  { instrumentToken: 177665, tradingsymbol: 'CIPLA', name: 'CIPLA', close: 1203.55 },
  { instrumentToken: 225537, tradingsymbol: 'DRREDDY', name: "DR. REDDY'S LABORATORIES", close: 5644.2 },
  { instrumentToken: 348929, tradingsymbol: 'HINDALCO', name: 'HINDALCO INDUSTRIES', close: 522.8 },
  { instrumentToken: 356865, tradingsymbol: 'HINDUNILVR', name: 'HINDUSTAN UNILEVER', close: 2541.7 },
  { instrumentToken: 424961, tradingsymbol: 'ITC', name: 'ITC', close: 455.9 },
  { instrumentToken: 492033, tradingsymbol: 'KOTAKBANK', name: 'KOTAK MAHINDRA BANK', close: 1842.1 },
  { instrumentToken: 633601, tradingsymbol: 'ONGC', name: 'OIL AND NATURAL GAS CORPORATION', close: 195.35 },
  {
    instrumentToken: 857857,
    tradingsymbol: 'SUNPHARMA',
    name: 'SUN PHARMACEUTICAL INDUSTRIES',
    close: 1233.4,
  },
  { instrumentToken: 895745, tradingsymbol: 'TATASTEEL', name: 'TATA STEEL', close: 131.45 },
  { instrumentToken: 897537, tradingsymbol: 'TITAN', name: 'TITAN COMPANY', close: 3567.85 },
  { instrumentToken: 969473, tradingsymbol: 'WIPRO', name: 'WIPRO', close: 417.6 },
  { instrumentToken: 1510401, tradingsymbol: 'AXISBANK', name: 'AXIS BANK', close: 1122.75 },
  { instrumentToken: 2714625, tradingsymbol: 'BHARTIARTL', name: 'BHARTI AIRTEL', close: 1024.3 },
  { instrumentToken: 2815745, tradingsymbol: 'MARUTI', name: 'MARUTI SUZUKI INDIA', close: 10598.15 },
  { instrumentToken: 2939649, tradingsymbol: 'LT', name: 'LARSEN & TOUBRO', close: 3386.5 },
  { instrumentToken: 2977281, tradingsymbol: 'NTPC', name: 'NTPC', close: 281.4 },
  // Its volume exceeds a signed 32-bit integer.
  {
    instrumentToken: 3677697,
    tradingsymbol: 'IDEA',
    name: 'VODAFONE IDEA',
    close: 13.35,
    volume: 2_600_000_000,
  },
  { instrumentToken: 31132428, tradingsymbol: 'NCO31132428', name: 'NCO31132428', close: 378.2 },
  { instrumentToken: 31503116, tradingsymbol: 'NCO31503116', name: 'NCO31503116', close: 26850 },
  { instrumentToken: 33539084, tradingsymbol: 'NCO33539084', name: 'NCO33539084', close: 8494 },
];
