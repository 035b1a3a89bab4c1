import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TickBatch, TickerMessage } from '@kite/connection';
import type { Gap } from '@kite/protocol';
import { ltpTick, quoteTick, settled, VirtualClock } from '@kite/testkit';

import type { ResolvedChannelOptions } from '../../src/channel/channel-options.js';
import { MessagesChannel, TicksChannel } from '../../src/channel/decoded-channels.js';
import type { SourceTag } from '../../src/feed/consumer.js';
import { type Given, ListChannel, type ListTick } from '../support/list-channel.js';

/** The third has the number of the first: another account's. */
const SOURCES: readonly SourceTag[] = [
  { channelId: 0 },
  { channelId: 1 },
  { channelId: 0, apiKeyId: 'b' },
].map((source) => Object.freeze(source) as SourceTag);

type Act =
  | { do: 'ticks'; source: number; tokens: number[] }
  | { do: 'order' | 'broadcast' | 'gap' | 'read'; source: number }
  | { do: 'lose'; source: number; count: number }
  | { do: 'pass'; ms: number };

const source = fc.integer({ min: 0, max: 2 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('ticks' as const),
      source,
      tokens: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('order', 'broadcast', 'gap' as const), source }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), source }) },
  fc.record({ do: fc.constant('lose' as const), source, count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60 }) }),
);

const life = fc.record({
  capacity: fc.integer({ min: 1, max: 7 }),
  capacityTicks: fc.constantFrom(1, 3, 8, 1000),
  acts: fc.array(act, { maxLength: 60, size: 'max' }),
  /** Whether the second source brings its instruments in a mode of its own. */
  hasModes: fc.boolean(),
});

function textOf(message: TickerMessage): string {
  switch (message.type) {
    case 'ticks':
      return pricesOf(message.ticks);
    case 'lagged':
      return `lagged ${message.dropped}`;
    case 'gap':
      return `gap ${spanOf(message)}`;
    case 'order':
      return message.order.order_id;
    default:
      return String((message as { data: unknown }).data);
  }
}

function pricesOf(ticks: TickBatch['ticks']): string {
  return ticks.map(({ lastPrice }) => lastPrice).join('+');
}

function spanOf(gap: Gap | undefined): string {
  return gap ? `${gap.from}-${gap.to}` : '';
}

function numberOf({ channelId, apiKeyId }: SourceTag): number {
  return apiKeyId === 'b' ? 2 : channelId;
}

/** A channel, fed and read as the list is. */
class Subject {
  readonly clock = new VirtualClock();
  readonly lostBySource = [0, 0, 0];
  readonly channel: MessagesChannel<string> | TicksChannel;

  constructor(isOfTicks: boolean, options: ResolvedChannelOptions) {
    const context = {
      clock: this.clock,
      onLost: (from: SourceTag, weight: number) => {
        this.lostBySource[SOURCES.indexOf(from)]! += weight;
      },
      onClosed: () => undefined,
    };
    this.channel = isOfTicks
      ? new TicksChannel(options, context)
      : new MessagesChannel(
          options,
          context,
          true,
          (message, from) => `${SOURCES.indexOf(from)}: ${textOf(message)}`,
        );
  }

  give(from: number, given: Given): void {
    if ('ticks' in given) {
      const ticks = given.ticks.map(({ mode, price, token }) =>
        mode === 'ltp' ? ltpTick(price, token) : quoteTick(price, 1, token),
      );
      this.#message(from, { type: 'ticks', ticks });
    } else if (given.rank === 1) this.#message(from, { type: 'message', data: given.text });
    else this.#message(from, { type: 'order', order: { order_id: given.text } });
  }

  gap(from: number, gap: { from: number; to: number }): void {
    this.#message(from, { type: 'gap', ...gap, reason: 'lost' });
  }

  lose(from: number, dropped: number): void {
    this.#message(from, { type: 'lagged', dropped });
  }

