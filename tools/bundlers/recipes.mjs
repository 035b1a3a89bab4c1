/** How the guide says that a program with @kite/manager is bundled. Each recipe gets a project's folder and puts whole programs into another. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { askNext, buildNext } from './next-server.mjs';
import { NEXT_BUNDLED, NEXT_EXTERNAL } from './programs.mjs';

/**
 * @typedef {{
 *   name: string,
 *   entry: string,
 *   isolation: 'worker' | 'inline',
 *   isInstalled?: boolean,
 *   bundle: (project: string, out: string) => Promise<void>,
 *   ask?: (project: string, url: string) => Promise<string>,
 * }} Recipe `entry` is the file to run, in the folder of the output; `isInstalled`: that folder is in the project, where
 *   the packages are; `ask` runs what is no file
 */

/** The I/O worker's file, as it is installed. */
const WORKER = 'node_modules/@kite/manager/dist/io-worker.js';

/** ES modules, with a `require` for the CommonJS packages among what is bundled. */
const WITH_REQUIRE = {
  format: 'esm',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
};

/** @type {readonly Recipe[]} */
export const RECIPES = [
  {
    name: 'esbuild, ES modules',
    entry: 'app.js',
    isolation: 'worker',
    bundle: (project, out) =>
      esbuild(project, out, { entryPoints: { app: 'app.js', 'io-worker': WORKER }, ...WITH_REQUIRE }),
  },
  {
    name: 'esbuild, CommonJS',
    entry: 'app.cjs',
    isolation: 'worker',
    bundle: (project, out) =>
      esbuild(project, out, {
        entryPoints: { app: 'app-with-url.cjs', 'io-worker': WORKER },
        format: 'cjs',
        outExtension: { '.js': '.cjs' },
        logLevel: 'error',
      }),
  },
  {
    name: 'esbuild without the worker',
    entry: 'app.js',
    isolation: 'inline',
    bundle: (project, out) => esbuild(project, out, { entryPoints: { app: 'app.js' }, ...WITH_REQUIRE }),
  },
  {
    name: 'Vite',
    entry: 'app.js',
    isolation: 'worker',
    bundle: (project, out) =>
      vite(project, {
        ssr: { noExternal: true },
        build: {
          ssr: true,
          outDir: out,
          rollupOptions: {
            input: { app: path.join(project, 'app.js'), 'io-worker': path.join(project, WORKER) },
            output: { entryFileNames: '[name].js' },
          },
        },
      }),
  },
  {
    name: 'webpack',
    entry: 'app.js',
    isolation: 'worker',
    bundle: (project, out) =>
      webpack(project, {
        entry: { app: './app.js', 'io-worker': `./${WORKER}` },
        output: { path: out, filename: '[name].js', module: true, library: { type: 'module' } },
        // `new URL('./io-worker.js', import.meta.url)` stays as it is: the file is there.
        module: { parser: { javascript: { url: false, importMeta: false } } },
      }),
  },
  {
    name: 'esbuild, packages external',
    entry: 'app.js',
    isolation: 'worker',
    isInstalled: true,
    bundle: (project, out) =>
      esbuild(project, out, { entryPoints: { app: 'app.js' }, packages: 'external', format: 'esm' }),
  },
  {
    name: 'Vite, packages external',
    entry: 'app.js',
    isolation: 'worker',
    isInstalled: true,
    bundle: (project, out) => vite(project, { build: { ssr: 'app.js', outDir: out } }),
  },
  {
    name: 'webpack, the package external',
    entry: 'app.js',
    isolation: 'worker',
    isInstalled: true,
    bundle: (project, out) =>
      webpack(project, {
        entry: { app: './app.js' },
        output: { path: out, filename: '[name].js', module: true, library: { type: 'module' } },
        externals: { '@kite/manager': 'module @kite/manager' },
      }),
  },
  ...[
    { name: 'Next.js, the package external', app: NEXT_EXTERNAL, isolation: /** @type {const} */ ('worker') },
    { name: 'Next.js, bundled', app: NEXT_BUNDLED, isolation: /** @type {const} */ ('worker') },
  ].map(({ name, app, isolation }) => ({
    name,
    entry: '',
    isolation,
    bundle: (/** @type {string} */ project) => buildNext(project, app),
    ask: (/** @type {string} */ project, /** @type {string} */ url) => askNext(project, app, url),
  })),
];

/** @param {string} project @param {string} out @param {object} options */
async function esbuild(project, out, options) {
  const { build } = await load(project, 'esbuild');
  await build({ absWorkingDir: project, outdir: out, bundle: true, platform: 'node', ...options });
}

/** @param {string} project @param {object} options */
async function vite(project, options) {
  const { build } = await load(project, 'vite');
  await build({ root: project, logLevel: 'error', ...options });
}

/** @param {string} project @param {object} options */
async function webpack(project, options) {
  const { webpack: compilerOf } = await load(project, 'webpack');
  const compiler = compilerOf({
    context: project,
    mode: 'production',
    target: 'node20',
    experiments: { outputModule: true },
    ...options,
  });
  await new Promise((resolve, reject) => {
    compiler.run((/** @type {Error | null} */ error, /** @type {any} */ stats) => {
      if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
      else compiler.close(resolve);
    });
  });
}

/** A bundler, as it is installed in the project. @param {string} project @param {string} name @returns {Promise<any>} */
async function load(project, name) {
  const module = await import(
    pathToFileURL(createRequire(path.join(project, 'package.json')).resolve(name)).href
  );
  return typeof module.default === 'function' ? module.default : module;
}
