import { describe, expect, test } from 'vitest';
import { eventually, NIFTY, Readme, sorted, streamed } from '@kite/testkit';

import { openBench } from '../support/manager-bench.js';
import { program } from '../support/program.js';

const readme = new Readme(new URL('../../README.md', import.meta.url));

describe('the README’s program', () => {
  test('“Quick start” runs as it stands: ticks while it changes what it wants, a gap, and an end by Ctrl-C', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await program(readme.program('## Quick start'));
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
    expect(await exit).toMatchObject({ code: 0 });
    expect(bench.simulator.connections).toHaveLength(0);
    for (const line of running.output.trim().split('\n')) expect(line).toMatch(/^[012]: \d+ @ ₹\d+\.\d\d$/);
  });

  test('“Raw frames” runs as it stands', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await program(readme.program('### Raw frames'));
    void running.run(bench.simulator.url);
    await eventually(() => expect(running.output).toMatch(/^0 408065 [\d.]+ \d+$/m));
  });

  test('“Raw frames” over an index finds no depth, and no error', async () => {
    await using bench = await openBench({}, { ticksPerSecond: 500 });
    await using running = await program(readme.program('### Raw frames').replace('408065', String(NIFTY)));
    void running.run(bench.simulator.url);
    await eventually(() => expect(streamed(bench.simulator).get(NIFTY)).toBe('full'));
    const server = bench.simulator.connections[0]!;
    const before = server.counters.ticksSent;
    await eventually(() => expect(server.counters.ticksSent).toBeGreaterThan(before + 5));
    expect(running.output).toBe('');
  });
});
