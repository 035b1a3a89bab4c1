// `npm run differential`: decoders in other languages on the same random frames as ours. The exit code is 1 if a
// decoder shows a difference that is not on its list, or if a listed difference is gone. A client without its language
// here is skipped and named.
import { command, count, integer } from '../command-line.js';
import { CRATE, GO, type NativeClient, PYTHON, reasonOf, RUST } from '../native/clients.js';
import { compare } from './compare.js';
import { CRATE_DECODER } from './crate.js';
import { GO_DECODER } from './go.js';
import { PYTHON_DECODER } from './python.js';
import type { Decoder } from './reading.js';
import { RUST_DECODER } from './rust.js';

const DECODERS: readonly [NativeClient, Decoder][] = [
  [PYTHON, PYTHON_DECODER],
  [GO, GO_DECODER],
  [RUST, RUST_DECODER],
  [CRATE, CRATE_DECODER],
];

await command(
  'npm run differential --',
  'Compares the decoders of clients in other languages with ours, on random frames.',
)
  .option('--frames <n>', 'frames for each', count, 1_000_000)
  .option('--seed <n>', 'of the frames', integer, 20261130)
  .action(async ({ frames, seed }: { frames: number; seed: number }) => {
    for (const [client, decoder] of DECODERS) await run(client, decoder, frames, seed);
  })
  .parseAsync();

async function run(client: NativeClient, decoder: Decoder, frames: number, seed: number): Promise<void> {
  const { name } = client;
  let decode: readonly string[];
  try {
    decode = (await client.build())('decode');
  } catch (error) {
    console.log(`${name} is left out: ${reasonOf(error)}`);
    return;
  }
  try {
    const seen = await compare(decoder, decode, frames, seed);
    console.log(`${name}: ${frames} frames, seed ${seed}, nothing differs but:`);
    for (const [difference, times] of seen) console.log(`  ${difference}: ${times} times`);
    const gone = decoder.differences.filter((difference) => !seen.has(difference));
    if (gone.length === 0) return;
    console.error(`${name}: take off the list what was not seen: ${gone.join('; ')}`);
  } catch (error) {
    console.error(`${name}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  }
  process.exitCode = 1;
}
