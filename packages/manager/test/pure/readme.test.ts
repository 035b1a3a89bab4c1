import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KiteTickerManager, MANAGER_ERRORS } from '@kite/manager';
import { eventually } from '@kite/testkit';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/connection-parts.js';
import { MANAGER_DEFAULTS } from '../../src/options.js';
import { NIFTY, openBench, sorted, streamed } from '../support/manager-bench.js';
import { Program } from '../support/program.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** What is under a heading, until the next one. */
function section(heading: string): string {
  const [, text = ''] = readme.split(`\n${heading}\n`);
  return text.split(/\n#+ /, 1)[0]!;
}

/** The rows of the table under a heading: each row's cells, without the backticks around a single code. */
function table(heading: string): string[][] {
  const rows = section(heading).match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

/** The program under a heading. */
function program(heading: string): string {
  return /^```ts\n(.*?)^```/ms.exec(section(heading))![1]!;
}

describe('the README’s program', () => {
  test('“Quick start” runs as it stands: ticks while it changes what it wants, a gap, and an end by Ctrl-C', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await Program.of(program('## Quick start'));
    const exit = running.run(bench.simulator.url);
    await eventually(() =>
      expect(sorted(streamed(bench.simulator))).toEqual([
        [5633, 'full'],
        [256265, 'full'],
        [738561, 'quote'],
        [884737, 'full'],
      ]),
    );
    await eventually(() => {
      for (const token of [5633, 256265, 738561, 884737])
        expect(running.output).toMatch(new RegExp(`^[012]: ${token} @ ₹\\d+\\.\\d\\d$`, 'm'));
    });
    expect(bench.simulator.connections).toHaveLength(3);
    running.interrupt();
    expect(await exit).toBe(0);
    expect(bench.simulator.connections).toHaveLength(0);
    for (const line of running.output.trim().split('\n')) expect(line).toMatch(/^[012]: \d+ @ ₹\d+\.\d\d$/);
  });

  test('“Raw frames” runs as it stands', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await Program.of(program('### Raw frames'));
    void running.run(bench.simulator.url);
    await eventually(() => expect(running.output).toMatch(/^0 408065 [\d.]+ \d+$/m));
  });

  test('“Raw frames” over an index finds no depth, and no error', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await Program.of(program('### Raw frames').replace('408065', String(NIFTY)));
    void running.run(bench.simulator.url);
    await eventually(() => expect(streamed(bench.simulator).get(NIFTY)).toBe('full'));
    const server = bench.simulator.connections[0]!;
    const before = server.counters.ticksSent;
    await eventually(() => expect(server.counters.ticksSent).toBeGreaterThan(before + 5));
    expect(running.output).toBe('');
  });
});

describe('the README', () => {
  test('has every option, with its true default', () => {
    const documented = Object.fromEntries(
      table('## Options').map(([option = '', value = '']) => [option, value]),
    );
    const { clock: _clock, random: _random, transport: _transport, ...plain } = CONNECTION_DEFAULTS;
    expect(documented).toEqual({
      ...Object.fromEntries(Object.keys(CREDENTIAL_RULES).map((option) => [option, 'required'])),
      ...Object.fromEntries(
        Object.entries({ ...plain, ...MANAGER_DEFAULTS }).map(([option, value]) => [option, String(value)]),
      ),
      '`clock`, `random`, `transport`': "the machine's own, `ws`",
      workerUrl: 'found by itself',
    });
  });

  test('has every error code', () => {
    expect(table('## Errors').map(([code]) => code)).toEqual(Object.keys(MANAGER_ERRORS));
  });

  test('has every figure', () => {
    const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token' });
    const stats = manager.getStats();
    const figures = [stats, stats.connectionStats[0]!, manager.getProcessorStats()[0]!, manager.getHealth()];
    const names = figures.flatMap((one) => Object.keys(one));
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});