  read(): string | undefined {
    const item = this.channel.tryRecv();
    if (item === undefined || typeof item === 'string') return item;
    return `${numberOf(item)}: ${pricesOf(item.ticks)} after ${item.dropped} ${spanOf(item.gap)}`;
  }

  #message(from: number, message: object): void {
    const tag = SOURCES[from]!;
    this.channel.message({ ...message, channelId: tag.channelId, receivedAt: 1 } as TickerMessage, tag);
  }
}

const POLICIES = [
  { overflow: 'drop-oldest', throttleMs: undefined },
  { overflow: 'drop-newest', throttleMs: undefined },
  { overflow: 'error', throttleMs: undefined },
  { overflow: 'conflate', throttleMs: undefined },
  { overflow: 'conflate', throttleMs: 50 },
] as const;

describe.each(POLICIES)('$overflow, throttleMs $throttleMs', ({ overflow, throttleMs }) => {
  test.each([false, true])(
    'does as a plain list would, whatever comes from which source, however it is read (of ticks alone: %s)',
    (isOfTicks) => {
      fc.assert(
        fc.property(life, ({ capacity, capacityTicks, acts, hasModes }) => {
          const options = { capacity, capacityTicks, overflow, throttleMs };
          const list = new ListChannel(isOfTicks, options);
          const subject = new Subject(isOfTicks, {
            ...options,
            capacityBytes: Infinity,
            form: 'plain',
            tokens: undefined,
          });
          const both = [list, subject];
          let serial = 0;
          for (const step of acts) {
            serial++;
            const read = both.map((one) => perform(one, step, serial, hasModes));
            expect(read[1]).toBe(read[0]);
            expect(subject.channel.isClosed).toBe(list.hasOverflowed);
            if (list.hasOverflowed) break;
            expect(subject.channel.size).toBe(list.size);
            expect(subject.channel.size).toBeLessThanOrEqual(capacity);
            expect(subject.lostBySource).toEqual(list.lostBySource);
          }
          subject.channel.end();
          list.release();
          for (let line = list.read(); line !== undefined; line = list.read())
            expect(subject.read()).toBe(line);
          if (list.hasOverflowed) expect(() => subject.read()).toThrow(/was full/);
          expect(subject.read()).toBeUndefined();
          expect(subject.clock.pending).toBe(0);
        }),
        { numRuns: 400 },
      );
    },
  );
});

function perform(
  one: ListChannel | Subject,
  step: Act,
  serial: number,
  hasModes: boolean,
): string | undefined {
  switch (step.do) {
    case 'ticks': {
      const mode = hasModes && step.source === 1 ? 'quote' : 'ltp';
      const ticks = step.tokens.map((token, index): ListTick => ({
        token,
        mode,
        price: serial * 10 + index,
      }));
      one.give(step.source, { ticks });
      return undefined;
    }
    case 'order':
      one.give(step.source, { text: `order ${serial}`, rank: 3 });
      return undefined;
    case 'broadcast':
      one.give(step.source, { text: `news ${serial}`, rank: 1 });
      return undefined;
    case 'gap':
      one.gap(step.source, { from: serial, to: serial + 1 });
      return undefined;
    case 'lose':
      one.lose(step.source, step.count);
      return undefined;
    case 'pass':
      if (one instanceof ListChannel) one.pass(step.ms);
      else one.clock.pass(step.ms);
      return undefined;
    case 'read':
      return one.read();
  }
}

