import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CommanderError } from 'commander';
import { afterEach, describe, expect, test } from 'vitest';
import { RecordingWriter, startSimulator } from '@kite/simulator';

import { parseDuration, parseWhen } from '../../src/cli/duration.js';
import { program } from '../../src/cli/program.js';
import { reportOn } from '../../src/cli/report.js';
import { connect, credentials, refusalOf, TestClient } from '../support/client.js';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const require = createRequire(import.meta.url);
const TSX = pathToFileURL(require.resolve('tsx')).href;
const FROM_SOURCE = ['--import', TSX, '--conditions=@kite/source'];

const running: Command[] = [];
afterEach(() => {
  for (const command of running.splice(0)) command.child.kill('SIGKILL');
});

/** The command in a process of its own, and what it has printed. */
class Command {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: string[] = [];
  errors = '';
  readonly exit: Promise<number | null>;
  #changed: () => void = () => undefined;

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, [...FROM_SOURCE, CLI, '--port', '0', ...args]);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.lines.push(...text.split('\n').filter((line) => line !== ''));
      this.#changed();
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
      this.#changed();
    });
    this.exit = new Promise((resolve) => this.child.once('close', resolve));
    running.push(this);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  async url(): Promise<string> {
    const found = () => /wss?:\/\/[^"\s]+\//.exec(this.lines.join('\n'))?.[0];
    await this.until(() => found() !== undefined);
    return found()!;
  }

  type(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }
}

