import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { Instruments, type ListIssue, type LoadOptions } from '@kite/instruments';
import {
  ACCESS_TOKEN,
  API_KEY,
  codeOf,
  eventually,
  everyRendering,
  settled,
  spellings,
  standing,
  VirtualClock,
} from '@kite/testkit';

import { HEADER, SMALL_LIST } from '../support/csv.js';
import { EndlessBody, FakeServer, SlowBody } from '../support/fake-server.js';
import { TemporaryFolder } from '../support/temporary.js';

const HOUR = 3_600_000;
const LIST = { csv: SMALL_LIST, etag: 'W/"1"' };
const NEXT = { csv: `${HEADER}\n408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE\n`, etag: 'W/"2"' };
const DOWN = { status: 503, body: 'down' };

/** A pause between two attempts is 1 and 2 s, with this chance. */
const random = (): number => 0.5;

/** Loads, and lets as much time pass as it wants, up to ten minutes. */
async function load(
  server: FakeServer,
  clock: VirtualClock,
  options: LoadOptions = {},
): Promise<Instruments> {
  const loading = Instruments.load({ fetch: server.fetch, clock, random, ...options });
  for (let step = 0; step < 600; step++) {
    // Files take time of the machine, requests time of the clock.
    const state = await eventually(async () => {
      const now = await standing(loading);
      if (now === 'pending' && clock.pending === 0) throw new Error('neither settled nor waiting');
      return now;
    });
    if (state !== 'pending') break;
    await clock.advance(1000);
  }
  return loading;
}

