import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Starts the simulator's command, as it was installed.
 *
 * @param {string} folder the project's
 * @returns {Promise<{ url: string, stop: () => void }>}
 */
export async function startInstalledSimulator(folder) {
  const command = path.join(folder, 'node_modules/.bin/kite-simulator');
  const child = spawn(command, ['--port', '0', '--json', '--stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = () => child.kill();
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, url } = JSON.parse(line);
    if (event !== 'listening') continue;
    // What it tells later is of no interest, but must be taken.
    child.stdout.resume();
    return { url, stop };
  }
  throw new Error('the simulator ended before it listened');
}
