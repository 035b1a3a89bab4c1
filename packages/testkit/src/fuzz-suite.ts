import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, test } from 'vitest';

import { bytesOfText, type FuzzTarget, MAX_FUZZ_LENGTH, textOfBytes } from './fuzz-target.js';
import { Mutator } from './mutator.js';

/** So many take about a second a target. `npm run nightly -- fuzz` goes on for a minute, led by the code that inputs reach. */
const RUNS = 1000;

/**
 * Runs targets on what is kept of earlier searches, and on a fixed number of inputs made from it.
 *
 * @param targets by the name of their file
 * @param folder of the targets, which has a file `<name>.corpus.json` for each
 */
export function fuzzSuite(targets: Readonly<Record<string, FuzzTarget>>, folder: URL): void {
  describe.each(Object.entries(targets))('%s', (name, target) => {
    const corpus = corpusOf(new URL(`${name}.corpus.json`, folder));
    const inputs = [...target.seeds, ...corpus];

    test('keep their guarantees on every input of the corpus', async () => {
      for (const input of inputs) await attempt(target, input);
    });

    test(`keep them on ${RUNS} inputs near those`, async () => {
      const mutator = new Mutator({
        seed: fc.readConfigureGlobal().seed ?? 0,
        maxLength: target.maxLength ?? MAX_FUZZ_LENGTH,
        words: (target.words ?? []).map(bytesOfText),
      });
      const any = () => inputs[mutator.below(inputs.length)]!;
      for (let run = 0; run < RUNS; run++) await attempt(target, mutator.next(any(), any()));
    });
  });
}

async function attempt(target: FuzzTarget, input: Uint8Array): Promise<void> {
  try {
    await target.run(input);
  } catch (cause) {
    throw new Error(`fails on ${JSON.stringify(textOfBytes(input))}`, { cause });
  }
}

function corpusOf(file: URL): Uint8Array[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as string[]).map(bytesOfText);
}
