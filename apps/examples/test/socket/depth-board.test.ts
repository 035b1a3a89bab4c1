import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startSimulator } from '@kite/simulator';

import { start } from '../support/run.js';

/** A process that compiles its sources takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

const boardAt = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  start(['--port', '0', ...args], env, 'depth-board');

/** Waits for the address that the program prints. */
async function urlOf({ printed, output }: ReturnType<typeof start>): Promise<string> {
  await printed(/http:\S+\n/);
  return /http:\S+/.exec(output())![0];
}

describe.concurrent('depth-board', { timeout: TIMEOUT_MS }, () => {
  test('prints where the page is, serves it from this machine alone, and ends with 0 at Ctrl-C', async () => {
    const running = boardAt([]);
    const url = await urlOf(running);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await (await fetch(url)).text();
    for (const [, path] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect((await fetch(new URL(path!, url))).status, path).toBe(200);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('simulator, 20 instruments') as string,
    });
  });

  test('ends by itself after --seconds, with a page open as well', async () => {
    const running = boardAt(['--seconds', '3']);
    const { host, origin } = new URL(await urlOf(running));
    const page = new WebSocket(`ws://${host}/feed`, { origin });
    page.on('error', () => undefined);
    expect(await running.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  test('fetches nothing from elsewhere: the page names no other host but that of a credit', async () => {
    const running = boardAt(['--tokens', '408065']);
    const url = await urlOf(running);
    const page = await (await fetch(url)).text();
    expect(page.match(/https?:\/\/[^/"]+/g)).toEqual(['https://www.tradingview.com']);
    const style = await (await fetch(new URL('/style.css', url))).text();
    expect(style).not.toMatch(/url\(["']?(https?:)?\/\//);
    running.child.kill('SIGTERM');
    expect((await running.ended).stdout).toContain('simulator, 1 instrument: ');
  });

  test('takes a real feed with credentials, and shows them nowhere', async () => {
    const accounts = [{ apiKey: 'real-key', accessToken: 'real-secret-token', userId: 'AB1234' }];
    await using server = await startSimulator({ accounts });
    const env = { KITE_API_KEY: 'real-key', KITE_ACCESS_TOKEN: 'real-secret-token' };
    const running = boardAt(['--url', server.url], env);
    await urlOf(running);
    await expect.poll(() => server.requests.length, { timeout: TIMEOUT_MS }).toBeGreaterThan(0);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toMatch(/real-key|real-secret-token/);
  });

  test('a refused token is told with its likely causes, and exits with 1', async () => {
    await using server = await startSimulator({ accounts: [{ apiKey: 'real-key', accessToken: 'today' }] });
    const env = { KITE_API_KEY: 'real-key', KITE_ACCESS_TOKEN: 'yesterdays-token' };
    const { code, stderr } = await boardAt(['--url', server.url], env).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/expired[^]*KITE_CONNECTION_UNAUTHORIZED/);
    expect(stderr).not.toMatch(/yesterdays-token|^ +at /m);
  });

  test('a port that is taken is told in words, and exits with 2', async () => {
    const first = boardAt([]);
    const { port } = new URL(await urlOf(first));
    const { code, stderr } = await start(['--port', port], {}, 'depth-board').ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(/EADDRINUSE[^]*KITE_EXAMPLES_LISTEN_FAILED/);
    expect(stderr).not.toMatch(/^ +at /m);
    first.child.kill('SIGINT');
    await first.ended;
  });

  test.each(['80000', '-1', 'http', ''])('refuses --port %j, and exits with 2', async (port) => {
    const { code, stderr } = await start([`--port=${port}`], {}, 'depth-board').ended;
    expect(code).toBe(2);
    expect(stderr).toContain('from 0 to 65535');
  });
});
