import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KiteTickerManager, type Mode } from '@kite/manager';
import type { Simulator } from '@kite/simulator';
import { codeOf, eventually, instruments, sorted, WAYS } from '@kite/testkit';

import { type ManagerBench, openBench } from '../support/manager-bench.js';

/** Sequences for each way of running, and steps in each. */
const RUNS = 55;
const STEPS = 12;

const PER_CONNECTION = 8;
const CAPACITY = 3 * PER_CONNECTION;
const UNIVERSE = instruments(32);
/** Short, so that failover takes part as well. */
const FAILOVER_MS = 25;

/** What was asked for, by the rules of the API alone. */
class Model {
  readonly modes = new Map<number, Mode>();

  subscribe(tokens: readonly number[], mode: Mode | undefined): string | undefined {
    const added = tokens.filter((token) => !this.modes.has(token)).length;
    if (this.modes.size + added > CAPACITY) return 'KITE_MANAGER_CAPACITY';
    for (const token of tokens) this.modes.set(token, mode ?? this.modes.get(token) ?? 'quote');
    return undefined;
  }

  unsubscribe(tokens: readonly number[]): void {
    for (const token of tokens) this.modes.delete(token);
  }

  changeMode(tokens: readonly number[], mode: Mode): string | undefined {
    if (tokens.some((token) => !this.modes.has(token))) return 'KITE_MANAGER_NOT_SUBSCRIBED';
    for (const token of tokens) this.modes.set(token, mode);
    return undefined;
  }
}

interface World {
  readonly manager: KiteTickerManager;
  readonly simulator: Simulator;
  readonly model: Model;
  isPaused: boolean;
}

interface Step {
  readonly name: string;
  readonly run: (world: World) => Promise<void>;
}

function step(name: string, run: (world: World) => unknown): Step {
  return {
    name,
    run: async (world) => {
      await run(world);
    },
  };
}

/** One of the open connections. */
function pick(simulator: Simulator, index: number): number | undefined {
  const { connections } = simulator;
  return connections.length === 0 ? undefined : connections[index % connections.length]!.id;
}

const tokens = fc.subarray(UNIVERSE, { minLength: 1, maxLength: 14 });
const mode = fc.constantFrom<Mode>('ltp', 'quote', 'full');
const index = fc.nat(2);

const subscribe = fc.tuple(tokens, fc.option(mode, { nil: undefined })).map(([list, wanted]) =>
  step(`subscribe ${list.length} ${wanted ?? ''}`, async ({ manager, model }) => {
    expect(await codeOf(manager.subscribeSymbols(list, wanted))).toBe(model.subscribe(list, wanted));
  }),
);
const unsubscribe = tokens.map((list) =>
  step(`unsubscribe ${list.length}`, async ({ manager, model }) => {
    model.unsubscribe(list);
    expect(await codeOf(manager.unsubscribeSymbols(list))).toBeUndefined();
  }),
);
const changeMode = fc.tuple(fc.nat(20), mode).map(([count, wanted]) =>
  step(`change ${count} to ${wanted}`, async ({ manager, model }) => {
    const list = [...model.modes.keys()].slice(0, count);
    expect(await codeOf(manager.changeMode(list, wanted))).toBe(model.changeMode(list, wanted));
  }),
);
const changeUnknown = fc.tuple(tokens, mode).map(([list, wanted]) =>
  step(`change ${list.length}, whatever they are`, async ({ manager, model }) => {
    expect(await codeOf(manager.changeMode(list, wanted))).toBe(model.changeMode(list, wanted));
  }),
);

const drop = index.map((at) =>
  step('drop', ({ simulator }) => {
    const id = pick(simulator, at);
    if (id !== undefined) simulator.drop(id);
  }),
);
const closeOne = index.map((at) =>
  step('close', ({ simulator }) => {
    const id = pick(simulator, at);
    if (id !== undefined) simulator.close(1001, 'going away', id);
  }),
);
const stall = index.map((at) =>
  step('stall', ({ simulator }) => {
    const id = pick(simulator, at);
    if (id !== undefined) simulator.stall(id);
  }),
);
const refuse = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(503, 429)).map(([count, status]) =>
  step(`refuse ${count} with ${status}`, ({ simulator }) => {
    simulator.refuse(count, status);
    simulator.drop(pick(simulator, count));
  }),
);
const pause = fc.constant(
  step('pause', async (world) => {
    if (world.isPaused) await world.simulator.resume();
    else await world.simulator.pause();
    world.isPaused = !world.isPaused;
  }),
);
const restart = fc.constant(
  step('stop and start', async ({ manager }) => {
    await manager.stop();
    await manager.start({ keepTrying: true });
  }),
);
const wait = fc
  .integer({ min: 1, max: 30 })
  .map((ms) => step(`wait ${ms}`, () => new Promise((resolve) => setTimeout(resolve, ms))));

const anyStep = fc.oneof(
  { weight: 6, arbitrary: subscribe },
  { weight: 5, arbitrary: unsubscribe },
  { weight: 4, arbitrary: changeMode },
  { weight: 1, arbitrary: changeUnknown },
  { weight: 2, arbitrary: drop },
  { weight: 1, arbitrary: closeOne },
  { weight: 1, arbitrary: stall },
  { weight: 1, arbitrary: refuse },
  { weight: 1, arbitrary: pause },
  { weight: 1, arbitrary: restart },
  { weight: 4, arbitrary: wait },
);

/** What the manager says that it holds, against what the server streams, connection by connection. */
function compare({ manager, simulator, model }: World): void {
  const theirs = simulator.connections.map(({ book }) => sorted(book));
  const held = Object.values(manager.getSymbolDistribution()).map((list) =>
    sorted(new Map(list.map((token) => [token, manager.subscriptions.get(token)]))),
  );
  const byFirst = (a: unknown[], b: unknown[]): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect(theirs.sort(byFirst)).toEqual(held.sort(byFirst));
  expect(sorted(manager.subscriptions)).toEqual(sorted(model.modes));
}

async function check(bench: ManagerBench, steps: readonly Step[]): Promise<void> {
  const manager = bench.manager({
    maxSymbolsPerConnection: PER_CONNECTION,
    failoverAfterMs: FAILOVER_MS,
    // A worker's hop, a busy machine: fifty milliseconds of silence would be the test's own.
    heartbeatLivenessThresholdMs: 150,
  });
  const world: World = { manager, simulator: bench.simulator, model: new Model(), isPaused: false };
  try {
    await manager.start();
    for (const { run } of steps) {
      await run(world);
      expect(sorted(manager.subscriptions)).toEqual(sorted(world.model.modes));
      for (const list of Object.values(manager.getSymbolDistribution()))
        expect(list.length).toBeLessThanOrEqual(PER_CONNECTION);
    }
    bench.simulator.heal();
    await bench.simulator.resume();
    await eventually(() => {
      compare(world);
      expect(manager.getHealth()).toMatchObject({ status: 'healthy', unplacedSymbols: 0 });
    });
  } finally {
    await manager.stop();
    bench.simulator.heal();
    await bench.simulator.resume();
  }
}

describe.each(WAYS)('the model, $way', ({ enableDedicatedParsers }) => {
  test(
    `after any of ${RUNS} sequences of requests, drops and recoveries, the server streams what the manager says that it holds`,
    { timeout: 90_000 },
    async () => {
      await using bench = await openBench({ enableDedicatedParsers });
      let sequences = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: STEPS }), async (steps) => {
          await check(bench, steps);
          sequences++;
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
      expect(sequences).toBe(RUNS);
    },
  );
});