describe('the command', () => {
  test('prints its URL, its instruments and a line for each connection, and Ctrl-C ends it with exit code 0', async () => {
    const command = new Command();
    using client = new TestClient((await command.url()) + credentials('mykey', 'sesame'));
    await client.until(() => client.texts.length === 2);
    client.subscribe([408065, 5633], 'full');
    await command.until(() => command.lines.some((line) => line.includes('mode full for 2')));
    command.child.kill('SIGINT');
    expect(await command.exit).toBe(0);
    const output = command.lines.join('\n');
    expect(output).toMatch(/^Kite simulator on ws:\/\/127\.0\.0\.1:\d+\/\n10000 instruments: .*408065 INFY/);
    expect(output).toContain('+ connection 1 open: key mykey');
    expect(output).toContain('connection 1 subscribe 2');
    expect(output).toMatch(/- connection 1 closed: \d+ ticks/);
    expect(output + command.errors).not.toContain('sesame');
  });

  test('sets off faults by flags: before the first connection, once, and again and again', async () => {
    const command = new Command('--json', '--refuse', '1', '--refuse-status', '429', '--close', 'every:50ms', '--close-code', '4000', '--close-reason', 'by by', '--only', 'mykey'); // prettier-ignore
    const url = await command.url();
    expect((await refusalOf(url + credentials('mykey'))).status).toBe(429);
    using other = new TestClient(url + credentials('other'));
    for (let round = 0; round < 2; round++) {
      using client = new TestClient(url + credentials('mykey'));
      await client.until(() => client.closed !== undefined);
      expect(client.closed).toEqual({ code: 4000, reason: 'by by' });
    }
    expect(other.closed).toBeUndefined();
    const events = command.lines.map((line) => (JSON.parse(line) as { event: string }).event);
    expect(events.slice(0, 2)).toEqual(['listening', 'refused']);
  });

  test('takes commands from its input, says what it does not understand, and ends with it', async () => {
    const command = new Command('--stdin', '--ticks-per-second', '0');
    using client = new TestClient((await command.url()) + credentials());
    await client.until(() => client.texts.length === 2);
    command.type('dorp 1');
    command.type('fragment 0');
    command.type('corrupt half');
    command.type('broadcast hello there');
    command.type('drop 1');
    await client.until(() => client.closed !== undefined);
    expect(client.texts.at(-1)).toBe('{"type":"message","data":"hello there"}');
    command.child.stdin.end();
    expect(await command.exit).toBe(0);
    expect(command.errors).toContain('no such command: dorp. Did you mean drop?');
    expect(command.errors).toContain('fragments is 0; allowed: an integer from 1');
    expect(command.errors).toContain('half is no number');
  });

  test('acknowledges each typed command, and never shows a token', async () => {
    const command = new Command('--stdin', '--ticks-per-second', '0');
    using client = new TestClient((await command.url()) + credentials('mykey'));
    await client.until(() => client.texts.length === 2);
    for (const typed of [
      'price 408065 1573.15',
      'price 408065 1573.12',
      'order all REJECTED quantity=5',
      'instruments infy',
      'lag 0',
      'set-token mykey sesame',
      'scenario circuit 408065 1ms',
      'drop',
    ])
      command.type(typed);
    await command.until(() => command.lines.some((line) => line.startsWith('  drop:')));
    const answers = command.lines.filter((line) => /^ {2}[a-z-]+: /.test(line));
    expect(answers).toEqual([
      '  price: 408065 is 1573.15',
      expect.stringMatching(/^ {2}order: order \d+ of [A-Z\d]+: REJECTED INFY$/),
      '  instruments: 408065 NSE:INFY 1573.15',
      '  lag: done',
      '  set-token: done',
      '  scenario: playing circuit with 408065',
      '  drop: 1 connection',
    ]);
    expect(command.errors).toContain(
      'prices[0] is 1573.12; allowed: a multiple of 0.05, the tick size of INFY',
    );
    expect(command.lines.join() + command.errors).not.toContain('sesame');
  });

  test('names the command that failed, and what of it is missing, wrong or too much', async () => {
    const command = new Command('--stdin');
    await command.url();
    for (const typed of [
      'lag soon',
      'set-token mykey',
      'expire-instruments INFY',
      'drop 1 2',
      'heal now',
      'close 4000 by by 1',
      'broadcast any words will do',
    ])
      command.type(typed);
    command.child.stdin.end();
    expect(await command.exit).toBe(0);
    expect(command.errors.trimEnd().split('\n')).toEqual([
      'lag: soon is no duration; allowed: a duration such as 500ms, 5s, 2m or 1h, at most 596h',
      'set-token: TOKEN is missing',
      'expire-instruments: INFY is no number',
      "drop: it takes [WHO], and not '1 2'",
      "heal: it takes no words, and not 'now'",
      "close: it takes [CODE] [REASON] [WHO], and not '4000 by by 1'",
      'broadcast: no such connection is open',
    ]);
  });

  test('runs what was typed before quit, and nothing after it', async () => {
    const command = new Command('--stdin');
    await command.url();
    command.child.stdin.write('pause\nresume\ninstruments 408065\nquit\nheal\n');
    expect(await command.exit).toBe(0);
    expect(command.lines.slice(2)).toEqual([
      '  pause: done',
      '  resume: done',
      expect.stringMatching(/^ {2}instruments: 408065 NSE:INFY \d/),
    ]);
    expect(command.errors).toBe('');
  });

  test('lists the commands that can be typed in 80 columns, each at the margin', async () => {
    const command = new Command('--stdin');
    await command.url();
    command.type('help');
    command.child.stdin.end();
    expect(await command.exit).toBe(0);
    const [name, ...list] = command.lines.slice(2);
    expect(name).toBe('  help:');
    expect(list.filter((line) => line.length > 80 || !/^ {2}(\S| {35}\S)/.test(line))).toEqual([]);
    expect(list.at(-1)).toMatch(/^ {2}quit +stop the simulator$/);
  });

  test('acknowledges typed commands as events for programs, the refused ones too', async () => {
    const command = new Command('--stdin', '--json');
    await command.url();
    command.type('instruments 408065');
    command.type('drop');
    command.type('drip');
    const answers = () =>
      command.lines
        .map((line) => JSON.parse(line) as { event: string })
        .filter(({ event }) => event === 'answer');
    await command.until(() => answers().length === 3);
    expect(answers()).toEqual([
      { event: 'answer', command: 'instruments', ok: true, text: expect.stringContaining('INFY') as string },
      { event: 'answer', command: 'drop', ok: false, text: 'no such connection is open' },
      { event: 'answer', command: 'drip', ok: false, text: 'no such command: drip. Did you mean drop?' },
    ]);
  });

  test('plays prices and scenarios by flags once their instrument is subscribed, and posts orders with a status', async () => {
    const command = new Command('--ticks-per-second', '0', '--price', '408065:1500,1501.5', '--scenario', 'circuit:738561', '--play-every', '5ms', '--order', 'every:20ms', '--order-status', 'REJECTED'); // prettier-ignore
    using client = new TestClient((await command.url()) + credentials());
    client.socket.once('open', () => client.subscribe([408065, 738561]));
    const prices = (token: number) =>
      client.ticks.filter((tick) => tick.instrumentToken === token).map(({ lastPrice }) => lastPrice);
    await client.until(() => prices(408065).length === 3 && prices(738561).length > 20);
    expect(prices(408065).slice(1)).toEqual([1500, 1501.5]);
    await client.until(() => client.texts.some((text) => text.includes('REJECTED')));
  });

  test('has a market for the tokens that it lists and no other, unless --any-token asks for it', async () => {
    for (const [flags, expected] of [
      [[], [408065]],
      [['--any-token'], [408065, 777 * 256 + 1]],
    ] as const) {
      const command = new Command('--ticks-per-second', '0', ...flags);
      using client = new TestClient((await command.url()) + credentials());
      client.socket.once('open', () => client.subscribe([408065, 777 * 256 + 1]));
      await client.until(() => client.ticks.length > 0);
      await client.settled();
      expect(client.ticks.map(({ instrumentToken }) => instrumentToken)).toEqual(expected);
    }
  });

  test.each([
    ['a value that is not allowed', ['--corrupt', 'abc'], /'--corrupt <part>' argument 'abc' is invalid/],
    [
      'a flag that there is not',
      ['--corupt', '1'],
      /unknown option '--corupt'\n\(Did you mean --corrupt\?\)/,
    ],
    [
      'a recording that there is not',
      ['--replay', '/nowhere'],
      /'--replay <file>' argument '\/nowhere' .*ENOENT/,
    ],
    ['an account without a token', ['--account', 'sesame'], /^error: --account is .*; allowed: key:token/],
  ])('refuses %s with one sentence and exit code 2, and never listens', async (_name, args, message) => {
    const command = new Command(...args);
    expect(await command.exit).toBe(2);
    expect(command.errors).toMatch(message);
    expect(command.errors).not.toMatch(/ {4}at |: sesame/);
    expect(command.lines).toEqual([]);
  });

  test('tells a port that is taken with one sentence and exit code 1', async () => {
    await using other = await startSimulator();
    const command = new Command('--port', new URL(other.url).port);
    expect(await command.exit).toBe(1);
    expect(command.errors).toMatch(
      /^KITE_SIMULATOR_LISTEN_FAILED: cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*\n$/,
    );
  });

  test('judges a client that does nothing: every fact failed, as JSON, and exit code 1', async () => {
    const command = new Command(
      'conformance',
      '--json',
      '--patience',
      '100ms',
      '--',
      process.execPath,
      '-e',
      '0',
    );
    expect(await command.exit).toBe(1);
    const { passed, rows } = JSON.parse(command.lines.join('')) as {
      passed: boolean;
      rows: { passed: boolean }[];
    };
    expect([passed, rows.length, rows.filter((row) => row.passed).length]).toEqual([false, 40, 0]);
  }, 120_000);

  test('refuses a conformance run without a command with exit code 2', async () => {
    const command = new Command('conformance');
    expect(await command.exit).toBe(2);
    expect(command.errors).toContain("missing required argument 'command'");
  });

  test('ends a conformance run of a program that cannot be started with one sentence and exit code 2', async () => {
    const command = new Command('conformance', '--', '/nowhere/client');
    expect(await command.exit).toBe(2);
    expect(command.errors).toBe("error: cannot start '/nowhere/client': spawn /nowhere/client ENOENT\n");
    expect(command.lines).toEqual([]);
  }, 120_000);

  test('names the word that is no command', async () => {
    const [near, far] = [new Command('conform'), new Command('serve')];
    expect([await near.exit, await far.exit]).toEqual([2, 2]);
    expect(near.errors).toBe("error: there is no command 'conform'. Did you mean conformance?\n");
    expect(far.errors).toBe("error: there is no command 'serve'. There are conformance and help.\n");
  });

  test('tells its version, which is the package’s', async () => {
    const command = new Command('--version');
    expect(await command.exit).toBe(0);
    const { version } = require('@kite/simulator/package.json') as { version: string };
    expect(command.lines).toEqual([version]);
  });

  test('ends with 0 and no trace where nobody reads what it prints', async () => {
    const help = new Command('--help');
    help.child.stdout.destroy();
    const server = new Command();
    const url = await server.url();
    server.child.stdout.destroy();
    using client = new TestClient(url + credentials('mykey', 'sesame')); // which it would tell of
    await client.until(() => client.closed !== undefined);
    for (const command of [help, server]) {
      expect(await command.exit).toBe(0);
      expect(command.errors).toBe('');
    }
  });

  test('resumes the selected connection alone', async () => {
    const command = new Command('--stdin', '--heartbeat-interval', '10ms', '--resume', 'every:20ms', '--only', 'a'); // prettier-ignore
    const url = await command.url();
    using a = new TestClient(url + credentials('a'));
    using b = new TestClient(url + credentials('b'));
    await Promise.all([a, b].map((client) => client.until(() => client.heartbeats > 0)));
    command.type('stall');
    command.type('stalled?');
    await command.until(() => command.errors.includes('no such command: stalled?'));
    await Promise.all([a.settled(), b.settled()]);
    a.forget();
    b.forget();
    await a.until(() => a.heartbeats > 5);
    await b.settled();
    expect(b.heartbeats).toBe(0);
  });

  test('resumes the server after a pause, whichever connection is selected', async () => {
    const command = new Command('--stdin', '--pause', '1h', '--resume', 'every:50ms', '--only', 'a');
    const url = (await command.url()) + credentials('a');
    const open = async () => {
      const client = new TestClient(url);
      await client.until(() => client.texts.length === 2 || client.closed !== undefined);
      return client;
    };
    using before = await open();
    // Typed, so that the test is there when it comes.
    command.type('pause');
    await before.until(() => before.closed !== undefined);
    let after = await open();
    while (after.closed) after = await open();
    after[Symbol.dispose]();
  });

  test('has every fault as a flag', () => {
    const flags = program('1.2.3').options.map(({ long }) => long);
    expect(flags).toEqual(
      expect.arrayContaining(
        'drop stall resume blackhole close refuse slow-handshake corrupt truncate fragment lag burst expire-tokens expire-instruments pause'
          .split(' ')
          .map((name) => `--${name}`),
      ),
    );
  });
});

