import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outdir = `${root}dist/test/`;
const TIMEOUT_MS = 300_000;

interface Card {
  passed: boolean;
  rows: { id: number; passed: boolean; why: string }[];
}

/** Runs the suite of the simulator's command on a client, both bundled from source. */
async function conformanceOf(command: readonly string[]): Promise<Card & { code: number }> {
  await build({
    entryPoints: {
      simulator: `${root}../../packages/simulator/src/cli.ts`,
      ours: `${root}src/conformance/ours.ts`,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@kite/source'],
    external: ['ws', 'commander'],
    outdir: `${outdir}conformance/`,
    // The command reads its version from the file above it.
    define: { 'import.meta.url': JSON.stringify(`file://${root}dist/simulator.js`) },
    logLevel: 'silent',
  });
  const args = [
    `${outdir}conformance/simulator.js`,
    'conformance',
    '--json',
    '--patience',
    '60s',
    '--',
    ...command,
  ];
  const { stdout, code } = await promisify(execFile)(process.execPath, args, { timeout: TIMEOUT_MS }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (error: unknown) => error as { stdout: string; code: number },
  );
  return { ...(JSON.parse(stdout) as Card), code };
}

test(
  'our client does everything that the conformance suite looks at, and the command ends with 0',
  async () => {
    const { rows, passed, code } = await conformanceOf([process.execPath, `${outdir}conformance/ours.js`]);
    expect(rows.filter((row) => !row.passed)).toEqual([]);
    expect([rows.length, passed, code]).toEqual([40, true, 0]);
  },
  TIMEOUT_MS,
);
