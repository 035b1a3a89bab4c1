import { build } from 'esbuild';

/** The package as one script that sets a global `kite`, bundled as for a browser: nothing of Node is filled in. */
export async function bundleForBrowser(): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: "export * from '@kite/instruments';", resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'kite',
    platform: 'browser',
    conditions: ['@kite/source'],
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0]!.text;
}
