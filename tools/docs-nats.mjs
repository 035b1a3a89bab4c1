import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';

import { findNatsServer } from './nats-server.mjs';

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * A NATS server for the blocks that need one.
 *
 * @param {string} folder where it may store
 * @returns {Promise<{ address: string | undefined, stop: () => Promise<void> }>} without an address where there is no server
 */
export async function startNats(folder) {
  const server = findNatsServer();
  if (server === undefined) return { address: undefined, stop: async () => {} };
  const port = await freePort();
  const child = spawn(
    server,
    ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', path.join(folder, 'nats')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('nats-server ended before it was ready')));
    child.stderr.on('data', (data) => String(data).includes('Server is ready') && resolve(undefined));
  });
  return {
    address: `127.0.0.1:${port}`,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
