import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs one of the bench's children as `npm run bench` does: bundled, in a process of its own, with these flags of Node. */
export async function inBundledChild<Result>(name: string, flags: readonly string[]): Promise<Result> {
  const outdir = `${root}dist/test/`;
  await build({
    entryPoints: [`${root}src/children/${name}.ts`],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@kite/source'],
    external: ['kiteconnect', 'ws'],
    outdir,
    logLevel: 'silent',
  });
  const child = fork(`${outdir}${name}.js`, ['{}'], {
    execArgv: [...flags],
    serialization: 'advanced',
  });
  const exited = once(child, 'exit');
  const [message] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`${name} ended without an answer`))),
  ])) as [{ answer: Result }];
  await exited;
  return message.answer;
}
