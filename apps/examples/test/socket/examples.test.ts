import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { startSimulator } from '@kite/simulator';

import { start } from '../support/run.js';

/** What each prints, in any order. It is ended as soon as all of it has come. */
const PRINTS: Readonly<Record<string, readonly RegExp[]>> = {
  'single-connection': [
    /^NIFTY 50 +2\d,\d{3}\.\d\d$/m,
    /^SENSEX +\d\d,\d{3}\.\d\d$/m,
    /^RELIANCE +₹\d,\d{3}\.\d\d$/m,
  ],
  instruments: [
    /^10,000 instruments, of 20\d\d-/m,
    /^NSE:INFY is 408065, INFOSYS; 256265 is NSE:NIFTY 50$/m,
    /^search 'nifty 21000 ce'\n {2}NFO:NIFTY\d\d[A-Z]{3}21000CE, NIFTY, to 20\d\d-/m,
    /^NIFTY expires on 20\d\d-\d\d-\d\d, 20\d\d-/m,
    /^ {2}20950: call \d+, put \d+$/m,
    /^tokens\[2\] is "NSE:INFOSYS"; allowed: a name/m,
    /^NSE:(INFY ₹1|NIFTY 50 2\d),\d{3}\.\d\d$/m,
  ],
  'option-chain': [
    /^NIFTY, 20\d\d-\d\d-\d\d: spot \d\d,\d{3}\.\d\d\n +call OI +bid +ask +last +strike +last +bid +ask +put OI$/m,
    /^ +[\d,]+ +[\d,]+\.\d\d .* ▸\d{5} .*[\d,]+\.\d\d +[\d,]+$/m,
  ],
  'portfolio-monitor': [
    /^ {2}INFY +50 × ₹1,\d{3}\.\d\d \(/m,
    /^worth ₹2,\d\d,\d{3}, today ₹-?[\d,]+, profit ₹/m,
  ],
  'runtime-subscriptions': [
    /subscribe one, in the default mode\n.*NIFTY 50 ltp: \d/,
    /subscribe the others, in quote\n.*SENSEX quote: \d/,
    /subscribe all again: nothing changes\n.*SENSEX quote: \d/,
    /the first in full\n.*NIFTY 50 full: \d/,
    // One that was on its way may still come.
    /unsubscribe everything\n {2}(no ticks|NIFTY 50 full: 1$)/m,
  ],
  'mode-change': [
    /RELIANCE in ltp, 8 bytes:\n {2}mode, .*\n {2}lastPrice$/m,
    /RELIANCE in quote, 44 bytes:\n( .*\n){3} {2}changePercent$/m,
    /RELIANCE in full, 184 bytes:\n( .*\n){4} .*depth$/m,
    /refused, as it should be: not subscribed: 5633/,
  ],
  'decode-only': [
    /index at 20917\.05, -20\.65 since yesterday's 20937\.7/,
    /the same 36 bytes: true/,
    /issue: \{"kind":"truncated"/,
    /order 1: COMPLETE/,
    /type: 'unknown'/,
  ],
  'manager-demo': [
    /connection 3 has 1000 instruments/,
    / {2}connection 3 open, \d+ messages\/s, [1-9][\d,]* ticks, latency \d/,
    /^healthy, 100 % of the connections open, 0 errors$/m,
  ],
  'dynamic-subscription-demo': [
    /15 instruments +5 \+ 5 \+ 5, room for 15 more/,
    /40 more do not fit, 15 would\nafter that +5 \+ 5 \+ 5/,
    /ten unsubscribed .* room for 25 more/,
    /silent for a second: 408064$/m,
  ],
  // The best beside the worst, in two columns.
  'market-scanner': [
    /9,000 of 9,000 instruments seen\n( {2}\S.{23} +\+\d+\.\d\d% {3}\S.{23} +-\d+\.\d\d%\n){3}/,
  ],
  'multi-api-demo': [
    /^20 instruments, each on both accounts$/m,
    /^account1 3\/3 open, brought [1-9][\d,]* · account2 3\/3 open, brought [1-9][\d,]* · delivered [1-9][\d,]*$/m,
    /account2 is killed\n(.*\n)*.*delivered [1-9]/,
    /account2 may come back\n(.*\n)*account2 is back\n(.*\n)*.*account2 3\/3 open/,
  ],
  'order-updates': [
    /^OPEN +BUY 0\/100 INFY, first seen on connection \d\nUPDATE +BUY 40\/100 INFY at ₹1,573\.15, .*\nCOMPLETE BUY 100\/100 INFY/m,
  ],
  candles: [
    /^# the feed: simulator, candles of 5s$/m,
    /^# time +instrument +low +high +open +high +low +close +volume$/m,
    // The first one is partial, unless the example starts so shortly before an edge that nothing is traded until then.
    /^\d\d:\d\d:\d\d INFY +[ ─█░]{32} +1,\d{3}\.\d\d .* [\d,]+$/m,
  ],
  'simulated-day': [
    /^06:30:00\.000 {2}fault: \{"kind":"drop"\}\n06:30:00\.\d+ {2}degraded; /m,
    /^08:30:00\.000 {2}somebody logs in/m,
    /^08:30:\d\d\.\d+ {2}gap of 72\d\d\.\d s on connection \d/m,
    /^08:50:00\.000 {2}[\d,]+ ticks sent, [1-9][\d,]* delivered$/m,
  ],
  'performance-demo': [/(.* ticks\/s, p99 \d.*, CPU \d+ %, \d+ MB\n){3}\d+ ticks dropped/],
  'high-frequency': [/[\d,]+ books, \d+ ns each, [\d,]+ lopsided\n {2}the last: .+ -?[01]\.\d\d$/m],
  'raw-vs-parsed': [
    /20 frames, [\d,]+ ticks\n(.*\d+ ns a tick.*\n){6}/,
    /^decodeFrame, plain objects .*\((\d+)\)\n(.*\(\1\)\n){5}/m,
  ],
  'raw-full-peek': [
    /^184 {2}RELIANCE 2,\d{3}\.\d\d \(2\d{5} on the wire\)\n +bid [\d,]+ × 2,\d{3}\.\d\d, ask /m,
    /^ 44 {2}INFY .*volume [\d,]+$/m,
    /^ 32 {2}NIFTY 50 .*change -?\d+\.\d\d$/m,
    /^ {2}8 {2}TCS [\d,.]+, no volume in this kind$/m,
  ],
  'manager-raw-frames': [
    /connection 1: \d+ bytes, [1-9]\d* full/,
    /connection 3: \d+ bytes, [1-9]\d* full/,
    /^\w+: best bid [\d,]+\.\d\d of \d+ orders, 0 dropped$/m,
  ],
  'heartbeat-liveness-demo': [
    /s {2}heartbeat\n(.*\n)*.*the server falls silent.*\n(.*\n)*.*waiting: no frame of any kind for 2500 ms \(KITE_CONNECTION_SILENT\)\n(.*\n)*.*open\n(.*\n)*.*gap: nothing was received/,
  ],
  'two-strategies': [
    /^both run: 50 instruments are streamed, 10 of them in full\n {2}pairs {2}10 instruments, [1-9][\d,]* ticks \(.*full\)\n {2}alerts 50 instruments, [1-9][\d,]* ticks \(ltp\)$/m,
    /^alerts has dropped what both want: 50 .*\n {2}pairs {2}10 .*\n {2}alerts 40 .*$/m,
    /^pairs has ended: 50 instruments are streamed, 0 of them in full\n {2}pairs {2}0 instruments, 0 ticks \(none\)\n {2}alerts 50 .*$/m,
  ],
  'fan-out': [
    /^two strategies: Kite streams 50 instruments, 10 of them in full\n {2}pairs +10 instruments, [1-9]\d* ticks\n {2}alerts +45 instruments, [1-9]\d* ticks$/m,
    /^a third one joins late: .*\n(.*\n){3} {2}and has read [1-9]\d* ticks from the second before it came$/m,
    /^pairs was killed, the others go on: Kite streams 50 .*\n {2}alerts +45 instruments, [1-9]\d* ticks\n {2}late +10 instruments, [1-9]\d* ticks$/m,
    /^\d+ s later nobody wants full ticks any more: Kite streams 50 instruments, 0 of them in full\n {2}alerts +45 .*\n {2}late +10 instruments, [1-9]\d* ticks$/m,
  ],
  'slow-consumer': [
    /^drop-oldest +[\d,]+ +[1-9][\d,]* +[\d,]+ ms$/m,
    /^drop-newest +[\d,]+ +[1-9][\d,]* +[\d,]+ ms$/m,
    /^conflate +[\d,]+ +[1-9][\d,]* +[\d,]+ ms$/m,
    /^throttleMs: 500 +[\d,]+ +[1-9][\d,]* +[\d,]+ ms$/m,
    /^error +[\d,]+ +0 {2}ended by its policy$/m,
  ],
  'token-rotation': [
    /waiting: KITE_CONNECTION_UNAUTHORIZED\n(.*\n)*.*waiting: KITE_CONNECTION_TOKEN_UNCHANGED\n(.*\n)*somebody logs in\n(.*\n)*asked for the token: today's\n(.*\n)* {2}open\n {2}gap of \d\.\d s\n(.*\n)*\d+ ticks/,
  ],
  'replay-a-recording': [
    /recorded [1-9][\d,]* ticks in [\d,]+ bytes/,
    /replayed [1-9][\d,]* frames, 0 gaps, 0 dropped/,
    /[1-9][\d,]* ticks came again/,
  ],
};

/** Those that need a NATS server: on the PATH, or where `tools/nats-server.mjs` puts one. */
const ON_NATS = ['fan-out'];
const CACHED = fileURLToPath(
  new URL('../../../../node_modules/.cache/nats-server/nats-server', import.meta.url),
);
const hasNoNats = !existsSync(CACHED) && spawnSync('nats-server', ['--version']).status !== 0;

/** Those that end by themselves soon after what they print: Ctrl-C might come while the process is ending. */
const ENDS_ITSELF = [
  'decode-only',
  'dynamic-subscription-demo',
  'instruments',
  'mode-change',
  'performance-demo',
  'raw-full-peek',
  'raw-vs-parsed',
  'replay-a-recording',
  'runtime-subscriptions',
  'two-strategies',
];

/** Those that have tests of their own. */
const ELSEWHERE = ['live-market', 'depth-board', 'metrics', 'login'];

const folder = new URL('../../src/', import.meta.url);
const catalogue = JSON.parse(readFileSync(new URL('../../examples.json', import.meta.url), 'utf8')) as {
  group: string;
  examples: Record<string, string>;
}[];
const names = catalogue.flatMap(({ examples }) => Object.keys(examples));

/** A process that compiles its sources takes its time on a busy machine. */
const TIMEOUT_MS = 120_000;

describe('the catalogue', () => {
  test('has every example, in a line that fits 80 columns, and none that there is not', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
    expect([...names].sort()).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort());
    for (const { examples } of catalogue)
      for (const about of Object.values(examples)) expect(about.length).toBeLessThanOrEqual(51);
  });

  test('has nothing that no test runs', () => {
    expect(names.filter((name) => !ELSEWHERE.includes(name)).sort()).toEqual(Object.keys(PRINTS).sort());
  });
});