describe('without a cache', () => {
  test('the list comes from Kite with one request, and its time is the clock’s', async () => {
    const server = new FakeServer(LIST);
    const clock = new VirtualClock();
    const list = await load(server, clock);
    expect(list.tokenOf('NSE:INFY')).toBe(408_065);
    expect([list.isStale, list.loadedAt]).toEqual([false, clock.now()]);
    expect(server.asked).toMatchObject([
      {
        url: 'https://api.kite.trade/instruments',
        headers: { 'X-Kite-Version': '3', Accept: 'text/csv' },
      },
    ]);
    expect(server.asked[0]?.headers).not.toHaveProperty('If-None-Match');
    expect(clock.pending).toBe(0);
  });

  test('a server that fails is asked three times, 1 and 2 s apart', async () => {
    const server = new FakeServer(DOWN, new Error('cut'), LIST);
    const clock = new VirtualClock();
    const started = clock.monotonic();
    expect((await load(server, clock)).size).toBeGreaterThan(0);
    expect(server.asked).toHaveLength(3);
    expect(clock.monotonic() - started).toBe(3000);
  });

  test('a server that goes on failing rejects the load, with status and answer', async () => {
    const server = new FakeServer(DOWN);
    const clock = new VirtualClock();
    await expect(load(server, clock)).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      status: 503,
      response: 'down',
      attempts: 3,
    });
    expect(clock.pending).toBe(0);
  });

  test.each([401, 403, 404, 400])('a status %d is final: it is not asked again', async (status) => {
    const server = new FakeServer({ status });
    await expect(load(server, new VirtualClock())).rejects.toMatchObject({ status, attempts: 1 });
    expect(server.asked).toHaveLength(1);
  });

  test('a server that asks for patience gets it, up to a minute', async () => {
    for (const [header, expected] of [
      ['7', 7000],
      ['60', 60_000],
      ['nonsense', 1000],
    ] as const) {
      const server = new FakeServer({ status: 429, headers: { 'retry-after': header } }, LIST);
      const clock = new VirtualClock();
      const started = clock.monotonic();
      await load(server, clock);
      expect([header, clock.monotonic() - started]).toEqual([header, expected]);
    }
  });

  test('a server that asks for more than a minute is not asked earlier: the load fails, and says so', async () => {
    const server = new FakeServer({ status: 429, headers: { 'retry-after': '3600' } }, LIST);
    const clock = new VirtualClock();
    await expect(load(server, clock)).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      message: expect.stringContaining('asks for 3600 s of patience') as string,
      attempts: 1,
    });
    expect([server.asked.length, clock.pending]).toEqual([1, 0]);
  });

  test('a list without a length that never ends is cut off at 64 MiB, and not asked for again', async () => {
    const body = new EndlessBody();
    const server = new FakeServer({ status: 200, body });
    await expect(load(server, new VirtualClock())).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      message: expect.stringContaining('more than 67108864 bytes') as string,
      attempts: 1,
    });
    expect(body.isCancelled).toBe(true);
    expect(body.bytesRead).toBeLessThanOrEqual((64 << 20) + EndlessBody.CHUNK);
  });

  test('of a refusal that never ends a kilobyte is read', async () => {
    const body = new EndlessBody();
    await expect(load(new FakeServer({ status: 403, body }), new VirtualClock())).rejects.toMatchObject({
      status: 403,
      response: '\0'.repeat(1024),
    });
    expect([body.isCancelled, body.bytesRead]).toEqual([true, EndlessBody.CHUNK]);
  });

  test('a body that is still read when the time is over is read no further', async () => {
    const body = new SlowBody();
    const server = new FakeServer({ status: 200, body }, LIST);
    const clock = new VirtualClock();
    const list = await load(server, clock);
    expect(list.isStale).toBe(false);
    body.give();
    await settled();
    expect([body.reads, body.isCancelled]).toEqual([1, true]);
  });

  test('a runtime without streams is asked for the length first', async () => {
    const whole = {
      status: 200,
      headers: new Headers(),
      arrayBuffer: () => new Response(SMALL_LIST).arrayBuffer(),
    };
    const list = await Instruments.load({ fetch: () => Promise.resolve(whole) });
    expect(list.tokenOf('NSE:INFY')).toBe(408_065);
    const headers = new Headers({ 'content-length': String((64 << 20) + 1) });
    const large = { status: 200, headers, body: null, arrayBuffer: () => Promise.reject(new Error('read')) };
    const code = await codeOf(Instruments.load({ fetch: () => Promise.resolve(large) }));
    expect(code).toBe('KITE_INSTRUMENTS_LOAD_FAILED');
  });

  test('a fetch that never settles is given up after 30 s, and told to end', async () => {
    const server = new FakeServer('never', LIST);
    const clock = new VirtualClock();
    await load(server, clock);
    expect(clock.monotonic()).toBe(31_000);
    expect(server.asked[0]?.signal.aborted).toBe(true);
  });

  test.each([
    ['a page', '<html></html>'],
    ['a list without a row', `${HEADER}\n`],
    [
      'a list that is mostly damage',
      `${HEADER}\n1,2\n3,4\n408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE\n`,
    ],
  ])('%s is no list, and the load fails', async (_, csv) => {
    const server = new FakeServer({ csv });
    expect(await codeOf(load(server, new VirtualClock()))).toBe('KITE_INSTRUMENTS_LOAD_FAILED');
  });

  test('a list that is cut off in a row is asked for again, and is not taken for the day’s list', async () => {
    const cutOff = { csv: SMALL_LIST.slice(0, -30), etag: '"cut"' };
    const server = new FakeServer(cutOff, cutOff, LIST);
    const issues: ListIssue[] = [];
    const list = await load(server, new VirtualClock(), { onIssue: (issue) => issues.push(issue) });
    expect(list.size).toBe(Instruments.parse(SMALL_LIST).size);
    expect([server.asked.length, issues]).toEqual([3, []]);
    await expect(load(new FakeServer(cutOff), new VirtualClock())).rejects.toMatchObject({
      code: 'KITE_INSTRUMENTS_LOAD_FAILED',
      message: expect.stringContaining('ends in the middle of a row') as string,
      attempts: 3,
    });
  });

  test('a list whose last row is whole and has no line break is taken', async () => {
    const server = new FakeServer({ csv: SMALL_LIST.trimEnd() });
    expect((await load(server, new VirtualClock())).size).toBe(Instruments.parse(SMALL_LIST).size);
    expect(server.asked).toHaveLength(1);
  });

  test('rows that are malformed are reported', async () => {
    const issues: ListIssue[] = [];
    const list = await load(new FakeServer({ csv: `${SMALL_LIST}1,2\n` }), new VirtualClock(), {
      onIssue: (issue) => issues.push(issue),
    });
    expect(issues).toMatchObject([{ kind: 'malformed-row', line: SMALL_LIST.split('\n').length }]);
    expect(list.skippedRows).toBe(1);
  });
});

