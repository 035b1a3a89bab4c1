import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { transform } from 'esbuild';
import { describe, expect, test } from 'vitest';
import * as kite from '@kite/protocol';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The blocks that say with `// →` what they print. */
const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)]
  .map(([, code = '']) => ({ code, printed: [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => line) }))
  .filter(({ printed }) => printed.length > 0);

async function run(code: string): Promise<string[]> {
  const { code: script } = await transform(code, { loader: 'ts', format: 'cjs', target: 'es2022' });
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(values.map(String).join(' ')) };
  runInNewContext(script, { console, require: () => kite, module: {}, parseInt });
  return printed;
}

describe('the README', () => {
  test('has programs to run', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5);
  });

  test.each(blocks)('prints what it says that it prints: %#', async ({ code, printed }) => {
    expect(await run(code)).toEqual(printed);
  });

  test('names every export and every error code', () => {
    const names = [...Object.keys(kite), ...Object.keys(kite.PROTOCOL_ERRORS)];
    expect(names.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
  });
});
