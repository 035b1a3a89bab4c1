import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DistributionStrategy, Mode, MultiApiKiteTickerManager } from '@kite/multi-api';
import { codeOf, eventually, instruments, sorted } from '@kite/testkit';

import { accounts, keyOf, type MultiBench, openBench } from '../support/multi-bench.js';

/** Sequences for each number of replicas, and steps in each. */
const RUNS = 60;
const STEPS = 14;

const CONNECTIONS = 2;
const PER_CONNECTION = 8;
const CAPACITY = CONNECTIONS * PER_CONNECTION;
const UNIVERSE = instruments(32);
const IDS = ['a', 'b', 'c'];
const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/** What was asked for, by the rules of the API alone. */
class Model {
  readonly ids = new Set(['a', 'b']);
  /** What the strategy spreads, or what has lost the account that the caller chose. */
  readonly automatic = new Set<number>();
  /** By account, what the caller put there, and in which mode. */
  readonly pinned = new Map<string, Map<number, Mode>>();
  /** The mode of what the caller put nowhere; undefined once it depends on where it was. */
  readonly modes = new Map<number, Mode | undefined>();

  get tokens(): number[] {
    return [...this.modes.keys()];
  }

  subscribe(tokens: readonly number[], mode: Mode | undefined): void {
    for (const token of tokens) {
      this.automatic.add(token);
      if (!this.modes.has(token)) this.modes.set(token, mode ?? 'quote');
      else if (mode !== undefined) this.changeMode([token], mode);
    }
  }

  pin(id: string, tokens: readonly number[], mode: Mode): void {
    const pinned = this.pinned.get(id) ?? new Map<number, Mode>();
    this.pinned.set(id, pinned);
    for (const token of tokens) {
      pinned.set(token, mode);
      this.modes.set(token, undefined);
    }
  }

  unsubscribe(tokens: readonly number[]): void {
    for (const token of tokens) {
      this.modes.delete(token);
      this.automatic.delete(token);
      for (const pinned of this.pinned.values()) pinned.delete(token);
    }
  }

  changeMode(tokens: readonly number[], mode: Mode): void {
    for (const token of tokens) {
      this.modes.set(token, mode);
      for (const pinned of this.pinned.values()) if (pinned.has(token)) pinned.set(token, mode);
    }
  }

  leave(id: string): void {
    this.ids.delete(id);
    const left = [...(this.pinned.get(id)?.keys() ?? [])];
    this.pinned.delete(id);
    // Where the caller has chosen another account as well, that one stays the only choice.
    const isPinned = (token: number): boolean =>
      [...this.pinned.values()].some((pinned) => pinned.has(token));
    for (const token of left) if (!isPinned(token)) this.automatic.add(token);
  }
}

interface World {
  readonly bench: MultiBench;
  readonly manager: MultiApiKiteTickerManager;
  readonly model: Model;
}

interface Step {
  readonly name: string;
  readonly run: (world: World) => Promise<void> | void;
}

function step(name: string, run: Step['run']): Step {
  return { name, run };
}

const tokens = fc.subarray(UNIVERSE, { minLength: 1, maxLength: 8 });
const mode = fc.constantFrom<Mode>('ltp', 'quote', 'full');
const id = fc.constantFrom(...IDS);

const subscribe = fc.tuple(tokens, fc.option(mode, { nil: undefined })).map(([list, wanted]) =>
  step(`subscribe ${list.length} ${wanted ?? ''}`, async ({ manager, model }) => {
    const code = await codeOf(manager.subscribeSymbols(list, wanted));
    if (code === undefined) model.subscribe(list, wanted);
    else expect(code).toBe('KITE_MULTI_API_CAPACITY');
  }),
);
const pin = fc.tuple(id, tokens, mode).map(([at, list, wanted]) =>
  step(`subscribe ${list.length} ${wanted} on ${at}`, async ({ manager, model }) => {
    const code = await codeOf(manager.subscribeSymbolsToApi(at, list, wanted));
    if (code === undefined) model.pin(at, list, wanted);
    else expect(code).toBe(model.ids.has(at) ? 'KITE_MULTI_API_CAPACITY' : 'KITE_MULTI_API_UNKNOWN_ACCOUNT');
  }),
);
const unsubscribe = tokens.map((list) =>
  step(`unsubscribe ${list.length}`, async ({ manager, model }) => {
    await manager.unsubscribeSymbols(list);
    model.unsubscribe(list);
  }),
);
const changeMode = fc.tuple(fc.nat(20), mode).map(([count, wanted]) =>
  step(`change ${count} to ${wanted}`, async ({ manager, model }) => {
    const list = model.tokens.slice(0, count);
    await manager.changeMode(list, wanted);
    model.changeMode(list, wanted);
  }),
);
const changeUnknown = fc.tuple(tokens, mode).map(([list, wanted]) =>
  step(`change ${list.length}, whatever they are`, async ({ manager, model }) => {
    const isKnown = list.every((token) => model.modes.has(token));
    expect(await codeOf(manager.changeMode(list, wanted))).toBe(
      isKnown ? undefined : 'KITE_MULTI_API_NOT_SUBSCRIBED',
    );
    if (isKnown) model.changeMode(list, wanted);
  }),
);
const join = id.map((at) =>
  step(`${at} joins`, async ({ manager, model }) => {
    const code = await codeOf(manager.addApiKey(at, keyOf(at), `token-of-${at}`));
    expect(code).toBe(model.ids.has(at) ? 'KITE_MULTI_API_DUPLICATE_ACCOUNT' : undefined);
    model.ids.add(at);
  }),
);
const leave = id.map((at) =>
  step(`${at} leaves`, async ({ manager, model }) => {
    if (!model.ids.has(at) || model.ids.size === 1) return;
    await manager.removeApiKey(at);
    model.leave(at);
  }),
);
const fail = fc.tuple(id, fc.constantFrom(503, 403, 429)).map(([at, status]) =>
  step(`${at} fails with ${status}`, ({ bench }) => {
    bench.kill(at, status);
  }),
);
const drop = id.map((at) =>
  step(`${at} is cut`, ({ bench }) => {
    bench.simulator.drop(keyOf(at));
  }),
);
const recover = fc.constant(step('all recover', (world) => revive(world)));
const restart = fc.constant(
  step('stop and start', async ({ manager }) => {
    await manager.stop();
    await codeOf(manager.start());
  }),
);
const wait = fc
  .integer({ min: 1, max: 30 })
  .map((ms) => step(`wait ${ms}`, () => new Promise((resolve) => setTimeout(resolve, ms))));

