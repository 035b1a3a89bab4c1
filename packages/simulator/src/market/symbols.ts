import { Segment } from '@kite/protocol';

/** What a made-up instrument is called. */
export interface Label {
  readonly tradingsymbol: string;
  readonly name: string;
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
const INDEX_OPTIONS = ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY'];
const BSE_OPTIONS = ['SENSEX', 'BANKEX'];
const PAIRS = ['USDINR', 'EURINR', 'GBPINR', 'JPYINR'];
// prettier-ignore
const COMMODITIES = ['CRUDEOIL', 'NATURALGAS', 'GOLD', 'GOLDM', 'SILVER', 'SILVERM', 'COPPER', 'ZINC', 'LEAD', 'ALUMINIUM', 'NICKEL', 'COTTON', 'MENTHAOIL', 'CASTORSEED', 'GUARGUM', 'TURMERIC'];

/** The symbol and name of the `index`-th made-up instrument of a segment; contracts expire in the months after `now`. */
export function labelOf(segment: Segment, index: number, now: number): Label {
  switch (segment) {
    case Segment.NFO:
      return contract(INDEX_OPTIONS, index, now, 17_000, 50);
    case Segment.BFO:
      return contract(BSE_OPTIONS, index, now, 62_000, 100);
    case Segment.CDS:
    case Segment.BCD:
      return contract(PAIRS, index, now, 80, 0.25);
    case Segment.MCX:
    case Segment.NCO:
      return contract(COMMODITIES, index, now, 4000, 50);
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

/** Futures first, three months of each underlying; then options, a call and a put at each strike. */
function contract(
  underlyings: readonly string[],
  index: number,
  now: number,
  strike: number,
  step: number,
): Label {
  const underlying = at(underlyings, index);
  const nth = Math.floor(index / underlyings.length);
  if (nth < 3) return label(`${underlying}${expiry(now, nth)}FUT`, underlying);
  const option = nth - 3;
  const price = strike + step * Math.floor(option / 6);
  return label(
    `${underlying}${expiry(now, option % 3)}${price}${Math.floor(option / 3) % 2 ? 'PE' : 'CE'}`,
    underlying,
  );
}

function label(tradingsymbol: string, name: string): Label {
  return { tradingsymbol, name };
}

function expiry(now: number, months: number): string {
  const today = new Date(now);
  const month = today.getUTCMonth() + months;
  const year = (today.getUTCFullYear() + Math.floor(month / 12)) % 100;
  return `${String(year).padStart(2, '0')}${at(MONTHS, month)}`;
}

function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}
