/** How the guide says that a program with @kite/manager is bundled. Each recipe gets a project's folder and puts whole programs into another. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{
 *   name: string,
 *   entry: string,
 *   isolation: 'worker' | 'inline',
 *   bundle: (project: string, out: string) => Promise<void>,
 * }} Recipe `entry` is the file to run, in the folder of the output
 */

/** The I/O worker's file, as it is installed. */
const WORKER = 'node_modules/@kite/manager/dist/io-worker.js';

/** @type {readonly Recipe[]} */
export const RECIPES = [
  {
    name: 'esbuild, ES modules',
    entry: 'app.js',
    isolation: 'worker',
    bundle: async (project, out) => {
      const { build } = await load(project, 'esbuild');
      await build({
        absWorkingDir: project,
        entryPoints: { app: 'app.js', 'io-worker': WORKER },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outdir: out,
        // For the CommonJS packages among what is bundled.
        banner: {
          js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        },
      });
    },
  },
  {
    name: 'esbuild, CommonJS',
    entry: 'app.cjs',
    isolation: 'worker',
    bundle: async (project, out) => {
      const { build } = await load(project, 'esbuild');
      await build({
        absWorkingDir: project,
        entryPoints: { app: 'app-with-url.cjs', 'io-worker': WORKER },
        bundle: true,
        platform: 'node',
        format: 'cjs',
        outdir: out,
        outExtension: { '.js': '.cjs' },
        logLevel: 'error',
      });
    },
  },
  {
    name: 'esbuild without the worker',
    entry: 'app.js',
    isolation: 'inline',
    bundle: async (project, out) => {
      const { build } = await load(project, 'esbuild');
      await build({
        absWorkingDir: project,
        entryPoints: { app: 'app.js' },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outdir: out,
        banner: {
          js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
        },
      });
    },
  },
  {
    name: 'Vite',
    entry: 'app.js',
    isolation: 'worker',
    bundle: async (project, out) => {
      const { build } = await load(project, 'vite');
      await build({
        root: project,
        logLevel: 'error',
        ssr: { noExternal: true },
        build: {
          ssr: true,
          outDir: out,
          rollupOptions: {
            input: { app: path.join(project, 'app.js'), 'io-worker': path.join(project, WORKER) },
            output: { entryFileNames: '[name].js' },
          },
        },
      });
    },
  },
  {
    name: 'webpack',
    entry: 'app.js',
    isolation: 'worker',
    bundle: async (project, out) => {
      const { webpack } = await load(project, 'webpack');
      const compiler = webpack({
        context: project,
        mode: 'production',
        target: 'node20',
        entry: { app: './app.js', 'io-worker': `./${WORKER}` },
        experiments: { outputModule: true },
        output: { path: out, filename: '[name].js', module: true, library: { type: 'module' } },
        // `new URL('./io-worker.js', import.meta.url)` stays as it is: the file is there.
        module: { parser: { javascript: { url: false, importMeta: false } } },
      });
      await new Promise((resolve, reject) => {
        compiler.run((/** @type {Error | null} */ error, /** @type {any} */ stats) => {
          if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
          else compiler.close(resolve);
        });
      });
    },
  },
];

/** The program that is bundled: it tells where its connections run, and that ticks come. */
const PROGRAM = `
  (async () => {
    process.on('warning', ({ name, message }) => told.push(name + ': ' + message));
    const told = [];
    const options = { apiKey: 'key-' + process.pid, accessToken: 'token', url: process.argv[2], maxConnections: 1 };
    const manager = new KiteTickerManager({ ...options, ...workerUrl });
    manager.on('issue', ({ issue }) => told.push(String(issue.code)));
    const ticked = new Promise((resolve) => manager.on('ticks', ({ ticks }) => resolve(ticks[0].instrumentToken)));
    await manager.start();
    await manager.subscribeSymbols([408065]);
    const token = await ticked;
    const { isolation, reasons, status } = manager.getHealth();
    console.log(JSON.stringify({ token, status, isolation, counted: manager.getStats().isolation, reasons, told }));
    await manager.stop();
  })();
`;

/** Writes what the recipes bundle. @param {string} project */
export function writePrograms(project) {
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(project, name), text + PROGRAM);
  write('app.js', "import { KiteTickerManager } from '@kite/manager';\nconst workerUrl = {};");
  write(
    'app-with-url.cjs',
    `const path = require('node:path');
     const { pathToFileURL } = require('node:url');
     const { KiteTickerManager } = require('@kite/manager');
     const workerUrl = { workerUrl: pathToFileURL(path.join(__dirname, 'io-worker.cjs')) };`,
  );
}

/** A bundler, as it is installed in the project. @param {string} project @param {string} name @returns {Promise<any>} */
async function load(project, name) {
  const module = await import(
    pathToFileURL(createRequire(path.join(project, 'package.json')).resolve(name)).href
  );
  return typeof module.default === 'function' ? module.default : module;
}
