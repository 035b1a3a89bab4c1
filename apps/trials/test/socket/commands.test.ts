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
    external: ['ws', 'selfsigned', '@nats-io/*'],
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

  test('refuses what it does not know in one line, with exit code 2', () => {
    expect(run(name, '--sedes', '1')).toEqual({
      status: 2,
      stdout: '',
      stderr: "error: unknown option '--sedes'; see --help\n",
    });
  });
});

test.each([
  ['trials', ['--seeds', 'ten'], "--seeds is 'ten'; allowed: an integer from 1"],
  ['trials', ['--seeds', '0'], "--seeds is '0'; allowed: an integer from 1"],
  ['trials', ['--seed', ''], "--seed is ''; allowed: an integer"],
  ['trials', ['--seeds'], "option '--seeds <value>' argument missing; see --help"],
  ['trials', ['--mode', 'FULL', '--kills', '1'], "--mode is 'FULL'; allowed: ltp, quote, full"],
  ['trials', ['--mutants', 'nothing.patch'], 'there is no file or folder nothing.patch'],
  ['trials', ['one.patch'], "nothing is done with 'one.patch'; see --help"],
  ['trial', [], '--seed or --known is missing; see --help'],
  ['chaos', ['--minutes', '0'], "--minutes is '0'; allowed: a number above 0"],
  ['bus-trial', ['extra'], "unexpected argument 'extra'; see --help"],
])('npm run %s %j says what is allowed', (name, args, text) => {
  expect(run(name, ...args)).toEqual({ status: 2, stdout: '', stderr: `error: ${text}\n` });
});
