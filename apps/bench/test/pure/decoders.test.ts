import { expect, test } from 'vitest';

import { compare } from '../../src/differential/compare.js';
import { PYTHON_DECODER } from '../../src/differential/python.js';

const SEED = 1;

/** A decoder that makes the same of every frame, for as many frames as there are. */
function decoder(line: string, lines: number): string[] {
  const program = `process.stdin.resume(); console.log(Array(${lines}).fill('${line}').join('\\n'));`;
  return [process.execPath, '-e', program];
}

test('a decoder that reads something else than its list says is told, with the frame', async () => {
  await expect(compare(PYTHON_DECODER, decoder('[]', 2), 2, SEED)).rejects.toThrow(
    /^frame 1 \([0-9a-f]+\) is\n\[\]\nand not\n/,
  );
});

test('a decoder that ends early is told', async () => {
  const nothing = { differences: [], reading: () => undefined };
  const program = [process.execPath, '-e', ''];
  await expect(compare(nothing, program, 3, SEED)).rejects.toThrow('it read 0 of 3 frames');
});

test('a decoder that is not there is told', async () => {
  await expect(compare(PYTHON_DECODER, ['/no/such/decoder'], 3, SEED)).rejects.toThrow('ENOENT');
});
