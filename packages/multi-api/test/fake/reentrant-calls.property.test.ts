import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Channel,
  isKiteError,
  type MultiApiKiteTickerManager,
  type TickerMessage,
} from '@kite/multi-api';
import type { VirtualDay } from '@kite/simulator';

import { dayBench, OTHER, WAYS } from '../support/day-bench.js';
import { keyOf } from '../support/multi-bench.js';

/** What the calls of a program may fail with. */
const DOCUMENTED = [
  'KITE_MULTI_API_STOPPED',
  'KITE_MULTI_API_START_FAILED',
  'KITE_MULTI_API_NOT_SUBSCRIBED',
  'KITE_CONNECTION_CLOSED',
  'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
];

interface World {
  readonly day: VirtualDay;
  readonly manager: MultiApiKiteTickerManager;
  readonly channels: Channel<TickerMessage>[];
}

const CALLS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  start: ({ manager }) => manager.start({ keepTrying: true }),
  stop: ({ manager }) => manager.stop(),
  subscribe: ({ manager }) => manager.subscribeSymbols([OTHER], 'full'),
  unsubscribe: ({ manager }) => manager.unsubscribeSymbols([OTHER]),
  changeMode: ({ manager }) => manager.changeMode([OTHER], 'ltp'),
  updateOne: ({ manager }) => manager.updateCredentials('one', { accessToken: 'another' }),
  updateOther: ({ manager }) => manager.updateCredentials('other', { accessToken: 'another' }),
  open: async ({ manager, channels }) => channels.push(manager.messages()),
  openOfOne: async ({ manager, channels }) => channels.push(manager.getChannel('one', 0)!),
  close: async ({ channels }) => channels.pop()?.close(),
  once: ({ manager }) => manager.once('ticks'),
};

const FAULTS: Readonly<Record<string, (day: VirtualDay) => void>> = {
  none: () => undefined,
  drop: ({ simulator }) => simulator.drop(),
  dropOne: ({ simulator }) => simulator.drop(keyOf('one')),
  outage: ({ simulator }) => {
    simulator.refuse(Infinity, 503);
    simulator.drop();
  },
  refused: ({ simulator }) => {
    simulator.refuse(1, 403);
    simulator.drop();
  },
  heal: ({ simulator }) => simulator.heal(),
};

/** From a listener of this event, when it comes for this time, this call. */
const callback = fc.record({
  on: fc.constantFrom('state', 'health', 'unplaced', 'gap', 'ticks'),
  nth: fc.integer({ min: 1, max: 6 }),
  call: fc.constantFrom(...Object.keys(CALLS)),
});

const program = fc.record({
  replicas: fc.integer({ min: 1, max: 2 }),
  callbacks: fc.array(callback, { minLength: 1, maxLength: 6 }),
  faults: fc.array(fc.constantFrom(...Object.keys(FAULTS)), { minLength: 1, maxLength: 6 }),
});

test.each(WAYS)(
  'whatever listeners call while they are called, calls settle, the accounts can be started, and a stop leaves nothing, $way',
  async ({ enableDedicatedParsers }) => {
    await fc.assert(
      fc.asyncProperty(program, async ({ replicas, callbacks, faults }) => {
        await using it = dayBench({ enableDedicatedParsers, replicas, failoverAfterMs: 1000 });
        const { day, manager } = it;
        const world: World = { day, manager, channels: [] };
        const failed: unknown[] = [];
        let pending = 0;
        const call = (act: (world: World) => Promise<unknown>): void => {
          pending++;
          act(world)
            .catch((error: unknown) => {
              if (!isKiteError(error) || !DOCUMENTED.includes(error.code)) failed.push(error);
            })
            .finally(() => pending--);
        };
        const stops = callbacks.map(({ on, nth, call: name }) => {
          let times = 0;
          return manager.on(on as 'state', () => {
            if (++times === nth) call(CALLS[name]!);
          });
        });
        call(CALLS['start']!);
        for (const fault of faults) {
          await day.run(2000);
          FAULTS[fault]!(day);
        }
        await day.run(5000);
        for (const stop of stops) stop();

        // What was begun comes to an end, and the accounts serve again.
        day.simulator.heal();
        await day.run(3000);
        await day.runUntil(manager.start({ keepTrying: true }));
        await day.run(70_000);
        expect(manager.getHealth()).toMatchObject({ status: 'healthy', healthyConnections: 2 });
        const streamed = new Set(day.simulator.connections.flatMap(({ book }) => [...book.keys()]));
        expect([...streamed].sort()).toEqual([...manager.subscriptions.keys()].sort());
        const { ended } = manager;
        const channel = manager.messages();
        await day.runUntil(manager.once('ticks'));
        expect(channel.size).toBeGreaterThan(0);

        await day.runUntil(manager.stop());
        await expect(ended).resolves.toBeUndefined();
        await day.run(1000);
        expect([...world.channels, channel].filter(({ isClosed }) => !isClosed)).toEqual([]);
        expect([pending, failed]).toEqual([0, []]);
        expect(day.simulator.connections).toEqual([]);
        expect(day.pending).toMatchObject({ timers: 0, sockets: 0, workers: 0 });
      }),
      { numRuns: 40 },
    );
  },
);
