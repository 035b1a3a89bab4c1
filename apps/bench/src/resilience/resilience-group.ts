import type { SimulatorOptions } from '@kite/simulator';

import type { Settings } from '../groups.js';
import { inChild, startServer } from '../harness/child.js';
import type { WireServerJob } from '../receive/wire-server.js';
import { count, milliseconds, percent, type Row, type Table } from '../report/figure.js';
import type { ServerView } from '../scale/server-view.js';
import type { BlockedJob, BlockedSample } from './blocked.js';
import type { SlowConsumerJob, SlowConsumerSample } from './slow-consumer.js';

/** What happens when something is slow or blocked. Reconnects of everything at once are in the group `scale`. */
export async function resilienceGroup(settings: Settings): Promise<Table[]> {
  return [await blockedTable(settings), await slowConsumerTable(settings)];
}

const BLOCK_MS = 5000;
const INSTRUMENTS = 9000;
const ORDERS = 20;

async function blockedTable({ restarts, note }: Settings): Promise<Table> {
  const rows: Row[] = [];
  for (const ioThreads of [1, 0]) {
    const samples: BlockedSample[] = [];
    const pings: { sent: number; answered: number }[] = [];
    for (let restart = 0; restart < restarts; restart++) {
      note(`resilience, process ${restart + 1}: main thread blocked, ${ioThreads} I/O threads`);
      const options: SimulatorOptions = { instruments: 0, ticksPerSecond: 30_000, pingIntervalMs: 250 };
      const server = await startServer('simulator', options);
      const measured: { before?: ServerView; during?: ServerView } = {};
      const onQuestion = async (question: string): Promise<unknown> => {
        if (question === 'order') return server.ask('order');
        measured.before = await server.ask<ServerView>('view');
        for (let order = 0; order < ORDERS; order++) {
          setTimeout(() => void server.ask('order'), (order * BLOCK_MS * 0.8) / ORDERS);
        }
        setTimeout(
          () => void server.ask<ServerView>('view').then((view) => (measured.during = view)),
          BLOCK_MS * 0.9,
        );
        return undefined;
      };
      const job: BlockedJob = {
        url: server.url,
        ioThreads,
        instruments: INSTRUMENTS,
        blockMs: BLOCK_MS,
        expectedOrders: ORDERS,
      };
      samples.push(await inChild<BlockedSample>('blocked', job, { onQuestion }));
      const { before, during } = measured;
      pings.push({
        sent: during!.pingsSent - before!.pingsSent,
        answered: during!.pongsReceived - before!.pongsReceived,
      });
      await server.stop();
    }
    rows.push({
      name: ioThreads === 0 ? 'inline' : 'I/O thread',
      cells: [
        count(
          samples.map(({ disconnects }) => disconnects),
          { floor: 0, more: false },
        ),
        percent(pings.map(({ sent, answered }) => answered / sent)),
        milliseconds(samples.map(({ catchUpMs }) => catchUpMs)),
        count(
          samples.map(({ orders }) => orders),
          { floor: ORDERS },
        ),
        count(samples.map(({ conflatedTicks }) => conflatedTicks)),
      ],
    });
  }
  return {
    title:
      'Main thread blocked for 5 s at 30 000 full ticks a second of 9000 instruments, over 3 connections',
    note: 'Against the simulator, which sends 20 order postbacks meanwhile, on each connection, and four WebSocket pings a second.',
    columns: [
      'disconnects',
      'pings answered meanwhile',
      'caught up after',
      'orders delivered',
      'ticks replaced by newer ones, and marked',
    ],
    rows,
  };
}

const POLICIES = ['drop-oldest', 'drop-newest', 'conflate', 'error'] as const;
const CAPACITY = 1000;

async function slowConsumerTable({ restarts, seconds, note }: Settings): Promise<Table> {
  const steady: WireServerJob = { tls: false, framesPerSecond: 3000, ticksPerFrame: 10, instruments: 3000 };
  const samples = new Map<string, SlowConsumerSample[]>(POLICIES.map((policy) => [policy, []]));
  for (let restart = 0; restart < restarts; restart++) {
    for (const overflow of POLICIES) {
      note(`resilience, process ${restart + 1}: slow consumer, ${overflow}`);
      const server = await startServer('wire-server', steady);
      const job: SlowConsumerJob = {
        url: server.url,
        overflow,
        capacity: CAPACITY,
        itemMs: 20,
        seconds: seconds * 2,
      };
      samples.get(overflow)!.push(await inChild<SlowConsumerSample>('slow-consumer', job));
      await server.stop();
    }
  }
  return {
    title: 'A consumer that takes 20 ms for each item, at 30 000 full ticks a second, capacity 1000 items',
    note: 'An item is a batch of 10 ticks; with conflate it is the newest tick of each instrument that changed. A quick consumer reads beside it.',
    columns: [
      'ticks that it got',
      'ticks that it lost',
      'age of its data',
      'most items waiting',
      'its neighbour got',
      'p99 age there',
    ],
    rows: [...samples].map(([policy, of]) => ({
      name: policy,
      cells: [
        percent(of.map(({ share }) => share)),
        percent(of.map(({ lostShare }) => lostShare)),
        milliseconds(of.map(({ ageMs }) => ageMs)),
        count(
          of.map(({ mostWaiting }) => mostWaiting),
          { floor: CAPACITY, more: false },
        ),
        percent(of.map(({ neighbourShare }) => neighbourShare)),
        milliseconds(of.map(({ neighbourAgeMs }) => neighbourAgeMs)),
      ],
    })),
  };
}
