import { spawn } from 'node:child_process';

import { BuildProgress } from './build-progress.js';
import { nxProgram, root } from './nx.js';

/**
 * Builds the packages that examples need, and shows on a terminal how far it is. Whatever was built before takes a second.
 *
 * @returns what the build had to say where it failed, else undefined
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
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    const news = progress.read(text);
    if (news !== undefined) shows(news);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (stderr.isTTY) stderr.write('\r\u001B[2K');
  return code === 0 ? undefined : printed;
}
