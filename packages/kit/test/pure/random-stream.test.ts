import { describe, expect, test } from 'vitest';
import { RandomStream, scramble } from '@kite/kit';

describe('a random stream', () => {
  test('begins with these numbers, so that a seed means the same from version to version', () => {
    const stream = new RandomStream(scramble(847));
    const drawn = Array.from({ length: 4 }, () => stream.next() * 0x1_0000_0000);
    expect(drawn).toMatchInlineSnapshot(`
      [
        2151155868,
        616589876,
        515315716,
        2997091418,
      ]
    `);
  });

  test('is spread evenly from 0 to 1, also where the counter begins next to another', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 1000; seed++) {
      const stream = new RandomStream(scramble(seed));
      for (let n = 0; n < 10; n++) tenths[Math.floor(stream.next() * 10)]!++;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test('scrambling maps different words to different words', () => {
    const words = new Set(Array.from({ length: 100_000 }, (_, n) => scramble(n)));
    expect(words.size).toBe(100_000);
  });
});
