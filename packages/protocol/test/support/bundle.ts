import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The package as one script that sets a global `kite`, bundled as for a browser: nothing of Node is filled in. */
export async function bundleForBrowser(): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'kite',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0]!.text;
}
