import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

const outputDirectory = fileURLToPath(new URL('../node_modules/.cache/kite-workers/', import.meta.url));
const workerUrl = /new URL\('(\.\/[\w-]+)\.js', import\.meta\.url\)/g;

/**
 * Worker threads and child processes from their sources: `new URL('./io-worker.js', import.meta.url)` is built JavaScript,
 * which tests do not have. Neither loads TypeScript, so the file is bundled, siblings from their sources, and the URL leads
 * there.
 */
export function bundledWorkers(): Plugin {
  return {
    name: 'kite:bundled-workers',
    enforce: 'pre',
    async transform(code, id) {
      if (!id.endsWith('.ts') || !/from 'node:(?:worker_threads|child_process)'/.test(code)) return undefined;
      let bundled = code;
      for (const [expression, name] of code.matchAll(workerUrl)) {
        const source = sourceOf(path.dirname(id), `${name}.ts`);
        if (source === undefined) continue;
        const file = await bundle(source);
        bundled = bundled.replace(expression, `new URL(${JSON.stringify(pathToFileURL(file).href)})`);
      }
      return bundled === code ? undefined : { code: bundled, map: null };
    },
  };
}

/**
 * Beside the importing file, or anywhere in its package's `src`: the build puts every entry into one flat folder, the
 * sources have rooms.
 */
function sourceOf(directory: string, file: string): string | undefined {
  const beside = path.resolve(directory, file);
  if (existsSync(beside)) return beside;
  const [before, after] = directory.split(`${path.sep}src${path.sep}`, 2);
  if (before === undefined || after === undefined) return undefined;
  const src = path.join(before, 'src');
  const found = readdirSync(src, { recursive: true, encoding: 'utf8' }).find(
    (entry) => path.basename(entry) === path.basename(file),
  );
  return found === undefined ? undefined : path.join(src, found);
}

/** CommonJS, because a bundle of `ws` needs `require`. Named by its content, so that runs side by side do not collide. */
async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['@kite/source'],
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  const contents = outputFiles[0]!.contents;
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const file = path.join(outputDirectory, `${path.basename(entry, '.ts')}-${hash}.cjs`);
  const unfinished = `${file}.${process.pid}`;
  mkdirSync(outputDirectory, { recursive: true });
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
  return file;
}
