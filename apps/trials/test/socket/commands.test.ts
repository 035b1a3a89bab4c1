import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const here = fileURLToPath(new URL('../../', import.meta.url));
/** In the package, so that what is not bundled is found. */
const built = path.join(here, 'test-results/commands');

beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  await build({
    absWorkingDir: here,
    entryPoints: ['src/trial.ts', 'src/trials.ts', 'src/chaos.ts', 'src/bus-trial.ts'],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20' },
    conditions: ['@kite/source'],
    external: ['commander', 'ws', 'selfsigned', '@nats-io/*'],
    outdir: built,
  });
}, 60_000);

function run(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(built, `${name}.js`), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.each(['trial', 'trials', 'chaos', 'bus-trial'])('npm run %s', (name) => {
  test('explains each option on --help, in 80 columns', () => {
    const { status, stdout, stderr } = run(name, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name} -- `));
    expect(stdout).toMatch(/^ {2}--seed.* {2}\S/m);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('refuses what it does not know by its name, with exit code 2', () => {
    const { status, stdout, stderr } = run(name, '--sedes', '1');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: unknown option '--sedes'\n(\(Did you mean --seed.*\?\)\n)?see --help\n$/);
  });
});

test.each([
  [
    'trials',
    ['--seeds', 'ten'],
    "option '--seeds <N>' argument 'ten' is invalid. Allowed: an integer from 1.",
  ],
  ['trials', ['--seeds', '0'], "option '--seeds <N>' argument '0' is invalid. Allowed: an integer from 1."],
  ['trials', ['--seed', ''], "option '--seed <N>' argument '' is invalid. Allowed: an integer."],
  ['trials', ['--seeds'], "option '--seeds <N>' argument missing"],
  [
    'trials',
    ['--mode', 'FULL', '--kills', '1'],
    "option '--mode <MODE>' argument 'FULL' is invalid. Allowed: ltp, quote, full.",
  ],
  ['trials', ['--mutants', 'nothing.patch'], 'there is no file or folder nothing.patch'],
  ['trials', ['one.patch'], "only --mutants takes a patch: 'one.patch'"],
  ['trial', [], '--seed or --known is missing; see --help'],
  ['chaos', ['--minutes', '0'], "option '--minutes <N>' argument '0' is invalid. Allowed: a number above 0."],
  ['bus-trial', ['extra'], 'too many arguments. Expected 0 arguments but got 1.'],
])('npm run %s %j says what is allowed', (name, args, text) => {
  const { status, stdout, stderr } = run(name, ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.split('\n')[0]).toBe(`error: ${text}`);
});
