import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A file of the page. */
export interface Asset {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const PAGE = fileURLToPath(new URL('../page/', import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * The files of the page by path, built for the browser and kept in memory, with `@kite/protocol`, `@kite/raw` and
 * `@kite/bars`. The browser fetches nothing from elsewhere.
 */
export async function pageAssets(): Promise<ReadonlyMap<string, Asset>> {
  const { outputFiles } = await build({
    absWorkingDir: PAGE,
    entryPoints: { board: 'main.ts', style: 'style/style.css' },
    outdir: PAGE,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox121', 'safari17.5'],
    loader: { '.woff2': 'file' },
    logLevel: 'silent',
  });
  const assets = new Map(
    outputFiles.map(({ path, contents }) => [`/${basename(path)}`, asset(path, contents)]),
  );
  assets.set('/', asset('index.html', await readFile(`${PAGE}index.html`)));
  assets.set('/icon.svg', asset('icon.svg', await readFile(`${PAGE}icon.svg`)));
  return assets;
}

function asset(path: string, body: Uint8Array): Asset {
  return { contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream', body };
}
