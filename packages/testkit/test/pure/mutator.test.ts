import { expect, test } from 'vitest';
import { bytesOfText, Mutator, textOfBytes } from '@kite/testkit';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const options = { seed: 7, maxLength: 300, words: [bytesOfText('null')] };

function inputs(mutator: Mutator): string[] {
  return Array.from({ length: 500 }, () => textOfBytes(mutator.next(ALL_BYTES, bytesOfText('other'))));
}

test('the same seed makes the same inputs, another one makes others', () => {
  const made = inputs(new Mutator(options));
  expect(inputs(new Mutator(options))).toEqual(made);
  expect(inputs(new Mutator({ ...options, seed: 8 }))).not.toEqual(made);
});

test('inputs differ, hold words and parts of others, are no longer than allowed, and leave what they are made from', () => {
  const made = inputs(new Mutator(options));
  expect(new Set(made).size).toBeGreaterThan(480);
  expect(made.some((input) => input.includes('null'))).toBe(true);
  expect(made.some((input) => input.includes('other'))).toBe(true);
  expect(Math.max(...made.map(({ length }) => length))).toBeLessThanOrEqual(300);
  expect(ALL_BYTES).toEqual(Uint8Array.from({ length: 256 }, (_, byte) => byte));
});

test('bytes are the same after a way through text', () => {
  expect(bytesOfText(textOfBytes(ALL_BYTES))).toEqual(ALL_BYTES);
});