describe('a flag', () => {
  const key = fileURLToPath(new URL('../support/tls/key.pem', import.meta.url));

  async function refused(...args: string[]): Promise<string> {
    const command = program('1.2.3').configureOutput({ writeErr: () => undefined });
    const given = ['--port', '0', '--seconds', '0', ...args];
    const error: unknown = await command
      .parseAsync(given, { from: 'user' })
      .catch((reason: unknown) => reason);
    if (error instanceof CommanderError) return error.message;
    throw new Error('it was taken');
  }

  const when = 'a duration such as 500ms, 5s, 2m or 1h, at most 596h, or every:5s';
  const duration = 'a duration such as 500ms, 5s, 2m or 1h, at most 596h';
  test.each([
    ['--port', '65536', 'an integer from 0 to 65535'],
    ['--host', '', 'a non-empty string'],
    ['--seed', '0.5', 'a safe integer'],
    ['--instruments', 'many', 'an integer from 0 to 1 000 000'],
    ['--ticks-per-second', '-1', 'a finite number from 0'],
    ['--step-interval', '0s', `${duration}, and above 0`],
    ['--max-ticks-per-frame', '3001', 'an integer from 1 to 3000'],
    ['--heartbeat-interval', 'never', `${duration}, and above 0`],
    ['--ping-interval', 'often', duration],
    ['--tls-key', CLI, 'a file with a PEM private key'],
    ['--tls-cert', '/nowhere', 'a file with a PEM certificate (ENOENT'],
    ['--replay', CLI, 'a recording (this is no recording'],
    ['--speed', '0', 'a positive number, or Infinity'],
    ['--seconds', 'Infinity', 'a number from 0 to 2147483'],
    ...'drop stall blackhole close burst pause resume expire-tokens expire-instruments order'
      .split(' ')
      .map((name) => [`--${name}`, 'soon', when]),
    ['--drop', '600h', when],
    ['--drop', 'every:0s', when],
    ['--corrupt', 'abc', 'a number from 0 to 1'],
    ['--truncate', '', 'a number from 0 to 1'],
    ['--fragment', 'x', 'an integer from 1'],
    ['--lag', 'never', duration],
    ['--refuse', 'x', 'an integer from 1, or Infinity'],
    ['--slow-handshake', 'x', duration],
    ['--only', '', "a connection's id, an api key or a user id"],
    ['--close-code', 'abc', '1000 to 1003, 1007 to 1014 or 3000 to 4999'],
    ['--close-reason', 'x'.repeat(124), 'at most 123 bytes'],
    ['--burst-ticks', '0', 'an integer from 1'],
    ['--refuse-status', '200', 'an HTTP status from 400 to 599'],
    ['--expiring', '408065,INFY', 'an array of instrument tokens'],
    ['--price', '408065', 'TOKEN:PRICE'],
    ['--price', '408065:cheap', 'TOKEN:PRICE'],
    ['--price', 'INFY:1500', 'TOKEN:PRICE'],
    ['--scenario', 'moon:408065', 'NAME:TOKEN, the name one of gap-at-open'],
    ['--scenario', 'circuit:INFY', 'NAME:TOKEN'],
    ['--play-every', 'never', `${duration}, and above 0`],
    ['--order-status', '', 'an order status such as REJECTED'],
  ])('%s refuses "%s" by its name, and says what is allowed', async (flag = '', value = '', allowed) => {
    const message = await refused(flag, value);
    expect(message).toMatch(new RegExp(`^error: option '${flag} <[^>]+>' argument '${value}' is invalid`));
    expect(message).toContain(`Allowed: ${allowed}`);
  });

  test.each([
    ['--tls-key', key, '--tls-cert'],
    ['--speed', '2', '--replay'],
    ['--close-code', '4000', '--close'],
    ['--close-reason', 'over', '--close'],
    ['--burst-ticks', '5', '--burst'],
    ['--refuse-status', '429', '--refuse'],
    ['--expiring', '408065', '--expire-instruments'],
    ['--order-status', 'OPEN', '--order'],
    ['--expire-instruments', '5s', '--expiring'],
  ])(
    '%s is refused where it does nothing, for want of a flag that it says more about',
    async (flag, value, needed) => {
      expect(await refused(flag, value)).toMatch(
        new RegExp(`^error: option '${flag} <[^>]+>' does nothing without '${needed} <[^>]+>'$`),
      );
    },
  );

  test('--play-every is refused where nothing is played', async () => {
    expect(await refused('--play-every', '5ms')).toBe(
      "error: option '--play-every <duration>' does nothing without '--price <token:prices>' or '--scenario <name:token>'",
    );
  });

  test('--tls-key is refused where it is not the key of --tls-cert', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kite-'));
    const other = join(directory, 'key.pem');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await writeFile(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(await refused('--tls-key', other, '--tls-cert', key.replace('key.pem', 'cert.pem'))).toBe(
      "error: option '--tls-key <file>' is not the key of '--tls-cert <file>'",
    );
    await rm(directory, { recursive: true });
  });
});

