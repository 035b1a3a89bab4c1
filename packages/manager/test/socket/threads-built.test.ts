import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type Options } from 'tsup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulator } from '@kite/simulator';

import config from '../../tsup.config.js';

/** With a character that is special in URLs: where a package is installed is not its choice. */
const directory = path.resolve('test-results/built #1');

const program = `
  (async () => {
    const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token', url: process.argv[2] });
    manager.on('issue', ({ issue }) => console.log('issue ' + issue.code));
    const ticked = new Promise((resolve) => manager.on('ticks', ({ ticks }) => resolve(ticks[0].instrumentToken)));
    await manager.start();
    await manager.subscribeSymbols([408065]);
    console.log('ticked ' + (await ticked));
    await manager.stop();
  })();
`;

const programs = {
  'esm.mjs': `import { KiteTickerManager } from './index.js';${program}`,
  'commonjs.cjs': `const { KiteTickerManager } = require('./index.cjs');${program}`,
};

async function run(file: string, url: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path.join(directory, file), url], {
    timeout: 20_000,
  });
  return stdout + stderr;
}

describe('the package as it is built', () => {
  beforeAll(async () => {
    const own = config as Options;
    await build({
      ...own,
      config: false,
      silent: true,
      dts: false,
      sourcemap: false,
      onSuccess: () => Promise.resolve(),
      outDir: directory,
      // Siblings from their sources, so that nothing has to be built first.
      noExternal: [/^@kite\//],
      external: ['ws'],
      esbuildOptions(options, context) {
        own.esbuildOptions?.(options, context);
        options.conditions = ['@kite/source'];
      },
    });
    for (const [file, text] of Object.entries(programs)) writeFileSync(path.join(directory, file), text);
  }, 60_000);

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test.each(Object.keys(programs))(
    'finds its worker (%s), and nothing keeps the process alive after stop()',
    async (file) => {
      await using simulator = await startSimulator({ ticksPerSecond: 0 });
      expect(await run(file, simulator.url)).toBe('ticked 408065\n');
      expect(simulator.connections).toEqual([]);
    },
  );

  test('runs in the main thread, and says so, where a bundler has left the worker behind', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0 });
    rmSync(path.join(directory, 'io-worker.js'));
    expect(await run('esm.mjs', simulator.url)).toMatch(
      /^issue KITE_MANAGER_THREADS_UNAVAILABLE\nticked 408065\n.*KiteWarning: no I\/O worker could start: .*io-worker/,
    );
  });
});
