import { Segment } from '@kite/protocol';

import { power } from '../power.js';
import type { Contract, Expiries } from './contract.js';

/** The base of the natural logarithm. */
const EULER = 2.718281828459045;

/** The name of a made-up instrument. */
export interface Label {
  readonly tradingsymbol: string;
  readonly name: string;
  /** In rupees, if the name implies a price. */
  readonly lastPrice?: number;
  readonly volatility?: number;
  /** Changes a second, if the name implies how busy it is. */
  readonly activity?: number;
  /** The contract, if it is one. */
  readonly contract?: Contract;
}

// prettier-ignore
const STEMS = [
  'Aarav', 'Ajanta', 'Amrit', 'Anand', 'Arav', 'Ashok', 'Avani', 'Bharat', 'Bindu', 'Chandra', 'Chetan', 'Deccan',
  'Deepak', 'Devi', 'Ganga', 'Garuda', 'Gita', 'Godavari', 'Hari', 'Hima', 'Indra', 'Indus', 'Jaya', 'Jyoti',
  'Kalyan', 'Kamal', 'Kaveri', 'Kiran', 'Konark', 'Kumar', 'Laxmi', 'Lotus', 'Madhav', 'Mahi', 'Malabar', 'Mandar',
  'Meru', 'Mohan', 'Narmada', 'Nava', 'Neel', 'Nila', 'Om', 'Padma', 'Pallav', 'Prakash', 'Priya', 'Raj', 'Ravi',
  'Rohini', 'Sagar', 'Sarda', 'Satya', 'Shakti', 'Shiv', 'Surya', 'Tapti', 'Tara', 'Uday', 'Usha', 'Vaigai',
  'Varun', 'Veda', 'Vikas', 'Vindhya', 'Yamuna',
];
// prettier-ignore
const TRADES = [
  ['AGRO', 'Agro Industries'], ['AUTO', 'Automotive'], ['BANK', 'Bank'], ['CABLE', 'Cables'], ['CEM', 'Cement'],
  ['CERA', 'Ceramics'], ['CHEM', 'Chemicals'], ['COAL', 'Coal'], ['DAIRY', 'Dairy'], ['DATA', 'Data Systems'],
  ['DRUGS', 'Drugs'], ['ELEC', 'Electricals'], ['ENERGY', 'Energy'], ['ENGG', 'Engineering'], ['EXP', 'Exports'],
  ['FERT', 'Fertilisers'], ['FIN', 'Finance'], ['FOODS', 'Foods'], ['GAS', 'Gas'], ['GLASS', 'Glass'],
  ['HEALTH', 'Healthcare'], ['HOTEL', 'Hotels'], ['HSG', 'Housing Finance'], ['INFRA', 'Infrastructure'],
  ['INVIT', 'Infrastructure Trust'], ['JEWEL', 'Jewellers'], ['LABS', 'Laboratories'], ['LIFE', 'Life Insurance'],
  ['LOG', 'Logistics'], ['MEDIA', 'Media'], ['METAL', 'Metals'], ['MOTOR', 'Motors'], ['NET', 'Networks'],
  ['OIL', 'Oil'], ['PAINT', 'Paints'], ['PAPER', 'Paper'], ['PHARMA', 'Pharmaceuticals'], ['PIPES', 'Pipes'],
  ['PLAST', 'Plastics'], ['PORT', 'Ports'], ['POWER', 'Power'], ['REALTY', 'Realty'], ['RETAIL', 'Retail'],
  ['SHIP', 'Shipping'], ['SOFT', 'Software'], ['STEEL', 'Steel'], ['SUGAR', 'Sugars'], ['TEA', 'Tea'],
  ['TEX', 'Textiles'], ['TOOLS', 'Tools'], ['TYRES', 'Tyres'], ['WATER', 'Water'],
] as const;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** An underlying of contracts: symbol, price in rupees, distance of the strikes. */
type Underlying = readonly [symbol: string, price: number, strikeStep: number];

