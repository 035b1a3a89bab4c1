import { defineConfig, type Options } from 'tsup';

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
    dts: {
      compilerOptions: {
        composite: false,
        incremental: false,
        // Siblings are read as their users will read them: built, through `types`.
        customConditions: [],
        // tsup's declaration bundler sets baseUrl, which TypeScript 6 deprecates (TS5101).
        ignoreDeprecations: '6.0',
      },
    },
    ...overrides,
  });
}