test('an onIssue that throws is contained: the day’s list loads, and a damaged one falls back to yesterday’s', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  try {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    const onIssue = (): never => {
      throw new Error('mine');
    };
    const options = { cacheDir: folder.path, onIssue };
    const flawed = { csv: `${SMALL_LIST}1,2\n`, etag: 'W/"1"' };
    const first = await load(new FakeServer(flawed), clock, options);
    expect(first).toMatchObject({ isStale: false, skippedRows: 1 });
    clock.pass(24 * HOUR);
    const damaged = { csv: `${HEADER}\n1,2\n3,4\n408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE\n` };
    const second = await load(new FakeServer(damaged), clock, options);
    expect(second).toMatchObject({ isStale: true, size: first.size, skippedRows: 1 });
    expect(warn.mock.calls).toEqual(Array(2).fill(['onIssue has failed: mine', { type: 'KiteWarning' }]));
  } finally {
    warn.mockRestore();
  }
});

describe('an abort', () => {
  test.each<[string, FakeServer]>([
    ['while a request is under way', new FakeServer('never')],
    ['between two requests', new FakeServer(DOWN)],
  ])('%s ends the load at once, and leaves nothing', async (_, server) => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const loading = Instruments.load({ fetch: server.fetch, clock, random, signal: abort.signal });
    const code = codeOf(loading);
    await clock.advance(500);
    abort.abort(new Error('enough'));
    expect(await code).toBe('KITE_INSTRUMENTS_ABORTED');
    await expect(loading).rejects.toMatchObject({ cause: { message: 'enough' } });
    expect(clock.pending).toBe(0);
  });

  test('before the load asks nothing', async () => {
    const server = new FakeServer(LIST);
    const options = { fetch: server.fetch, signal: AbortSignal.abort() };
    expect(await codeOf(Instruments.load(options))).toBe('KITE_INSTRUMENTS_ABORTED');
    expect(server.asked).toEqual([]);
  });

  test('of a load with a cached list of an earlier day is an abort all the same', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    await load(new FakeServer(LIST), clock, { cacheDir: folder.path });
    clock.pass(24 * HOUR);
    const options = { cacheDir: folder.path, clock, random, fetch: new FakeServer('never').fetch };
    const abort = new AbortController();
    const code = codeOf(Instruments.load({ ...options, signal: abort.signal }));
    await eventually(() => {
      expect(clock.pending).toBe(1);
    });
    abort.abort();
    expect(await code).toBe('KITE_INSTRUMENTS_ABORTED');
  });
});