describe.concurrent('each example', { timeout: TIMEOUT_MS }, () => {
  const itPrints = async (name: string, patterns: readonly RegExp[]): Promise<void> => {
    const { child, ended, printed } = start(['--seconds', '60'], {}, name);
    await Promise.race([Promise.all(patterns.map(printed)), ended]);
    if (!ENDS_ITSELF.includes(name)) child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const pattern of patterns) expect(stdout).toMatch(pattern);
  };

  const all = Object.entries(PRINTS);
  test.each(all.filter(([name]) => ENDS_ITSELF.includes(name)))(
    '%s prints what it is about, and ends by itself',
    itPrints,
  );

  test.each(all.filter(([name]) => !ENDS_ITSELF.includes(name) && !ON_NATS.includes(name)))(
    '%s prints what it is about, and ends at Ctrl-C',
    itPrints,
  );

  test.skipIf(hasNoNats).each(all.filter(([name]) => ON_NATS.includes(name)))(
    '%s prints what it is about, and ends at Ctrl-C (skipped without a NATS server)',
    itPrints,
  );

  test('fan-out tells in words that its NATS server cannot be reached', async () => {
    const none = { NATS_SERVERS: '127.0.0.1:1' };
    const { code, stderr } = await start(['--seconds', '60'], none, 'fan-out').ended;
    expect(code).toBe(1);
    expect(stderr).toContain('no NATS server could be reached');
  });

  // Tests that run side by side have an expect() of their own: poll() of the common one does not know whose it is.
  test('metrics are scraped: figures for each connection, and the health', async ({ expect }) => {
    const { child, ended, printed, output } = start([], {}, 'metrics');
    await printed(/\/health for a load balancer/);
    const [url = ''] = /http:\S+(?=\/metrics)/.exec(output()) ?? [];
    const scrape = async () => await (await fetch(`${url}/metrics`)).text();
    for (const connection of [1, 2, 3])
      await expect.poll(scrape).toMatch(new RegExp(`kite_ticks_total\\{connection="${connection}"\\} [1-9]`));
    // The first ticks may come before the example listens to them.
    await expect.poll(scrape).toMatch(/kite_delivery_seconds_count\{connection="1"\} [1-9]/);
    const metrics = await scrape();
    for (const connection of [1, 2, 3])
      expect(metrics).toContain(`kite_connection_up{connection="${connection}"} 1`);
    expect(metrics).toContain('# TYPE kite_reconnects_total counter');
    expect(metrics).toContain('kite_unplaced_symbols 0');
    expect(metrics).toMatch(/kite_latency_seconds\{connection="1",quantile="0\.99"\} \d/);
    expect(metrics).toMatch(/kite_queued_items\{connection="3"\} \d/);
    expect(metrics).toMatch(/kite_event_loop_lag_seconds \d/);
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(health.headers.get('content-type')).toBe('application/json');
    expect(await health.json()).toMatchObject({ status: 'healthy', totalSymbols: 900 });
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test.each(['single-connection', 'manager-demo', 'replay-a-recording'])(
    '%s ends by itself after --seconds, with 0',
    async (name) => {
      expect(await start(['--seconds', '0.2'], {}, name).ended).toMatchObject({ code: 0, stderr: '' });
    },
  );
});

describe.concurrent('a simulated day', { timeout: TIMEOUT_MS }, () => {
  /** Until the first minute of the market is over. */
  const linesOf = async (...args: string[]) => {
    const asked = ['--until', '09:17', '--instruments', '30', '--faults', 'swarm', ...args];
    const { code, stdout, stderr } = await start(asked, {}, 'simulated-day').ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.split('\n').filter((line) => !line.startsWith('CPU time'));
  };

  test('is the same in every process', async () => {
    const [one, other] = await Promise.all([linesOf('--seed', '7'), linesOf('--seed', '7')]);
    expect(one.at(-2)).toMatch(/^hash {13}[0-9a-f]{16}$/);
    expect(other).toEqual(one);
  });

  test.each([
    [['--until', '05:00'], /to is "05:00"/],
    [['--faults', 'all'], /planned, swarm, none/],
    [['--instruments', '0'], /from 1 to 9000/],
  ])('%j is refused with 2', async (args, message) => {
    const { code, stderr } = await start(args, {}, 'simulated-day').ended;
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe.concurrent('with credentials', { timeout: TIMEOUT_MS }, () => {
  const env = { KITE_API_KEY: 'real-key', KITE_ACCESS_TOKEN: 'real-secret-token' };
  const accounts = [{ apiKey: 'real-key', accessToken: 'real-secret-token', userId: 'AB1234' }];

  test.each(['single-connection', 'market-scanner', 'order-updates', 'token-rotation'])(
    '%s streams from the server, and never shows them',
    async (name) => {
      await using server = await startSimulator({ accounts });
      const { child, ended, printed } = start(['--url', server.url], env, name);
      await printed(/the feed: ws:/);
      await vi.waitFor(() => expect(server.requests.length).toBeGreaterThan(0), { timeout: TIMEOUT_MS });
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).not.toMatch(/real-key|real-secret-token/);
      expect(new Set(server.requests.map(({ apiKey }) => apiKey))).toEqual(new Set(['real-key']));
    },
  );

  test('only one of the two is refused at once, whatever time was asked for', async () => {
    const { code, stdout, stderr } = await start(
      ['--seconds', '600'],
      { KITE_API_KEY: 'real-key' },
      'single-connection',
    ).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('KITE_ACCESS_TOKEN is not');
    expect(stderr).not.toContain('real-key');
  });

  test('a refused token is told with its likely causes, and exits with 1', async () => {
    await using server = await startSimulator({ accounts });
    const args = ['--url', server.url];
    const yesterday = { ...env, KITE_ACCESS_TOKEN: 'yesterdays-token' };
    const { code, stderr } = await start(args, yesterday, 'single-connection').ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/expired[^]*KITE_CONNECTION_UNAUTHORIZED/);
    expect(stderr).not.toMatch(/yesterdays-token|^ +at /m);
  });
});

describe.concurrent('npm run example', { timeout: TIMEOUT_MS }, () => {
  const runner = 'launcher/run';

  test('lists every example, a line each', async () => {
    const { code, stdout } = await start([], { COLUMNS: '80' }, runner).ended;
    expect(code).toBe(0);
    for (const { examples } of catalogue)
      for (const [name, about] of Object.entries(examples))
        expect(stdout).toMatch(new RegExp(`^  ${name} +${about.replace(/[+]/g, '\\$&')}$`, 'm'));
  });

  test.each([
    ['manger-demo', 'Did you mean manager-demo?'],
    ['single', 'lists all of them'],
    ['--all', 'unknown option'],
  ])('%s: says what is nearest, and exits with 2', async (name, message) => {
    const { code, stdout, stderr } = await start([name], {}, runner).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test.each([
    ['live-market', '--second', 'Did you mean --seconds?'],
    ['manager-demo', '--token', 'Did you mean --tokens?'],
    ['candles', '--interval=7s', 'Allowed choices are 5s'],
  ])('%s refuses %s before anything is built', async (name, option, message) => {
    const { code, stderr } = await start([name, option], {}, runner).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('Building');
  });

  test('ends with 0 and no trace where nobody reads its help to the end', async () => {
    const { child, ended } = start(['live-market', '--help'], {}, runner);
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('shows the help of an example before anything is built', async () => {
    const { code, stdout, stderr } = await start(['live-market', '--help'], {}, runner).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--fault');
  });
});
