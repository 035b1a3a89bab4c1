import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TickerMessage } from '@kite/connection';
import type { Tick } from '@kite/protocol';
import { ltpTick, VirtualClock } from '@kite/testkit';

import { type Backlog, BoundedBacklog, type BoundedOverflow } from '../../src/channel/backlog.js';
import { BacklogChannel, type BacklogHooks } from '../../src/channel/channel.js';
import { ConflatedBacklog } from '../../src/channel/conflated-backlog.js';
import { LagMarks } from '../../src/channel/lag-marks.js';

type Act =
  | { do: 'ticks'; tokens: number[] }
  | { do: 'order' }
  | { do: 'lose'; weight: number }
  | { do: 'pass' }
  | { do: 'read' };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
      .map((tokens): Act => ({ do: 'ticks', tokens })),
  },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'order' }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }).map((weight): Act => ({ do: 'lose', weight })) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'pass' }) },
  { weight: 3, arbitrary: fc.constant<Act>({ do: 'read' }) },
);

const from = { channelId: 0, receivedAt: 1 } as const;

function weigh(message: TickerMessage): number {
  return message.type === 'ticks' ? message.ticks.length : 1;
}

/** Runs a life of a channel of messages, and reads it to its end. */
async function live(
  makeBacklog: (hooks: BacklogHooks, clock: VirtualClock) => Backlog<TickerMessage>,
  capacity: number,
  acts: readonly Act[],
) {
  const clock = new VirtualClock();
  let told = 0;
  const channel = new BacklogChannel<TickerMessage, TickerMessage>({
    capacity,
    backlog: (hooks) => new LagMarks(makeBacklog(hooks, clock), capacity),
    take: (backlog) => backlog.shift(),
    onLost: (_channelId, weight) => (told += weight),
    onClosed: () => undefined,
  });
  const read: TickerMessage[] = [];
  const sizes: number[] = [];
  let pushed = 0;
  let lostBefore = 0;
  let serial = 0;
  const readAll = async (count: number): Promise<void> => {
    for (let index = 0; index < count && channel.size > 0; index++) {
      const message = await channel.recv();
      if (message) read.push(message);
    }
  };
  for (const step of acts) {
    if (step.do === 'ticks') {
      const ticks: Tick[] = step.tokens.map((token) => ltpTick(++serial, token));
      pushed += ticks.length;
      channel.push({ type: 'ticks', ticks, ...from });
    } else if (step.do === 'order') {
      pushed++;
      channel.pushControl({ type: 'message', data: ++serial, ...from });
    } else if (step.do === 'lose') {
      channel.lose(step.weight);
      lostBefore += step.weight;
    } else if (step.do === 'pass') clock.pass(60);
    else await readAll(1);
    sizes.push(channel.size);
  }
  channel.end();
  // What was lost at the end has to be told as well, with nothing after it.
  for (let message = await channel.recv(); message; message = await channel.recv()) read.push(message);
  return { channel, clock, read, sizes, pushed, lostBefore, told };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const BACKLOGS: Record<
  string,
  (capacity: number, hooks: BacklogHooks, clock: VirtualClock) => Backlog<TickerMessage>
> = {
  ...Object.fromEntries(
    (['drop-oldest', 'drop-newest'] satisfies BoundedOverflow[]).map((overflow) => [
      overflow,
      (capacity: number, { onLost }: BacklogHooks) =>
        new BoundedBacklog<TickerMessage>({ capacity, overflow, weigh, onLost }),
    ]),
  ),
  conflate: (capacity, hooks, clock) =>
    new ConflatedBacklog({ capacity, throttleMs: undefined, clock, ...hooks }),
  'conflate with a throttle': (capacity, hooks, clock) =>
    new ConflatedBacklog({ capacity, throttleMs: 50, clock, ...hooks }),
};

describe.each(Object.entries(BACKLOGS))('%s: however pushes and reads interleave', (_name, make) => {
  function always(holds: (life: Awaited<ReturnType<typeof live>>, capacity: number) => void): Promise<void> {
    return fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(act, { maxLength: 50 }),
        async (capacity, acts) => {
          holds(await live((hooks, clock) => make(capacity, hooks, clock), capacity, acts), capacity);
        },
      ),
    );
  }

  test('delivered and dropped add up to what was pushed', async () => {
    await always(({ channel, read, pushed, lostBefore, told }) => {
      const delivered = sum(read.filter(({ type }) => type !== 'lagged').map(weigh));
      expect(delivered + channel.dropped).toBe(pushed + lostBefore);
      expect(told).toBe(channel.dropped - lostBefore);
    });
  });

  test('every loss is marked in the stream, once', async () => {
    await always(({ channel, read }) => {
      expect(sum(read.map((message) => (message.type === 'lagged' ? message.dropped : 0)))).toBe(
        channel.dropped,
      );
    });
  });

  test('what is delivered keeps its order', async () => {
    await always(({ read }) => {
      const newest = new Map<number, number>();
      let order = 0;
      for (const message of read) {
        if (message.type === 'message') {
          expect(message.data).toBeGreaterThan(order);
          order = message.data as number;
        }
        if (message.type !== 'ticks') continue;
        for (const { instrumentToken, lastPrice } of message.ticks) {
          expect(lastPrice).toBeGreaterThan(newest.get(instrumentToken) ?? 0);
          newest.set(instrumentToken, lastPrice);
        }
      }
    });
  });

  test('what waits is bounded', async () => {
    await always(({ sizes, clock }, capacity) => {
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(capacity);
      expect(clock.pending).toBe(0);
    });
  });
});

test.each(['drop-oldest', 'drop-newest'] as const)(
  '%s: no order is lost while there are ticks to lose instead',
  (overflow) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (capacity, acts) => {
          const held = { orders: 0, lostOrders: 0 };
          const backlog = new BoundedBacklog<{ isOrder: boolean }>({
            ...{ capacity, overflow, weigh: () => 1 },
            onLost: ({ isOrder }) => {
              if (isOrder) held.lostOrders++;
            },
          });
          for (const isOrder of acts) {
            if (isOrder) backlog.pushControl({ isOrder });
            else backlog.push({ isOrder });
            if (isOrder) held.orders++;
          }
          expect(held.lostOrders).toBe(Math.max(0, held.orders - capacity));
        },
      ),
    );
  },
);
