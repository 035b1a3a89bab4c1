import fc from 'fast-check';
import { expect, test } from 'vitest';

import { type BenchDay, type BenchManager, NOTHING_PENDING } from './day-bench.js';
import { codeOf } from './refusals.js';
import { sorted, streamed } from './streamed.js';
import { INFY, RELIANCE } from './tokens.js';
import { WAYS } from './ways.js';

interface Channel {
  readonly isClosed: boolean;
  readonly size: number;
  close(): void;
}

interface Manager extends BenchManager {
  readonly ended: Promise<void>;
  readonly subscriptions: ReadonlyMap<number, unknown>;
  start(options: { keepTrying: boolean }): Promise<void>;
  subscribeSymbols(tokens: number[], mode?: 'full'): Promise<void>;
  unsubscribeSymbols(tokens: number[]): Promise<void>;
  changeMode(tokens: number[], mode: 'ltp'): Promise<void>;
  messages(): Channel;
  getHealth(): object;
  on(type: 'state', listener: () => void): () => void;
  once(type: 'ticks'): Promise<unknown>;
}

interface Day extends BenchDay {
  readonly pending: object;
  readonly simulator: BenchDay['simulator'] & {
    readonly connections: readonly { readonly book: ReadonlyMap<number, unknown> }[];
    heal(): void;
  };
}

/** A manager, and the channels that the calls have opened. */
interface World<M> {
  readonly manager: M;
  readonly channels: Channel[];
}

type Calls<M> = Readonly<Record<string, (world: World<M>) => unknown>>;
type Faults<D> = Readonly<Record<string, (day: D) => void>>;

/** One kind of manager: how it is made, and what it has besides what every manager has. */
export interface ReentrantCalls<D, M, Options> {
  /** A day and a manager with two connections. */
  readonly bench: (
    options: Options & { enableDedicatedParsers: boolean },
  ) => AsyncDisposable & { readonly day: D; readonly manager: M };
  readonly options: fc.Arbitrary<Options>;
  readonly calls: Calls<M>;
  readonly faults: Faults<D>;
  /** The codes with which a call may be refused. */
  readonly documented: readonly string[];
  readonly numRuns: number;
}

/** The calls of every manager. */
const CALLS: Calls<Manager> = {
  start: ({ manager }) => manager.start({ keepTrying: true }),
  stop: ({ manager }) => manager.stop(),
  subscribe: ({ manager }) => manager.subscribeSymbols([RELIANCE], 'full'),
  unsubscribe: ({ manager }) => manager.unsubscribeSymbols([RELIANCE]),
  changeMode: ({ manager }) => manager.changeMode([RELIANCE], 'ltp'),
  open: ({ manager, channels }) => channels.push(manager.messages()),
  close: ({ channels }) => channels.pop()?.close(),
  once: ({ manager }) => manager.once('ticks'),
};

const FAULTS: Faults<Day> = {
  none: () => undefined,
  drop: ({ simulator }) => simulator.drop(),
  outage: ({ simulator }) => {
    simulator.refuse(Infinity, 503);
    simulator.drop();
  },
  refused: ({ simulator }) => {
    simulator.refuse(1, 403);
    simulator.drop();
  },
  heal: ({ simulator }) => {
    simulator.heal();
  },
};

/** Makes calls, counts them until they have settled, and keeps what no document names. */
class CallLog {
  readonly #documented: readonly string[];
  readonly undocumented: unknown[] = [];
  pending = 0;

  constructor(documented: readonly string[]) {
    this.#documented = documented;
  }

  make(call: () => unknown): void {
    this.pending++;
    const made = new Promise((resolve) => {
      resolve(call());
    });
    codeOf(made)
      .then((code) => {
        if (code !== undefined && !this.#documented.includes(code)) this.undocumented.push(code);
      })
      .catch((error: unknown) => this.undocumented.push(error))
      .finally(() => this.pending--);
  }
}

/** The test of a manager whose listeners call it while they are called, and while connections fail. */
export function reentrantCallsSuite<D extends Day, M extends Manager, Options>(
  kind: ReentrantCalls<D, M, Options>,
): void {
  const calls: Calls<M> = { ...CALLS, ...kind.calls };
  const faults: Faults<D> = { ...FAULTS, ...kind.faults };
  /** From a listener of this event, when it comes for this time, this call. */
  const callback = fc.record({
    on: fc.constantFrom('state', 'health', 'unplaced', 'gap', 'ticks'),
    nth: fc.integer({ min: 1, max: 6 }),
    call: fc.constantFrom(...Object.keys(calls)),
  });
  const program = fc.record({
    options: kind.options,
    callbacks: fc.array(callback, { minLength: 1, maxLength: 6 }),
    faults: fc.array(fc.constantFrom(...Object.keys(faults)), { minLength: 1, maxLength: 6 }),
  });

  test.each(WAYS)(
    'whatever listeners call while they are called, calls settle, the manager can be started, and a stop leaves nothing, $way',
    async ({ enableDedicatedParsers }) => {
      await fc.assert(
        fc.asyncProperty(program, async ({ options, callbacks, faults: names }) => {
          await using bench = kind.bench({ ...options, enableDedicatedParsers });
          const { day, manager } = bench;
          const world: World<M> = { manager, channels: [] };
          const log = new CallLog(kind.documented);
          const stops = callbacks.map(({ on, nth, call }) => {
            let times = 0;
            return manager.on(on as 'state', () => {
              if (++times === nth) log.make(() => calls[call]!(world));
            });
          });
          log.make(() => manager.start({ keepTrying: true }));
          for (const name of names) {
            await day.run(2000);
            faults[name]!(day);
          }
          await day.run(5000);
          for (const stop of stops) stop();

          // What was begun comes to an end, and the manager serves again.
          day.simulator.heal();
          await day.run(3000);
          await day.runUntil(manager.start({ keepTrying: true }));
          await day.run(70_000);
          expect(manager.getHealth()).toMatchObject({ status: 'healthy', healthyConnections: 2 });
          expect(sorted(streamed(day.simulator))).toEqual(sorted(manager.subscriptions));
          const { ended } = manager;
          const channel = manager.messages();
          await day.runUntil(manager.once('ticks'));
          expect(channel.size).toBeGreaterThan(0);
          expect(manager.subscriptions.has(INFY)).toBe(true);

          await day.runUntil(manager.stop());
          await expect(ended).resolves.toBeUndefined();
          await day.run(1000);
          expect([...world.channels, channel].filter(({ isClosed }) => !isClosed)).toEqual([]);
          expect([log.pending, log.undocumented]).toEqual([0, []]);
          expect(day.simulator.connections).toEqual([]);
          expect(day.pending).toMatchObject(NOTHING_PENDING);
        }),
        { numRuns: kind.numRuns },
      );
    },
  );
}
