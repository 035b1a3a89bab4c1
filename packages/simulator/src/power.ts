/** How many binary digits of an exponent's fraction count. */
const FRACTION_BITS = 40;

/**
 * `base ** exponent` for a base from 0, using only products and square roots. Unlike `**` and `Math.exp`, they give
 * exactly the same result in every engine, so a seed means the same market everywhere.
 *
 * @param fractionBits fewer are faster and less exact; the result is still the same everywhere
 */
export function power(base: number, exponent: number, fractionBits = FRACTION_BITS): number {
  if (exponent < 0) return 1 / power(base, -exponent, fractionBits);
  let result = 1;
  let whole = Math.floor(exponent);
  let fraction = exponent - whole;
  for (let square = base; whole > 0; whole = Math.floor(whole / 2), square *= square)
    if (whole % 2 === 1) result *= square;
  let root = base;
  for (let bit = 0; bit < fractionBits && fraction > 0; bit++) {
    root = Math.sqrt(root);
    fraction *= 2;
    if (fraction < 1) continue;
    fraction -= 1;
    result *= root;
  }
  return result;
}
