import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BUILD_MS = 300_000;
const ANSWER_MS = 60_000;
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

/** `next build`. @param {string} project that has Next.js @param {string} app */
export async function buildNext(project, app) {
  await promisify(execFile)(process.execPath, [programOf(project), 'build'], {
    cwd: path.join(project, app),
    env,
    timeout: BUILD_MS,
  });
}

/** `next start`, and the answer of its route `/probe`. @param {string} project @param {string} app @param {string} url */
export async function askNext(project, app, url) {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [programOf(project), 'start', '--port', String(port), '--hostname', '127.0.0.1'],
    { cwd: path.join(project, app), env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  try {
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('Ready')) break;
    const address = `http://127.0.0.1:${port}/probe?url=${encodeURIComponent(url)}`;
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the route answered ${answer.status}: ${text.slice(0, 500)}`);
    return text;
  } finally {
    child.kill();
    await ended;
  }
}

/** @param {string} project */
function programOf(project) {
  return path.join(project, 'node_modules/next/dist/bin/next');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