describe('with a cache', () => {
  test('the list of the day is asked for once, and again after 08:00 in India with its version', async () => {
    await using folder = await TemporaryFolder.make();
    const cacheDir = path.join(folder.path, 'not', 'there');
    const server = new FakeServer(LIST);
    const clock = new VirtualClock(Date.parse('2026-11-20T09:30:00+05:30'));
    const first = await load(server, clock, { cacheDir });
    clock.pass(10 * HOUR);
    const second = await load(server, clock, { cacheDir });
    expect(server.asked).toHaveLength(1);
    expect([...second]).toEqual([...first]);
    expect([second.loadedAt, second.isStale]).toEqual([first.loadedAt, false]);

    clock.pass(13 * HOUR);
    const third = await load(server, clock, { cacheDir });
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]?.headers['If-None-Match']).toBe('W/"1"');
    expect([third.size, third.isStale, third.loadedAt]).toEqual([first.size, false, clock.now()]);

    // The server has confirmed it: it is today's.
    await load(server, clock, { cacheDir });
    expect(server.asked).toHaveLength(2);
  });

  test('from 08:00 to 08:30 every load asks, since the new list may be late, and one more after it', async () => {
    await using folder = await TemporaryFolder.make();
    const server = new FakeServer(LIST);
    const clock = new VirtualClock(Date.parse('2026-11-20T08:00:01+05:30'));
    const asked: number[] = [];
    for (const minutes of [0, 1, 28, 2, 1, 600]) {
      clock.pass(minutes * 60_000);
      await load(server, clock, { cacheDir: folder.path });
      asked.push(server.asked.length);
    }
    // At 08:00:01, 08:01, 08:29, 08:31, 08:32, and 18:32.
    expect(asked).toEqual([1, 2, 3, 4, 4, 4]);
  });

  test('a new list replaces the old one, and no other file is left', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    const server = new FakeServer(LIST, NEXT);
    await load(server, clock, { cacheDir: folder.path });
    clock.pass(24 * HOUR);
    expect((await load(server, clock, { cacheDir: folder.path })).size).toBe(1);
    expect((await load(new FakeServer(DOWN), clock, { cacheDir: folder.path })).size).toBe(1);
    expect(await readdir(folder.path)).toEqual([
      expect.stringMatching(/^kite-instruments-[0-9a-f]{8}\.list$/u),
    ]);
  });

  test('yesterday’s list is used, and is stale, when the server fails', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    const { loadedAt } = await load(new FakeServer(LIST), clock, { cacheDir: folder.path });
    clock.pass(24 * HOUR);
    for (const answer of [
      DOWN,
      { csv: '<html>' },
      { csv: HEADER },
      { status: 403 },
      new Error('no network'),
    ]) {
      const list = await load(new FakeServer(answer), clock, { cacheDir: folder.path });
      expect([list.isStale, list.loadedAt, list.tokenOf('NSE:INFY')]).toEqual([true, loadedAt, 408_065]);
    }
    expect((await load(new FakeServer(NEXT), clock, { cacheDir: folder.path })).isStale).toBe(false);
  });

  test('maxAgeMs asks again earlier', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    const server = new FakeServer(LIST);
    for (const wait of [0, HOUR - 1, 2]) {
      clock.pass(wait);
      await load(server, clock, { cacheDir: folder.path, maxAgeMs: HOUR });
    }
    expect(server.asked).toHaveLength(2);
  });

  test.each<[string, (file: Uint8Array) => Uint8Array]>([
    ['cut off', (file) => file.subarray(0, file.length - 10)],
    ['empty', () => new Uint8Array(0)],
    ['of zeros', (file) => new Uint8Array(file.length)],
    ['changed in one byte', (file) => file.map((byte, at) => (at === file.length - 50 ? byte ^ 1 : byte))],
    ['without its first line', (file) => file.subarray(file.indexOf(10) + 1)],
  ])('a file that is %s is reported, and the list is fetched', async (_, damage) => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    await load(new FakeServer(LIST), clock, { cacheDir: folder.path });
    const [name] = await readdir(folder.path);
    const file = path.join(folder.path, name!);
    await writeFile(file, damage(await readFile(file)));
    const issues: ListIssue[] = [];
    const server = new FakeServer(LIST);
    const list = await load(server, clock, { cacheDir: folder.path, onIssue: (issue) => issues.push(issue) });
    expect(list.isStale).toBe(false);
    expect(server.asked[0]?.headers).not.toHaveProperty('If-None-Match');
    expect(issues).toEqual([{ kind: 'cache', message: expect.stringContaining('damaged') as string }]);
    expect((await load(new FakeServer(DOWN), clock, { cacheDir: folder.path })).isStale).toBe(false);
  });

  test('a folder that cannot be written is reported, and the list is there', async () => {
    await using folder = await TemporaryFolder.make();
    const cacheDir = path.join(folder.path, 'file');
    await writeFile(cacheDir, '');
    const issues: ListIssue[] = [];
    const list = await load(new FakeServer(LIST), new VirtualClock(), {
      cacheDir,
      onIssue: (issue) => issues.push(issue),
    });
    expect(list.isStale).toBe(false);
    expect(issues.map((issue) => [issue.kind, /cannot be (read|written)/u.exec(issue.message)?.[1]])).toEqual(
      [
        ['cache', 'read'],
        ['cache', 'written'],
      ],
    );
  });

  test('a file of another process that died while writing does no harm', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    await load(new FakeServer(LIST), clock, { cacheDir: folder.path });
    const [name] = await readdir(folder.path);
    await writeFile(path.join(folder.path, `${name!}.${(2 ** 47).toString(36)}.tmp`), 'half');
    clock.pass(24 * HOUR);
    const issues: ListIssue[] = [];
    // The same chance would give the same name.
    const options = { cacheDir: folder.path, onIssue: (issue: ListIssue) => issues.push(issue) };
    expect((await load(new FakeServer(NEXT), clock, options)).size).toBe(1);
  });

  test('lists of two URLs are two files', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    await load(new FakeServer(LIST), clock, { cacheDir: folder.path });
    const url = 'https://api.kite.trade/instruments/NSE';
    expect((await load(new FakeServer(NEXT), clock, { cacheDir: folder.path, url })).size).toBe(1);
    expect(await readdir(folder.path)).toHaveLength(2);
  });

  test('loads of many programs at once each get a whole list, and leave one whole file', async () => {
    await using folder = await TemporaryFolder.make();
    await mkdir(folder.path, { recursive: true });
    const clock = new VirtualClock();
    const options = { cacheDir: folder.path, clock };
    const lists = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        Instruments.load({ ...options, fetch: new FakeServer(index % 2 ? LIST : NEXT).fetch }),
      ),
    );
    expect(new Set(lists.map(({ size }) => size))).toEqual(new Set([lists[0]!.size, lists[1]!.size]));
    expect(await readdir(folder.path)).toHaveLength(1);
    expect((await load(new FakeServer(DOWN), clock, { cacheDir: folder.path })).isStale).toBe(false);
  });
});

