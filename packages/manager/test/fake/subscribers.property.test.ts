import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Channel,
  type ChannelId,
  KiteTickerManager,
  type Mode,
  type Subscriber,
  type TickerMessage,
} from '@kite/manager';
import { simulateDay, type VirtualDay } from '@kite/simulator';
import { codeOf } from '@kite/testkit';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];
const INSTRUMENTS = 8;
const CAPACITY = 6;
/** The shares of subscribers. */
const OTHERS = [1, 2, 3];

interface World {
  readonly day: VirtualDay;
  readonly tokens: readonly number[];
  /** The shares: the manager's own calls first. */
  readonly shares: (KiteTickerManager | Subscriber)[];
  /** Of each, the instruments that it wants. */
  readonly wanted: Map<number, Mode>[];
}

type Step = (world: World, share: number) => Promise<unknown>;

const indices = fc.uniqueArray(fc.nat({ max: INSTRUMENTS - 1 }), { maxLength: 5 });
const mode = fc.constantFrom(...MODES);

const subscribe = fc.tuple(indices, mode).map(([list, wanted]): Step => async (world, share) => {
  const tokens = list.map((index) => world.tokens[index]!);
  if ((await codeOf(world.shares[share]!.subscribeSymbols(tokens, wanted))) !== undefined) return;
  for (const token of tokens) world.wanted[share]!.set(token, wanted);
});
const replace = fc.tuple(indices, mode).map(([list, wanted]): Step => async (world, share) => {
  const modes = new Map(list.map((index) => [world.tokens[index]!, wanted]));
  if ((await codeOf(world.shares[share]!.replaceSymbols(modes))) !== undefined) return;
  world.wanted[share] = modes;
});
const unsubscribe = indices.map((list): Step => async (world, share) => {
  const tokens = list.map((index) => world.tokens[index]!);
  await world.shares[share]!.unsubscribeSymbols(tokens);
  for (const token of tokens) world.wanted[share]!.delete(token);
});
const drop = fc.constant<Step>((world) => {
  world.day.simulator.drop();
  return world.day.run(5000);
});
const wait = fc.constant<Step>((world) => world.day.run(3000));

/** The manager streams some instruments before the first subscriber comes. */
const STREAMED: readonly [share: number, step: Step] = [
  0,
  async ({ shares, tokens, wanted }) => {
    const some = tokens.slice(0, CAPACITY - 2);
    await shares[0]!.subscribeSymbols(some, 'full');
    for (const token of some) wanted[0]!.set(token, 'full');
  },
];

/** A tick or a gap of one instrument, in words. */
type Item = readonly [token: number, what: string];

/** All that can be read without waiting, by instrument; a gap of a whole connection is one of what it holds. */
function drain(channel: Channel<TickerMessage>, held: Record<ChannelId, number[]>): Item[] {
  const items: Item[] = [];
  for (let message = channel.tryRecv(); message; message = channel.tryRecv()) {
    if (message.type === 'ticks')
      for (const tick of message.ticks) items.push([tick.instrumentToken, JSON.stringify(tick)]);
    if (message.type === 'gap')
      for (const token of message.instrumentTokens ?? held[message.channelId])
        items.push([token, `gap ${message.from} ${message.to}`]);
  }
  return items;
}

test('with any sequence of calls and drops, the server streams the union, and each subscriber sees what the manager sees of its own instruments', async () => {
  const step = fc.tuple(fc.nat({ max: 3 }), fc.oneof(subscribe, replace, unsubscribe, drop, wait));
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 25 }),
      fc.boolean(),
      fc.boolean(),
      async (steps, isThreaded, comeLater) => {
        await using day = simulateDay({ from: '09:20', instruments: INSTRUMENTS, ticksPerSecond: 4 });
        const manager = new KiteTickerManager({
          ...{
            ...day.options,
            apiKey: 'subscribers',
            accessToken: 'token',
            enableDedicatedParsers: isThreaded,
          },
          ...{ maxConnections: 1, maxSymbolsPerConnection: CAPACITY, lastTicks: comeLater },
        });
        const shares: World['shares'] = [manager];
        const channels = [manager.messages()];
        const come = (share: number): void => {
          if (shares[share]) return;
          const subscriber = manager.subscriber(`subscriber ${share}`);
          shares[share] = subscriber;
          channels[share] = subscriber.messages();
        };
        if (!comeLater) for (const share of OTHERS) come(share);
        const tokens = day.simulator.instruments.map(({ instrumentToken }) => instrumentToken);
        const world: World = {
          day,
          tokens,
          shares,
          wanted: [0, ...OTHERS].map(() => new Map<number, Mode>()),
        };
        const last = new Map<number, string>();
        await day.runUntil(manager.start());
        try {
          for (const [share, act] of comeLater ? [STREAMED, ...steps] : steps) {
            const before = world.wanted.map((modes) => new Set(modes.keys()));
            const known = new Map(last);
            come(share);
            await act(world, share);
            await day.run(1000);
            const held = manager.getSymbolDistribution();
            const all = drain(channels[0]!, held);
            for (const other of OTHERS) {
              const channel = channels[other];
              if (!channel) continue;
              const items = drain(channel, held);
              const modes = world.wanted[other]!;
              const expected = all.filter(([token]) => modes.has(token));
              for (const token of modes.keys()) {
                const theirs = items.filter(([of]) => of === token).map(([, what]) => what);
                const ours = expected.filter(([of]) => of === token).map(([, what]) => what);
                // One that it has just joined begins with the last tick that is known, unless a newer one comes first.
                const isJoined = !before[other]!.has(token);
                if (isJoined && theirs.length > ours.length) expect(theirs.shift()).toBe(known.get(token));
                else if (isJoined && ours.length === 0) expect(known.get(token)).toBeUndefined();
                expect(theirs).toEqual(ours);
              }
              const others = items.filter(([token]) => !modes.has(token) && !before[other]!.has(token));
              // A gap of a whole connection names no instruments.
              expect(others.filter(([, what]) => !what.startsWith('gap'))).toEqual([]);
            }
            for (const [token, what] of all) if (!what.startsWith('gap')) last.set(token, what);
            const union = new Map<number, Mode>();
            for (const wanted of MODES)
              for (const modes of world.wanted)
                for (const [token, held] of modes) if (held === wanted) union.set(token, held);
            for (const token of last.keys()) if (!union.has(token)) last.delete(token);
            expect(new Map([...manager.subscriptions].sort())).toEqual(new Map([...union].sort()));
            if (manager.getStats().activeConnections === 0) continue;
            const streamed = day.simulator.connections.flatMap(({ book }) => [...book]);
            expect(new Map(streamed.sort())).toEqual(new Map([...union].sort()));
          }
        } finally {
          await day.runUntil(manager.stop());
        }
      },
    ),
    { numRuns: 40 },
  );
});