const anyStep = fc.oneof(
  { weight: 6, arbitrary: subscribe },
  { weight: 3, arbitrary: pin },
  { weight: 4, arbitrary: unsubscribe },
  { weight: 4, arbitrary: changeMode },
  { weight: 1, arbitrary: changeUnknown },
  { weight: 2, arbitrary: join },
  { weight: 2, arbitrary: leave },
  { weight: 2, arbitrary: fail },
  { weight: 1, arbitrary: drop },
  { weight: 2, arbitrary: recover },
  { weight: 1, arbitrary: restart },
  { weight: 4, arbitrary: wait },
);

/** Every account can connect again, and does so. */
async function revive({ bench, manager, model }: World): Promise<void> {
  bench.revive();
  for (const at of model.ids) await manager.updateCredentials(at, { accessToken: `token-of-${at}` });
}

/** What the servers stream is what the manager says that each connection holds, and what was asked for. */
function compare({ bench, manager, model }: World, replicas: number): void {
  const held = new Map<number, string[]>();
  for (const [at, connections] of Object.entries(manager.getSymbolDistribution())) {
    const theirs = new Map(bench.streamedTo(at));
    expect(theirs.size).toBeLessThanOrEqual(CAPACITY);
    const ours = Object.values(connections).flat();
    expect(sorted(theirs).map(([token]) => token)).toEqual([...ours].sort((a, b) => a - b));
    for (const [token, modeThere] of theirs) {
      held.set(token, [...(held.get(token) ?? []), at]);
      const pinned = model.pinned.get(at)?.get(token);
      const wanted = pinned ?? model.modes.get(token);
      // Where the strategy has put it as well, it has the higher mode.
      if (pinned !== undefined)
        expect(MODES.indexOf(modeThere)).toBeGreaterThanOrEqual(MODES.indexOf(pinned));
      else if (wanted !== undefined) expect(modeThere).toBe(wanted);
    }
    for (const token of model.pinned.get(at)?.keys() ?? []) expect(theirs.has(token)).toBe(true);
  }
  const unplaced = manager.getHealth().unplacedSymbols;
  expect(manager.getStats().totalSymbols).toBe(model.modes.size);
  expect([...held.keys()].filter((token) => !model.modes.has(token))).toEqual([]);
  expect(held.size + unplaced).toBe(model.modes.size);
  // Whatever has fewer streams than it should has found every account full that could take it.
  const hasRoom = (at: string): boolean => bench.streamedTo(at).length < CAPACITY;
  for (const token of model.automatic) {
    const holders = held.get(token) ?? [];
    if (holders.length >= Math.min(replicas, model.ids.size)) continue;
    expect([...model.ids].filter((at) => !holders.includes(at) && hasRoom(at))).toEqual([]);
  }
}

describe.each([1, 2])('the model, with %i replicas', (replicas) => {
  test(
    `after any of ${RUNS} sequences of requests, and accounts that join, leave, fail and recover, the servers stream what is ours`,
    { timeout: 90_000 },
    async () => {
      await using bench = await openBench();
      let sequences = 0;
      const strategies = fc.constantFrom<DistributionStrategy>('round-robin', 'least-loaded', 'weighted');
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStep, { minLength: 4, maxLength: STEPS }),
          strategies,
          async (steps, distributionStrategy) => {
            const manager = bench.manager({
              accounts: accounts('a', 'b'),
              replicas,
              distributionStrategy,
              maxConnectionsPerApi: CONNECTIONS,
              maxSymbolsPerConnection: PER_CONNECTION,
              failoverAfterMs: 25,
            });
            const world: World = { bench, manager, model: new Model() };
            try {
              await manager.start();
              for (const { run } of steps) {
                await run(world);
                expect(manager.getStats().totalSymbols).toBe(world.model.modes.size);
              }
              await codeOf(manager.start());
              await revive(world);
              await codeOf(manager.start());
              await eventually(() => {
                expect(manager.getHealth().healthyConnections).toBe(world.model.ids.size * CONNECTIONS);
                compare(world, replicas);
              });
            } finally {
              await manager.stop();
              bench.revive();
            }
            sequences++;
          },
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
      console.info(`the model, ${replicas} replicas: ${sequences} sequences of up to ${STEPS} steps`);
      expect(sequences).toBe(RUNS);
    },
  );
});
