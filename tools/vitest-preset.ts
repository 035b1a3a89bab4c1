import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

import { bundledWorkers } from './bundled-workers.js';

const packagesDirectory = fileURLToPath(new URL('../packages/', import.meta.url));

/**
 * Siblings by name, from their sources: tests need no build, and a stack trace shows the line that was
 * written. An alias, because `resolve.conditions` does not reach tests in Node, and
 * `ssr.resolve.conditions` leaks into worker threads.
 */
const alias = readdirSync(packagesDirectory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    find: new RegExp(`^@kite/${name}$`),
    replacement: `${packagesDirectory}${name}/src/index.ts`,
  }));

/**
 * How every package is tested. A package's `vitest.config.ts` calls this and adds at most its own. `npm run nightly` sets
 * `KITE_TEST_NODE` to the major of the Node that it wants.
 */
export function packageTests(test: NonNullable<ViteUserConfig['test']> = {}) {
  const major = process.env['KITE_TEST_NODE'];
  if (major && !process.version.startsWith(`v${major}.`))
    throw new Error(`These tests should run on Node ${major}, not on ${process.version}.`);
  return defineConfig({
    resolve: { alias },
    plugins: [bundledWorkers()],
    test: {
      // Live tests need real credentials: `KITE_LIVE=1 npx vitest run`, and only by those who hold them.
      exclude: ['**/node_modules/**', ...(process.env['KITE_LIVE'] ? [] : ['**/*.live.test.ts'])],
      setupFiles: [fileURLToPath(new URL('./property-seed.ts', import.meta.url))],
      // Nx runs two projects at a time: together they take all cores, and no socket's peer waits for one.
      maxWorkers: '50%',
      // A machine that is busy with other things is slow, which is no failure: no guarantee is about the time it took.
      testTimeout: 20_000,
      hookTimeout: 20_000,
      projects: [
        // These share their modules: nothing in them is global, and to load them anew for each file costs half of the time.
        {
          extends: true,
          test: { name: 'in memory', include: ['test/{pure,fake}/**/*.test.ts'], isolate: false },
        },
        // All others have real sockets, threads and processes.
        {
          extends: true,
          test: { name: 'real', include: ['test/**/*.test.ts'], exclude: ['test/{pure,fake}/**'] },
        },
      ],
      reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
      coverage: { provider: 'v8', include: ['src/**'], reportsDirectory: 'coverage' },
      ...test,
    },
  });
}
