/** Maps an index's symbol to the name on its derivatives, if they differ. */
const INDEX_NAMES: ReadonlyMap<string, string> = new Map([
  ['NIFTY 50', 'NIFTY'],
  ['NIFTY BANK', 'BANKNIFTY'],
  ['NIFTY FIN SERVICE', 'FINNIFTY'],
  ['NIFTY MID SELECT', 'MIDCPNIFTY'],
  ['NIFTY NEXT 50', 'NIFTYNXT50'],
]);

/** The exchanges with the derivatives of each exchange. */
const DERIVATIVES_OF: Readonly<Record<string, readonly string[]>> = {
  NSE: ['NFO', 'CDS'],
  BSE: ['BFO', 'BCD'],
};

/** An underlying, by its name on derivatives. */
export interface Underlying {
  /** `NIFTY`, `INFY`. */
  readonly name: string;
  /** The exchanges of its derivatives to consider; undefined: any. */
  readonly exchanges: readonly string[] | undefined;
}

/**
 * Reads an underlying in any spelling: the name on its derivatives (`NIFTY`, `NFO:NIFTY`), or its own name (`NSE:INFY`,
 * `NSE:NIFTY 50`, `NIFTY 50`).
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
