import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../src/login.ts', import.meta.url));
const SECRET = 'the-secret-of-the-app';
/** A process that compiles its sources takes its time on a busy machine. */
const TIMEOUT_MS = 120_000;

let folder = '';
let api: Server;
/** What Kite's REST API was sent. */
let sent: URLSearchParams[] = [];
let refusal: string | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kite-login-'));
  sent = [];
  refusal = undefined;
  api = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      sent.push(new URLSearchParams(body));
      response.writeHead(refusal === undefined ? 200 : 403, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          refusal === undefined ? { data: { access_token: 'token-of-today' } } : { message: refusal },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  api.close();
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]) {
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const { KITE_ACCESS_TOKEN: _token, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, '--port', '0', '--api', url, ...args], {
    env: { ...env, KITE_API_KEY: 'key-of-the-app' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  /** What it says that the redirect URL and Kite's page are. */
  const told = async () => {
    await expect.poll(() => stderr, { timeout: TIMEOUT_MS }).toMatch(/Open http\S+\n/);
    const [, redirect = ''] = /must be (\S+)/.exec(stderr) ?? [];
    const [, page = ''] = /Open (\S+)/.exec(stderr) ?? [];
    return { redirect, page: new URL(page) };
  };
  return { child, ended, told };
}

/** Kite's login page sends the browser to the redirect URL, with the parameters that it was given for that. */
function comeBack(redirect: string, page: URL, query: Record<string, string>): Promise<Response> {
  const given = new URLSearchParams(page.searchParams.get('redirect_params') ?? '');
  const all = new URLSearchParams({ ...Object.fromEntries(given), ...query });
  return fetch(`${redirect}?${all.toString()}`);
}

describe('the login', { timeout: TIMEOUT_MS }, () => {
  test('exchanges the request token for the access token, and shows the secret to nobody', async () => {
    const { child, ended, told } = start();
    child.stdin.write(`${SECRET}\n`);
    const { redirect, page } = await told();
    expect(page.searchParams.get('api_key')).toBe('key-of-the-app');
    const answer = await comeBack(redirect, page, { status: 'success', request_token: 'once' });
    expect(answer.status).toBe(200);

    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'KITE_ACCESS_TOKEN=token-of-today\n' });
    expect(stderr).not.toContain(SECRET);
    const checksum = createHash('sha256').update(`key-of-the-apponce${SECRET}`).digest('hex');
    expect(sent.map((one) => Object.fromEntries(one))).toEqual([
      { api_key: 'key-of-the-app', request_token: 'once', checksum },
    ]);
  });

  test('writes the token into a file that its owner alone can read', async () => {
    const file = path.join(folder, 'access-token');
    const { child, ended, told } = start('--out', file);
    child.stdin.write(`${SECRET}\n`);
    const { redirect, page } = await told();
    await comeBack(redirect, page, { status: 'success', request_token: 'once' });
    expect(await ended).toMatchObject({ code: 0, stdout: '' });
    expect(await readFile(file, 'utf8')).toBe('token-of-today');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('takes no request token from a redirect that it has not begun', async () => {
    const { child, ended, told } = start();
    child.stdin.write(`${SECRET}\n`);
    const { redirect, page } = await told();
    const stranger = await fetch(`${redirect}?status=success&request_token=stolen&state=guessed`);
    expect(stranger.status).toBe(404);
    await comeBack(redirect, page, { status: 'success', request_token: 'once' });
    expect(await ended).toMatchObject({ code: 0 });
    expect(sent.map((one) => one.get('request_token'))).toEqual(['once']);
  });

  test('says in Kite’s words why it was refused, with exit code 1 and no secret', async () => {
    refusal = 'Token is invalid or has expired.';
    const { child, ended, told } = start();
    child.stdin.write(`${SECRET}\n`);
    const { redirect, page } = await told();
    await comeBack(redirect, page, { status: 'success', request_token: 'late' });
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Kite refused the login: Token is invalid or has expired. (HTTP 403)');
    expect(stderr).not.toContain(SECRET);
  });

  test('ends with exit code 2 where no secret is given', async () => {
    const { child, ended } = start();
    child.stdin.end();
    const { code, stderr } = await ended;
    expect(code).toBe(2);
    expect(stderr).toContain('no API secret was given');
  });

  test('ends at Ctrl-C with exit code 0, while it waits for the browser', async () => {
    const { child, ended, told } = start();
    child.stdin.write(`${SECRET}\n`);
    await told();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stdout: '' });
  });
});