describe('what is printed', () => {
  test('counts one of a thing as one, and anything else as many', async () => {
    const recording = new PassThrough();
    await using writer = new RecordingWriter(recording);
    await writer.write({ type: 'gap', channelId: 0, receivedAt: 0, from: 0, to: 0, reason: 'drop' });
    await writer.write({ type: 'text', channelId: 0, receivedAt: 0, text: '{}' });
    await writer.close();
    await using simulator = await startSimulator({
      instruments: 1,
      replay: { source: recording, speed: Infinity, gaps: 'silence' },
    });
    const lines: string[] = [];
    reportOn(simulator, false, (line) => lines.push(line));
    const replayed = new Promise((resolve) => simulator.on('replayed', resolve));
    const closed = new Promise((resolve) => simulator.on('close', resolve));
    using client = await connect(simulator);
    client.subscribe([256265]);
    await replayed;
    simulator.publish([{ mode: 'ltp', instrumentToken: 256265, segment: 9, tradable: false, lastPrice: 1 }]);
    await client.until(() => client.ticks.length === 1);
    client.socket.terminate();
    await closed;
    const output = lines.join('\n');
    expect(output).toContain('\n1 instrument: 256265 NIFTY 50\n');
    expect(output).toContain('replayed 0 frames, 1 text, 1 gap');
    expect(output).toMatch(/closed: 1 tick in \d\d bytes sent$/);
  });
});

describe('durations', () => {
  test.each([
    ['5', 5],
    ['250ms', 250],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['never', Infinity],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(parseWhen(`every:${text}`)).toEqual({ ms, repeats: true });
  });

  test.each(['', 's', '-1s', '5 s', '5d', 'every:5s', '597h'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow();
  });
});