describe('options', () => {
  test.each<[string, object | string]>([
    ['url', { url: 'ftp://example.test/list' }],
    ['url', { url: 'nonsense' }],
    ['url', { url: 'http://example.test/', apiKey: API_KEY, accessToken: ACCESS_TOKEN }],
    ['accessToken', { apiKey: API_KEY }],
    ['apiKey', { accessToken: ACCESS_TOKEN }],
    ['apiKey', { apiKey: '', accessToken: ACCESS_TOKEN }],
    ['maxAgeMs', { maxAgeMs: 0 }],
    ['maxAgeMs', { maxAgeMs: '1h' }],
    ['cacheDir', { cacheDir: '' }],
    ['fetch', { fetch: 'fetch' }],
    ['signal', { signal: {} }],
    ['clock', { clock: {} }],
    ['cachedir', { cachedir: 'x' }],
    ['options', 'https://api.kite.trade/instruments'],
  ])('a wrong %s is refused before any request, without its secrets', async (field, options) => {
    const server = new FakeServer(LIST);
    const given = typeof options === 'string' ? options : { fetch: server.fetch, ...options };
    const error: unknown = await Instruments.load(given as LoadOptions).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field });
    for (const secret of spellings(ACCESS_TOKEN)) expect(everyRendering(error)).not.toContain(secret);
    expect(server.asked).toEqual([]);
  });

  test('credentials are sent, over https: and to this machine', async () => {
    for (const url of [undefined, 'http://127.0.0.1:9/', 'http://localhost:9/', 'http://[::1]:9/']) {
      const server = new FakeServer(LIST);
      await load(server, new VirtualClock(), { url, apiKey: API_KEY, accessToken: ACCESS_TOKEN });
      expect(server.asked[0]?.headers['Authorization']).toBe(`token ${API_KEY}:${ACCESS_TOKEN}`);
    }
  });

  test('no secret is in a list, in an error, or in what is in the cache', async () => {
    await using folder = await TemporaryFolder.make();
    const credentials = { apiKey: API_KEY, accessToken: ACCESS_TOKEN, cacheDir: folder.path };
    const clock = new VirtualClock();
    const list = await load(new FakeServer(LIST), clock, credentials);
    const echo = `token ${API_KEY}:${ACCESS_TOKEN} is wrong`;
    const answers = [{ status: 403, body: echo }, new Error(echo)];
    const errors = await Promise.all(
      answers.map((answer) =>
        load(new FakeServer(answer), new VirtualClock(), {
          ...credentials,
          cacheDir: `${folder.path}/none`,
        }).catch((error: unknown) => error),
      ),
    );
    const [name] = await readdir(folder.path);
    const file = await readFile(path.join(folder.path, name!), 'utf8');
    for (const shown of [list, ...errors, file]) {
      const rendered = everyRendering(shown);
      for (const secret of [...spellings(ACCESS_TOKEN), ...spellings(API_KEY)])
        expect(rendered).not.toContain(secret);
    }
  });
});
