import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parseDuration, parseWhen } from '../src/cli/duration.js';
import { program } from '../src/cli/program.js';
import { credentials, refusalOf, TestClient } from './support/client.js';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
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
  it('prints its URL, its instruments and a line for each connection, and Ctrl-C ends it with exit code 0', async () => {
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

  it('sets off faults by flags: before the first connection, once, and again and again', async () => {
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

  it('takes commands from its input, says what it does not understand, and ends with it', async () => {
    const command = new Command('--stdin', '--ticks-per-second', '0');
    using client = new TestClient((await command.url()) + credentials());
    await client.until(() => client.texts.length === 2);
    command.type('dorp 1');
    command.type('fragment 0');
    command.type('broadcast hello there');
    command.type('drop 1');
    await client.until(() => client.closed !== undefined);
    expect(client.texts.at(-1)).toBe('{"type":"message","data":"hello there"}');
    command.child.stdin.end();
    expect(await command.exit).toBe(0);
    expect(command.errors).toContain('no such command: dorp. Did you mean drop?');
    expect(command.errors).toContain('fragments is 0; allowed: an integer from 1');
  });

  it.each([
    ['an option out of range', ['--seed', '0.5'], /KITE_SIMULATOR_INVALID_OPTION: seed is 0\.5/],
    ['a time that is none', ['--drop', 'soon'], /Use a duration such as/],
    ['a key without its certificate', ['--tls-key', CLI], /tls: cert is undefined/],
  ])('refuses %s with one sentence and exit code 1', async (_name, args, message) => {
    const command = new Command(...args);
    expect(await command.exit).toBe(1);
    expect(command.errors).toMatch(message);
    expect(command.errors).not.toContain('    at ');
  });

  it('has every fault as a flag', () => {
    const flags = program().options.map(({ long }) => long);
    expect(flags).toEqual(
      expect.arrayContaining(
        'drop stall resume blackhole close refuse slow-handshake corrupt truncate fragment lag burst expire-tokens pause'
          .split(' ')
          .map((name) => `--${name}`),
      ),
    );
  });
});

describe('durations', () => {
  it.each([
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

  it.each(['', 's', '-1s', '5 s', '5d', 'every:5s'])('%j is none', (text) => {
    expect(() => parseDuration(text)).toThrow();
  });
});
