/** Infosys, a share on NSE. */
export const INFY = 408065;

/** Reliance, a share on NSE. */
export const RELIANCE = 738561;

/** NIFTY 50, an index. */
export const NIFTY = 256265;

/** Tokens of this many NSE instruments, which have a market on the simulator. */
export function instruments(count: number, first = 20_000): number[] {
  return Array.from({ length: count }, (_, index) => (first + index) * 256 + 1);
}
