import { readdir, readFile, writeFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

/**
 * For a package whose code asks for `import.meta.url`, which CommonJS has not, to find a file beside its own. Not tsup's
 * `shims`: they make a URL of the path by hand, and break where it has a `#`.
 */
export const moduleUrlInCommonJs: Options = {
  esbuildOptions(options, { format }) {
    if (format !== 'cjs') return;
    options.define = { ...options.define, 'import.meta.url': 'moduleUrl' };
    options.banner = { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" };
  },
};

/**
 * How every package is built: ESM and CommonJS, each with its own types, one file a format.
 *
 * The only place that knows tsup's options, so that another bundler is one edit. A package's
 * `tsup.config.ts` calls this and adds at most its further entries.
 */
export function packageBuild(overrides: Options = {}) {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'node20',
    tsconfig: 'tsconfig.src.json',
    // Off for workers too: each entry is one flat file, whose URL can be told from its sibling's.
    splitting: false,
    shims: false,
    clean: true,
    sourcemap: true,
    treeshake: true,
    // Private, and so a part of each package that uses it.
    noExternal: ['@kite/kit'],
    dts: {
      // Commands and workers have no types, whatever else is built.
      entry: 'src/index.ts',
      compilerOptions: {
        composite: false,
        incremental: false,
        // Siblings are read as their users will read them: built, through `types`.
        customConditions: [],
        // tsup's declaration bundler sets baseUrl, which TypeScript 6 deprecates (TS5101).
        ignoreDeprecations: '6.0',
      },
    },
    onSuccess: withoutSources,
    ...overrides,
  });
}

/** The sources lie in the package, in `src`: its source maps need not hold them again. */
async function withoutSources(): Promise<void> {
  for (const file of await readdir('dist')) {
    if (!file.endsWith('.map')) continue;
    const map = JSON.parse(await readFile(`dist/${file}`, 'utf8')) as { sourcesContent?: unknown };
    delete map.sourcesContent;
    await writeFile(`dist/${file}`, JSON.stringify(map));
  }
}
