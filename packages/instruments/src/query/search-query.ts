/** Restrictions of a search. */
export interface SearchOptions {
  /** Only instruments of this exchange: `NSE`, `NFO`. Default: all. */
  exchange?: string | undefined;
  /** Only instruments of this type: `EQ`, `FUT`, `CE` or `PE`. Default: all. */
  type?: string | undefined;
  /** The most results to return. Default: 20. */
  limit?: number | undefined;
}

/** A typed search, parsed. */
export interface SearchQuery {
  /** The whole text, in capitals and with single spaces. */
  readonly text: string;
  /** The first word: a symbol, a name, or the beginning of one. Empty if the text is. */
  readonly first: string;
  /** The other words that a symbol or a name must have. */
  readonly words: readonly string[];
  /** Numbers among the other words: a strike, or a word of a name. */
  readonly numbers: readonly string[];
  readonly exchange: string | undefined;
  readonly type: string | undefined;
}

/** Words that mean a type, unless they come first. */
const TYPES: Readonly<Record<string, string>> = {
  CE: 'CE',
  CALL: 'CE',
  PE: 'PE',
  PUT: 'PE',
  FUT: 'FUT',
  FUTURE: 'FUT',
  EQ: 'EQ',
};

/** Parses a search. `NSE:` before the first word is the exchange. */
export function parseQuery(text: string, options: SearchOptions): SearchQuery {
  const words = text.toUpperCase().split(/\s+/u).filter(Boolean);
  let wanted = options.exchange?.toUpperCase();
  let wantedType = options.type?.toUpperCase();
  const prefix = /^([A-Z]+):(.*)$/u.exec(words[0] ?? '');
  if (prefix) {
    wanted ??= prefix[1]!;
    if (prefix[2] === '') words.shift();
    else words[0] = prefix[2]!;
  }
  const [first = '', ...others] = words;
  const rest: string[] = [];
  const numbers: string[] = [];
  for (const word of others) {
    const type = Object.hasOwn(TYPES, word) ? TYPES[word]! : undefined;
    if (type !== undefined && type === (wantedType ?? type)) wantedType = type;
    else if (/^\d+(\.\d+)?$/u.test(word)) numbers.push(word);
    else rest.push(word);
  }
  return { text: words.join(' '), first, words: rest, numbers, exchange: wanted, type: wantedType };
}
