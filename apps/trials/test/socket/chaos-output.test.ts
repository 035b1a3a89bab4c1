import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const here = fileURLToPath(new URL('../../', import.meta.url));
/** In the package, so that what is not bundled is found. */
const built = path.join(here, 'test-results/chaos');

/** A run starts processes, waits for rounds to end, and shares the machine. */
const RUN = 300_000;

/** What stands in every key and token of a run. */
const MARK = 'of-chaos';

/** The mark as it stands, in hex, and in base64 wherever in a secret it begins: without the characters that its neighbours change. */
const SPELLINGS = [
  MARK,
  Buffer.from(MARK).toString('hex'),
  ...['', '.', '..'].map((before) => {
    const whole = Buffer.from(`${before}${MARK}`).toString('base64').replace(/=+$/, '');
    return whole.slice(before === '' ? 0 : before.length + 1, -1);
  }),
];

function shown(output: string): string[] {
  return SPELLINGS.filter((spelling) => output.includes(spelling));
}

beforeAll(async () => {
  mkdirSync(built, { recursive: true });
  const children = readdirSync(path.join(here, 'src/chaos/children')).map(
    (file) => `src/chaos/children/${file}`,
  );
  await build({
    absWorkingDir: here,
    entryPoints: ['src/chaos.ts', ...children],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outdir: built, logLevel: 'error' },
    conditions: ['@kite/source'],
    external: ['commander', 'ws', 'selfsigned'],
  });
}, RUN);

describe('no key and no token stands in what a run of chaos prints', () => {
  test.each([1])(
    'with the seed %i, on either output, with all that Node itself can tell (starts children)',
    async (seed) => {
      const child = spawn(
        process.execPath,
        [path.join(built, 'chaos.js'), '--minutes', '0.02', '--seed', String(seed)],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, NODE_OPTIONS: '--trace-warnings --trace-uncaught' },
        },
      );
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      await once(child, 'close');
      expect(output).toMatch(/ticks sent/);
      expect(shown(output)).toEqual([]);
    },
    RUN,
  );

  test('and it would be found, as it stands and in other spellings', () => {
    const secret = 'access-token-0-of-chaos-1-7-0';
    expect(shown(`could not dial ?access_token=${secret}`)).not.toEqual([]);
    expect(shown(Buffer.from(secret).toString('hex'))).not.toEqual([]);
    for (const user of ['', 'u', 'us'])
      expect(shown(Buffer.from(user + secret).toString('base64'))).not.toEqual([]);
  });
});