const NSE_UNDERLYINGS: readonly Underlying[] = [
  ['NIFTY', 20937.7, 50],
  ['BANKNIFTY', 46841.4, 100],
  ['FINNIFTY', 21115.6, 50],
  ['MIDCPNIFTY', 9870.2, 25],
];
const BSE_UNDERLYINGS: readonly Underlying[] = [
  ['SENSEX', 69653.7, 100],
  ['BANKEX', 52410.3, 100],
];
const PAIRS: readonly Underlying[] = [
  ['USDINR', 83.3825, 0.25],
  ['EURINR', 90.815, 0.25],
  ['GBPINR', 105.4775, 0.25],
  ['JPYINR', 57.2, 0.25],
];
const COMMODITIES: readonly Underlying[] = [
  ['CRUDEOIL', 6120, 50],
  ['NATURALGAS', 214.6, 5],
  ['GOLD', 62_140, 100],
  ['GOLDM', 62_095, 100],
  ['SILVER', 74_480, 250],
  ['SILVERM', 74_310, 250],
  ['COPPER', 722.4, 5],
  ['ZINC', 221.3, 2.5],
  ['LEAD', 183.2, 2.5],
  ['ALUMINIUM', 203.9, 2.5],
  ['NICKEL', 1446.1, 10],
  ['COTTON', 56_780, 100],
  ['MENTHAOIL', 912.3, 10],
  ['CASTORSEED', 5874, 50],
  ['GUARGUM', 10_904, 50],
  ['TURMERIC', 13_262, 50],
];
/** A future moves with its underlying, far less than an option does. */
const FUTURE_VOLATILITY = 0.0002;
/** Changes a second of first, second and third month futures: nearly all trade is in the near one. */
const FUTURE_ACTIVITY = [3.6, 1, 0.2] as const;

/** The symbol and name of the `index`-th made-up instrument of a segment. */
export function labelOf(segment: Segment, index: number, expiries: Expiries): Label {
  switch (segment) {
    case Segment.NFO:
      return contract(segment, NSE_UNDERLYINGS, index, expiries);
    case Segment.BFO:
      return contract(segment, BSE_UNDERLYINGS, index, expiries);
    case Segment.CDS:
    case Segment.BCD:
      return contract(segment, PAIRS, index, expiries);
    case Segment.MCX:
    case Segment.NCO:
      return contract(segment, COMMODITIES, index, expiries);
    case Segment.INDICES: {
      const name = `NIFTY ${company(index).name}`.toUpperCase();
      return { tradingsymbol: name, name };
    }
    default:
      return company(index);
  }
}

function company(index: number): Label {
  const stem = at(STEMS, index * 7);
  const trade = at(TRADES, Math.floor(index / STEMS.length) + index);
  const again = Math.floor(index / (STEMS.length * TRADES.length));
  const suffix = again === 0 ? '' : String(again + 1);
  return {
    tradingsymbol: `${stem.toUpperCase()}${trade[0]}${suffix}`,
    name: `${stem} ${trade[1]}${suffix && ` ${suffix}`}`,
  };
}

/** Futures first, three months of each underlying; then options, a call and a put at each strike from the price outwards. */
function contract(
  segment: Segment,
  underlyings: readonly Underlying[],
  index: number,
  expiries: Expiries,
): Label {
  const [name, price, step] = at(underlyings, index);
  const nth = Math.floor(index / underlyings.length);
  if (nth < 3) {
    const lastPrice = price * (1 + 0.004 * (nth + 1));
    const expiry = expiries.of(segment, nth);
    return {
      tradingsymbol: `${name}${monthOf(expiry)}FUT`,
      name,
      lastPrice,
      volatility: FUTURE_VOLATILITY,
      activity: FUTURE_ACTIVITY[nth]!,
      contract: { expiry, strike: 0, instrumentType: 'FUT' },
    };
  }
  const option = nth - 3;
  const strike = Math.round(price / step) * step + step * outwards(Math.floor(option / 6));
  const call = Math.floor(option / 3) % 2 === 0;
  const distance = call ? price - strike : strike - price;
  // Intrinsic value, plus time value: largest when the strike is near.
  const lastPrice =
    Math.max(0, distance) + 0.012 * price * power(EULER, -Math.abs(distance) / (0.03 * price));
  const expiry = expiries.of(segment, option % 3);
  const instrumentType = call ? 'CE' : 'PE';
  return {
    tradingsymbol: `${name}${monthOf(expiry)}${strike}${instrumentType}`,
    name,
    lastPrice,
    contract: { expiry, strike, instrumentType },
  };
}

/** 0, 1, −1, 2, −2, … */
function outwards(n: number): number {
  return n % 2 === 0 ? -n / 2 : (n + 1) / 2;
}

/** As in symbols: `26DEC`. */
function monthOf(expiry: string): string {
  return `${expiry.slice(2, 4)}${MONTHS[Number(expiry.slice(5, 7)) - 1]!}`;
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}
