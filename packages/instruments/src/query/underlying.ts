/** Index options and futures carry another name than the index itself. The index's symbol, and the name on its derivatives. */
const INDEX_NAMES: ReadonlyMap<string, string> = new Map([
  ['NIFTY 50', 'NIFTY'],
  ['NIFTY BANK', 'BANKNIFTY'],
  ['NIFTY FIN SERVICE', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NIFTY NEXT 50', 'NIFTYNXT50'],
]);

/** Where what is traded on an exchange has its derivatives. */
const DERIVATIVES_OF: Readonly<Record<string, readonly string[]>> = {
  NSE: ['NFO', 'CDS'],
  BSE: ['BFO', 'BCD'],
};

/** An underlying, as derivatives name it. */
export interface Underlying {
  /** `NIFTY`, `INFY`. */
  readonly name: string;
  /** The exchanges of its derivatives that are meant; undefined: any. */
  readonly exchanges: readonly string[] | undefined;
}

/**
 * Reads an underlying in any of its spellings: the name on its derivatives (`NIFTY`, `NFO:NIFTY`), or the name of what is
 * traded (`NSE:INFY`, `NSE:NIFTY 50`, `NIFTY 50`).
 */
export function parseUnderlying(text: string): Underlying {
  const upper = text.trim().toUpperCase();
  const colon = upper.indexOf(':');
  const symbol = upper.slice(colon + 1).trim();
  const name = INDEX_NAMES.get(symbol) ?? symbol;
  if (colon < 0) return { name, exchanges: undefined };
  const exchange = upper.slice(0, colon).trim();
  return {
    name,
    exchanges: Object.hasOwn(DERIVATIVES_OF, exchange) ? DERIVATIVES_OF[exchange]! : [exchange],
  };
}
