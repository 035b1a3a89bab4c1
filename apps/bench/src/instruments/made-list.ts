/** One row, in the order of {@link COLUMNS}. */
type Cells = readonly (string | number)[];

const COLUMNS =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';

/** How many instruments Kite's list has. */
const ROWS = 109_000;

/** Segments by their number on the wire. */
const NSE = 1;
const NFO = 2;
const BSE = 4;
const BFO = 5;
const MCX = 7;
const INDICES = 9;

const SYLLABLES =
  'AD AN AR BAJ BHA CHE DEE GAN HIN IND JAY KAL LAK MAH NAV OM PAT RAJ SUN TAT UJ VED YAS ZEN'.split(' ');
const TRADES =
  'INDUSTRIES,FINANCE,STEEL,PHARMA,TEXTILES,CEMENT,FOODS,POWER,INFRA & CO,MOTORS,"SILK" MILLS,PAPER, LABS'.split(
    ',',
  );
const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const INDEX_OPTIONS: readonly [
  name: string,
  segment: number,
  strike: number,
  step: number,
  strikes: number,
  expiries: number,
][] = [
  ['NIFTY', NFO, 24_500, 50, 140, 18],
  ['BANKNIFTY', NFO, 52_000, 100, 130, 6],
  ['FINNIFTY', NFO, 24_000, 50, 90, 4],
  ['MIDCPNIFTY', NFO, 12_500, 25, 90, 4],
  ['SENSEX', BFO, 80_500, 100, 160, 12],
  ['BANKEX', BFO, 61_000, 100, 100, 4],
  ['GOLD', MCX, 78_000, 100, 90, 6],
  ['CRUDEOIL', MCX, 5900, 50, 60, 6],
];

/** Random numbers from a seed: a linear congruence, good enough for made-up names. */
class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * count);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/** A made-up list like Kite's in size, mixture and symbol forms. The same for the same seed. */
export function madeList(seed = 1, rows = ROWS): string {
  const chance = new Chance(seed);
  const lines = [COLUMNS];
  let exchangeToken = 1000;
  const add = (segment: number, symbol: string, ...cells: Cells): void => {
    if (lines.length > rows) return;
    exchangeToken += 1 + chance.below(3);
    lines.push([exchangeToken * 256 + segment, exchangeToken, symbol, ...cells].join(','));
  };
  add(INDICES, 'NIFTY 50', '"NIFTY 50"', 0, '', 0, 0, 0, 'EQ', 'INDICES', 'NSE');
  add(INDICES, 'NIFTY BANK', '"NIFTY BANK"', 0, '', 0, 0, 0, 'EQ', 'INDICES', 'NSE');
  add(INDICES, 'SENSEX', '"SENSEX"', 0, '', 0, 0, 0, 'EQ', 'INDICES', 'BSE');
  for (const option of INDEX_OPTIONS) addDerivatives(add, ...option);
  const shares = Array.from({ length: 210 }, () => share(chance));
  for (const { symbol, price } of shares) {
    const step = Math.max(1, Math.round(price / 100));
    addDerivatives(add, symbol, NFO, Math.round(price / step) * step, step, 45, 3);
    addDerivatives(add, symbol, BFO, Math.round(price / step) * step, step, 12, 3);
  }
  for (const { symbol, name } of shares)
    add(NSE, symbol, quoted(name), 0, '', 0, 0.05, 1, 'EQ', 'NSE', 'NSE');
  while (lines.length <= rows) {
    const { symbol, name } = share(chance);
    const isNse = chance.below(3) === 0;
    const exchange = isNse ? 'NSE' : 'BSE';
    const suffix = isNse && chance.below(4) === 0 ? `-${chance.of(['BE', 'SM', 'GS', 'N1'])}` : '';
    add(isNse ? NSE : BSE, `${symbol}${suffix}`, quoted(name), 0, '', 0, 0.01, 1, 'EQ', exchange, exchange);
  }
  return `${lines.join('\n')}\n`;
}

function addDerivatives(
  add: (segment: number, symbol: string, ...cells: Cells) => void,
  name: string,
  segment: number,
  middle: number,
  step: number,
  strikes: number,
  expiries: number,
): void {
  const exchange = segment === NFO ? 'NFO' : segment === BFO ? 'BFO' : 'MCX';
  for (let index = 0; index < expiries; index++) {
    // Tuesdays: the first ones a week apart, the others a month.
    const weeks = expiries > 3 && index < 5 ? index : index * 4;
    const date = new Date(Date.UTC(2026, 11, 1 + 7 * weeks));
    const expiry = date.toISOString().slice(0, 10);
    const month = MONTHS[date.getUTCMonth()]!;
    const year = expiry.slice(2, 4);
    const code = expiries > 3 && index < 5 ? `${year}${month[0]}${expiry.slice(8)}` : `${year}${month}`;
    if (index < 3)
      add(
        segment,
        `${name}${year}${month}FUT`,
        quoted(name),
        0,
        expiry,
        0,
        0.05,
        75,
        'FUT',
        `${exchange}-FUT`,
        exchange,
      );
    for (let strike = middle - step * (strikes >> 1), left = strikes; left > 0; strike += step, left--)
      for (const type of ['CE', 'PE'])
        add(
          segment,
          `${name}${code}${strike}${type}`,
          quoted(name),
          0,
          expiry,
          strike,
          0.05,
          75,
          type,
          `${exchange}-OPT`,
          exchange,
        );
  }
}

function share(chance: Chance): { symbol: string; name: string; price: number } {
  const word = Array.from({ length: 2 + chance.below(3) }, () => chance.of(SYLLABLES)).join('');
  return { symbol: word, name: `${word} ${chance.of(TRADES)}`, price: 100 + chance.below(4000) };
}

/** A name as Kite writes it: in quotes, with inner quotes doubled. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
