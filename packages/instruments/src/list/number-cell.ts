const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const POINT = 0x2e;

/** A number holds an integer of this many digits exactly. */
const MOST_DIGITS = 15;

/** Powers of ten that a number holds exactly. */
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** No real number in a list has more characters. */
const MOST_CHARACTERS = 40;

/** Numbers that are not plain digits. */
const RARE = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The result of `parseNumber` for a cell that is no number; NaN stands for an empty one. */
export const NOT_A_NUMBER = Infinity;

/**
 * The number in a cell, correctly rounded: digits with at most one point, a minus and an exponent. NaN for an empty
 * cell; {@link NOT_A_NUMBER} for anything else.
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
  // Dividing two exact numbers rounds once. Longer numbers are rare: leave them to the engine.
  if (digits > MOST_DIGITS) return rareNumber(bytes, from, to);
  const size = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return first > from && size !== 0 ? -size : size;
}

function rareNumber(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > MOST_CHARACTERS) return NOT_A_NUMBER;
  const text = String.fromCharCode(...bytes.subarray(from, to));
  // Too large a value is Infinity, and so is refused as well.
  return RARE.test(text) ? Number(text) || 0 : NOT_A_NUMBER;
}
