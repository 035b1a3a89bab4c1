import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { dayHash } from '../support/day-hash.js';

const PROGRAM = fileURLToPath(new URL('../support/print-day-hash.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The hash of a day that another process has run. */
async function hashElsewhere(seed: number): Promise<string> {
  const args = ['--import', TSX, '--conditions=@kite/source', PROGRAM, String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout.trim();
}

test('a seed makes the same day in every process, and another seed another day', async () => {
  const [here, elsewhere] = await Promise.all([dayHash({ seed: 7, faults: 'swarm' }), hashElsewhere(7)]);
  expect(here).toMatch(/^[0-9a-f]{16}$/);
  expect(elsewhere).toBe(here);
  expect(await dayHash({ seed: 8, faults: 'swarm' })).not.toBe(here);
});
