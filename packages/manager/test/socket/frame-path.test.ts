import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Channel, systemClock, type TickerMessage, wsTransport } from '@kite/connection';
import { eventually, INFY } from '@kite/testkit';

import { RingWriter } from '../../src/threads/worker/ring-writer.js';
import { openBench } from '../support/manager-bench.js';
import { VirtualHost } from '../support/virtual-worker.js';

let limit: number;
beforeEach(() => {
  limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
});
afterEach(() => {
  Error.stackTraceLimit = limit;
  vi.restoreAllMocks();
});

/** The source files that call each other at this moment. */
function filesOnTheStack(): string[] {
  const paths = new Error().stack!.matchAll(/packages\/(\w[\w-]*\/src\/[\w/-]+\.ts)/g);
  return [...paths].map(([, file]) => file!);
}

/** Notes the files on the stack whenever this method of a class is called, and the one of the class. */
function watch<Method extends string>(
  prototype: Record<Method, (...args: never[]) => unknown>,
  method: Method,
  own: string,
  files: Set<string>,
): void {
  const original = prototype[method];
  vi.spyOn(prototype as Record<string, (...args: never[]) => unknown>, method).mockImplementation(function (
    this: unknown,
    ...args: never[]
  ) {
    for (const file of [own, ...filesOnTheStack()]) files.add(file);
    return original.apply(this, args);
  });
}

/** The queue of a channel, as its class has it. */
function queueOf(channel: Channel<TickerMessage>): { push: (...args: never[]) => unknown } {
  const { queue } = channel as unknown as { queue: object };
  return Object.getPrototypeOf(queue) as never;
}

test.each([
  { way: 'in the main thread', most: 8, options: { enableDedicatedParsers: false } },
  {
    way: 'by way of an I/O worker',
    most: 14,
    options: { [Symbol.for('@kite/io-worker')]: new VirtualHost(systemClock, wsTransport) },
  },
])(
  'a frame of ticks passes at most $most source files from the socket to a channel, $way',
  async ({ most, options }) => {
    await using bench = await openBench({ maxConnections: 1, ...options });
    const { manager } = await bench.start();
    await manager.subscribeSymbols([INFY]);
    await bench.agrees(manager);
    const channel = manager.getUnifiedChannel();
    const files = new Set<string>();
    watch(queueOf(channel), 'push', 'connection/src/channel/queue.ts', files);
    watch(RingWriter.prototype, 'write', 'manager/src/threads/worker/ring-writer.ts', files);
    bench.simulator.burst(1);
    await eventually(() => expect(channel.size).toBeGreaterThan(0));
    expect(files).toContain('connection/src/socket/ws-transport.ts');
    expect(files.size, [...files].sort().join(', ')).toBeLessThanOrEqual(most);
  },
);
