const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;

/** So many digits are an integer that a number holds exactly. */
const MOST_DIGITS = 15;

/** Powers of ten that a number holds exactly. */
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** A cell with more characters is no number that anybody means. */
const MOST_CHARACTERS = 40;

/** What is not plain digits. */
const RARE = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What `parseNumber` gives for a cell that is no number; NaN stands for an empty one. */
export const NOT_A_NUMBER = Infinity;

/**
 * The number in a cell, correctly rounded: digits with at most one point, a minus and an exponent. NaN for an empty cell, which has no
 * value; {@link NOT_A_NUMBER} for anything else.
 */
export function parseNumber(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return NaN;
  const first = bytes[from] === MINUS ? from + 1 : from;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = first; at < to; at++) {
    const byte = bytes[at]!;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === POINT && decimals < 0) decimals = 0;
    else return rareNumber(bytes, from, to);
  }
  if (digits === 0) return NOT_A_NUMBER;
  // One division of two exact numbers is rounded once. Longer ones are rare: the engine does those.
  if (digits > MOST_DIGITS) return rareNumber(bytes, from, to);
  const size = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return first > from && size !== 0 ? -size : size;
}

function rareNumber(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > MOST_CHARACTERS) return NOT_A_NUMBER;
  const text = String.fromCharCode(...bytes.subarray(from, to));
  // A value beyond all numbers is Infinity, and so refused as well.
  return RARE.test(text) ? Number(text) || 0 : NOT_A_NUMBER;
}
