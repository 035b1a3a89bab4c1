import { describe, expect, test } from 'vitest';
import { startSimulator } from '@kite/simulator';

import { run, start } from '../support/run.js';

const GREEN = String.raw`\u001B\[32m`;

/** A process that compiles its sources takes its time on a busy machine. */
const TIMEOUT_MS = 60_000;

describe.concurrent('npm start, without a terminal', { timeout: TIMEOUT_MS }, () => {
  test('prints the feed, its states, a line a second and a summary', async () => {
    const { child, ended, printed } = start([]);
    await printed(/ healthy +[\d,]+ ticks\/s, 3 open, 0 reconnects \| NIFTY 50 2\d,\d{3}\.\d\d .*\n/);
    child.kill('SIGINT');
    const { stdout, stderr } = await ended;
    const lines = stdout.trim().split('\n');
    expect(stderr).toBe('');
    expect(lines[0]).toBe('simulator, 9,000 instruments: 5,408 full, 1,796 quote, 1,796 ltp; 3 connections');
    // On a busy machine a line of the second may come before.
    expect(stdout).toMatch(/^\d\d:\d\d:\d\d {2}connecting +connection \d$/m);
    expect(lines.at(-1)).toMatch(/ticks, [\d,]+ messages, .* 0 reconnects/);
  });

  test('ends by itself after --seconds, with 0', async () => {
    const { code, stdout, stderr } = await run(['--seconds', '0.5']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/messages, .* 0 reconnects/);
  });

  test('prints no control sequence into a pipe', async () => {
    const { stdout } = await run(['--seconds', '1']);
    expect(stdout).not.toContain('\u001B');
  });

  test('prints colours into a pipe where FORCE_COLOR asks for them', async () => {
    const forced = start([], { FORCE_COLOR: '1' });
    await forced.printed(new RegExp(`${GREEN}.* open +connection 1`));
    forced.child.kill('SIGINT');
    expect((await forced.ended).code).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends with 0 and a summary at %s, even one that comes several times',
    async (signal) => {
      const { child, ended, printed } = start([]);
      await printed(/ open +connection 1$/m);
      child.kill(signal);
      child.kill(signal);
      expect(await ended).toMatchObject({
        code: 0,
        signal: null,
        stderr: '',
        stdout: expect.stringMatching(/messages, .* MB received, 0 reconnects/) as string,
      });
    },
  );

  test('ends without a word when nobody reads its output any more', async () => {
    const { child, ended, printed } = start([]);
    await printed(/ open +connection 1$/m);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('watches the instruments of --tokens, in full', async () => {
    const { child, ended, printed } = start(['--tokens', '408065, 256265,408065']);
    await printed(/\| INFY 1,\d{3}\.\d\d .* NIFTY 50 2\d,\d{3}\.\d\d/);
    child.kill('SIGINT');
    expect((await ended).stdout).toContain('simulator, 2 instruments: 2 full; 2 connections');
  });

  test('--help explains the options and the keys, and exits with 0', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of [
      '--seconds',
      '--tokens',
      '--fault',
      'KITE_ACCESS_TOKEN',
      'd drops it',
      's stalls it',
      'an outage',
    ])
      expect(stdout).toContain(word);
  });

  test.each([
    [['--tokens', '256265,INFY'], "'INFY' is no instrument token"],
    [['--second', '5'], 'Did you mean --seconds?'],
  ])('says what is wrong with %j, and exits with 2', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('refuses to guess when only one of the two credentials is set, and does not show it', async () => {
    const { code, stderr } = await run([], { KITE_API_KEY: 'my-own-key' });
    expect(code).toBe(2);
    expect(stderr).toContain('KITE_ACCESS_TOKEN is not');
    expect(stderr).not.toContain('my-own-key');
  });
});

describe.concurrent('npm start, with credentials', { timeout: TIMEOUT_MS }, () => {
  const env = { KITE_API_KEY: 'real-key', KITE_ACCESS_TOKEN: 'real-secret-token' };
  const accounts = [{ apiKey: 'real-key', accessToken: 'real-secret-token', userId: 'AB1234' }];

  test('streams the well-known instruments from the server, in full, and never shows the credentials', async () => {
    await using server = await startSimulator({ accounts, instruments: 100 });
    const { child, ended, printed } = start(['--url', server.url], env);
    await printed(/NIFTY 50 2\d,\d{3}\.\d\d/);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/20 instruments: 20 full; 3 connections/);
    expect(stdout).not.toMatch(/real-key|real-secret-token/);
    expect(server.requests.map(({ apiKey }) => apiKey)).toContain('real-key');
  });

  test('at 403 it names the likely causes without a stack trace or a secret, and exits with 1', async () => {
    await using server = await startSimulator({ accounts, instruments: 10 });
    const { code, stdout, stderr } = await run(['--url', server.url], {
      ...env,
      KITE_ACCESS_TOKEN: 'yesterdays-token',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/expired/);
    expect(stderr).toContain('KITE_CONNECTION_UNAUTHORIZED');
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).not.toContain('has a connection again');
    expect(stdout + stderr).not.toMatch(/real-key|yesterdays-token/);
  });

  test('breaks no real feed: --fault exits with 2', async () => {
    await using server = await startSimulator({ accounts, instruments: 10 });
    const { code, stderr } = await run(['--url', server.url, '--fault', 'drop@1'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('only a simulated connection can be broken');
    expect(server.handshakes).toEqual([]);
  });

  test('refuses a URL that would send the token in the open', async () => {
    const { code, stderr } = await run(['--url', 'ws://example.com/?secret=hidden'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('KITE_CONNECTION_INSECURE_URL');
    expect(stderr).not.toContain('hidden');
  });
});