test.each(POLICIES)(
  'delivered and dropped add up to what was given, and every loss is told once: $overflow, throttleMs $throttleMs',
  ({ overflow, throttleMs }) => {
    fc.assert(
      fc.property(life, ({ capacity, capacityTicks, acts, hasModes }) => {
        const options = { capacity, capacityTicks, overflow, throttleMs };
        const subject = new Subject(false, {
          ...options,
          capacityBytes: Infinity,
          form: 'plain',
          tokens: undefined,
        });
        let given = 0;
        const lines: string[] = [];
        for (const [serial, step] of acts.entries()) {
          const line = perform(subject, step, serial, hasModes);
          if (line !== undefined) lines.push(line);
          if (subject.channel.isClosed) break;
          if (step.do === 'ticks') given += step.tokens.length;
          else if (step.do === 'lose') given += step.count;
          else if (step.do === 'order' || step.do === 'broadcast') given++;
        }
        subject.channel.end();
        try {
          for (let line = subject.read(); line !== undefined; line = subject.read()) lines.push(line);
        } catch {
          expect(overflow).toBe('error');
        }
        const told = lines.reduce((sum, line) => sum + Number(/lagged (\d+)/.exec(line)?.[1] ?? 0), 0);
        const delivered = lines
          .filter((line) => !/lagged|gap/.test(line))
          .reduce((sum, line) => sum + line.split('+').length, 0);
        expect(told).toBe(subject.channel.dropped);
        expect(delivered + subject.channel.dropped).toBe(given);
      }),
      { numRuns: 300 },
    );
  },
);

type Reading =
  | { do: 'push' | 'tryRecv' | 'recv' | 'pass' | 'abort' }
  | { do: 'next'; iterator: number }
  | { do: 'timed'; ms: number };

const reading: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Reading>({ do: 'push' }) },
  fc.record({ do: fc.constantFrom('tryRecv', 'recv', 'pass', 'abort' as const) }),
  fc.record({ do: fc.constant('next' as const), iterator: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('timed' as const), ms: fc.integer({ min: 1, max: 9 }) }),
);

test('readers that come and go get each item once, in turn: nothing is lost, and nothing is given twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(reading, { maxLength: 40, size: 'max' }), async (steps) => {
      const clock = new VirtualClock();
      const options = { capacity: 1000, capacityTicks: 1000, capacityBytes: Infinity } as const;
      const context = { clock, onLost: () => undefined, onClosed: () => undefined };
      const channel = new MessagesChannel<string>(
        { ...options, overflow: 'drop-oldest', throttleMs: undefined, form: 'plain', tokens: undefined },
        context,
        true,
        textOf,
      );
      const iterators = [0, 1, 2].map(() => channel[Symbol.asyncIterator]());
      const got: string[] = [];
      const note = (item: string | undefined): void => {
        if (item !== undefined) got.push(item);
      };
      // The same promise twice is the same read: it counts once.
      const seen = new Set<Promise<unknown>>();
      const waitFor = <Result>(
        read: Promise<Result>,
        itemOf: (result: Result) => string | undefined,
      ): void => {
        if (seen.has(read)) return;
        seen.add(read);
        read.then(
          (result) => note(itemOf(result)),
          () => undefined,
        );
      };
      let aborting = new AbortController();
      let pushed = 0;
      for (const step of steps) {
        if (step.do === 'push') {
          const message = {
            type: 'order',
            order: { order_id: String(++pushed) },
            channelId: 0,
            receivedAt: 1,
          };
          channel.message(message as TickerMessage, SOURCES[0]!);
        } else if (step.do === 'tryRecv') note(channel.tryRecv());
        else if (step.do === 'recv') waitFor(channel.recv(), (item) => item);
        else if (step.do === 'next') waitFor(iterators[step.iterator]!.next(), ({ value }) => value);
        else if (step.do === 'timed')
          waitFor(channel.recv({ timeoutMs: step.ms, signal: aborting.signal }), (item) => item);
        else if (step.do === 'pass') clock.pass(4);
        else {
          aborting.abort();
          aborting = new AbortController();
        }
        await settled();
      }
      channel.end();
      await settled();
      for (let item = channel.tryRecv(); item !== undefined; item = channel.tryRecv()) got.push(item);
      expect(got).toEqual(Array.from({ length: pushed }, (_, index) => String(index + 1)));
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 200 },
  );
});
