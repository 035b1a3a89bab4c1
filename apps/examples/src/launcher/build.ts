import { type ChildProcess, spawn } from 'node:child_process';

import { BuildProgress } from './build-progress.js';
import { nxProgram, root } from './nx.js';

const isPosix = process.platform !== 'win32';

/**
 * Builds the packages that examples need, and shows progress on a terminal. With everything cached it takes a second.
 *
 * @returns the build's output if it failed, else undefined
 */
export async function build(stderr: NodeJS.WriteStream = process.stderr): Promise<string | undefined> {
  const progress = new BuildProgress();
  const shows = (text: string) => stderr.write(stderr.isTTY ? `\r\u001B[2KBuilding… ${text}` : '');
  stderr.write(stderr.isTTY ? 'Building…' : 'Building…\n');
  const child = spawn(
    process.execPath,
    [nxProgram(), 'run', 'kite-examples:prepare', '--outputStyle=static'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: a signal that ends this process also ends Nx and its children.
      detached: isPosix,
    },
  );
  const forget = endWith(child);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    const news = progress.read(text);
    if (news !== undefined) shows(news);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  forget();
  if (stderr.isTTY) stderr.write('\r\u001B[2K');
  return code === 0 ? undefined : printed;
}

/** Until the returned function is called, a signal that ends this process ends the build first. */
function endWith(child: ChildProcess): () => void {
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const end = () => {
      if (isPosix && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      else child.kill();
      forget();
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
    return [signal, end] as const;
  });
  const forget = () => {
    for (const [signal, end] of signals) process.off(signal, end);
  };
  return forget;
}
