import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelId } from '@kite/manager';
import { VirtualClock } from '@kite/testkit';

import { OrderDedup } from '../../src/order-dedup.js';

const ALL: readonly ChannelId[] = [0, 1, 2];

describe('a postback', () => {
  test('that comes on each of three connections is delivered from the first', () => {
    const orders = new OrderDedup(new VirtualClock());
    expect([2, 0, 1].map((from) => orders.accept('filled', from as ChannelId, ALL))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('that really comes twice is delivered twice, however the copies are interleaved', () => {
    const orders = new OrderDedup(new VirtualClock());
    const arrivals: ChannelId[] = [0, 0, 1, 2, 2, 1];
    expect(arrivals.map((from) => orders.accept('filled', from, ALL))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('that was expected on a connection that is lost is new when it comes there again', () => {
    const orders = new OrderDedup(new VirtualClock());
    orders.accept('filled', 0, ALL);
    orders.lost(1);
    expect(orders.accept('filled', 1, [1])).toBe(true);
  });

  test('with another text is another one', () => {
    const orders = new OrderDedup(new VirtualClock());
    expect(orders.accept('filled', 0, ALL)).toBe(true);
    expect(orders.accept('cancelled', 0, ALL)).toBe(true);
    expect(orders.accept('filled', 1, ALL)).toBe(false);
  });

  test('is remembered for a minute, and whatever waits for a copy longer waits in vain', () => {
    const clock = new VirtualClock();
    const orders = new OrderDedup(clock);
    orders.accept('filled', 0, ALL);
    clock.pass(59_000);
    expect(orders.accept('filled', 1, ALL)).toBe(false);
    clock.pass(2000);
    expect(orders.accept('filled', 2, ALL)).toBe(true);
  });

  test('is not forgotten among a thousand others', () => {
    const orders = new OrderDedup(new VirtualClock());
    const texts = Array.from({ length: 1000 }, (_, index) => `order ${index}`);
    for (const from of ALL)
      expect(texts.filter((text) => orders.accept(text, from, ALL))).toHaveLength(from === 0 ? 1000 : 0);
  });

  test('of days ago takes no memory', () => {
    const orders = new OrderDedup(new VirtualClock());
    for (let index = 0; index < 10_000; index++) orders.accept(`order ${index}`, 0, ALL);
    expect(orders.size).toBeLessThanOrEqual(4096);
  });
});

/** An order postback on its way, or the news that the connection is open. */
type Item = { post: number; text: string } | 'open';

/**
 * A server that posts on every connection that is open for it, and a client that reads each connection in order and whenever
 * it likes: each knows only what has reached it.
 */
class Wire {
  readonly orders = new OrderDedup(new VirtualClock());
  readonly queues = new Map<ChannelId, Item[]>();
  readonly dialling = new Set<ChannelId>();
  readonly open = new Set<ChannelId>();
  readonly delivered: number[] = [];
  readonly read = new Set<number>();
  posts = 0;

  constructor(connections: readonly ChannelId[]) {
    for (const channelId of connections) {
      this.open.add(channelId);
      this.queues.set(channelId, []);
    }
  }

  post(text: string): void {
    const post = this.posts++;
    for (const queue of this.queues.values()) queue.push({ post, text });
  }

  arrive(channelId: ChannelId): void {
    const item = this.queues.get(channelId)?.shift();
    if (item === undefined) return;
    if (item === 'open') {
      this.dialling.delete(channelId);
      this.open.add(channelId);
      return;
    }
    this.read.add(item.post);
    if (this.orders.accept(item.text, channelId, [...this.open, ...this.dialling]))
      this.delivered.push(item.post);
  }

  die(channelId: ChannelId): void {
    this.queues.delete(channelId);
    this.open.delete(channelId);
    this.dialling.delete(channelId);
    this.orders.lost(channelId);
  }

  dial(channelId: ChannelId): void {
    if (!this.queues.has(channelId)) this.dialling.add(channelId);
  }

  answer(channelId: ChannelId): void {
    if (this.dialling.has(channelId) && !this.queues.has(channelId)) this.queues.set(channelId, ['open']);
  }

  drain(): void {
    for (const [channelId, queue] of this.queues) while (queue.length > 0) this.arrive(channelId);
  }
}

const count = fc.integer({ min: 1, max: 3 });
const channelId = fc.constantFrom(...ALL);
const arrive = channelId.map((id) => (wire: Wire) => wire.arrive(id));
const die = channelId.map((id) => (wire: Wire) => wire.die(id));
const dial = channelId.map((id) => (wire: Wire) => wire.dial(id));
const answer = channelId.map((id) => (wire: Wire) => wire.answer(id));
const postSame = fc.constantFrom('a', 'b').map((text) => (wire: Wire) => wire.post(text));
const postNew = fc.constant((wire: Wire) => wire.post(`order ${wire.posts}`));

type Act = (wire: Wire) => void;

function run(connections: number, acts: readonly Act[]): Wire {
  const wire = new Wire(ALL.slice(0, connections));
  for (const act of acts) act(wire);
  wire.drain();
  return wire;
}

describe('whatever the interleaving', () => {
  test('each postback is delivered exactly once, genuine repeats and connections that die included', () => {
    // A postback that died with every connection before it was read was never here.
    const act = fc.oneof({ weight: 4, arbitrary: postSame }, { weight: 8, arbitrary: arrive }, die);
    fc.assert(
      fc.property(count, fc.array(act, { maxLength: 60 }), (connections, acts) => {
        const { read, delivered } = run(connections, acts);
        expect(delivered).toHaveLength(read.size);
      }),
      { numRuns: 1000 },
    );
  });

  test('each postback is delivered exactly once while connections die, are dialled and open, at the worst moments', () => {
    const life = fc.oneof(die, dial, answer);
    const act = fc.oneof(
      { weight: 4, arbitrary: postNew },
      { weight: 8, arbitrary: arrive },
      { weight: 3, arbitrary: life },
    );
    fc.assert(
      fc.property(count, fc.array(act, { maxLength: 80 }), (connections, acts) => {
        const { read, delivered } = run(connections, acts);
        expect([...delivered].sort((a, b) => a - b)).toEqual([...read].sort((a, b) => a - b));
      }),
      { numRuns: 1000 },
    );
  });
});
