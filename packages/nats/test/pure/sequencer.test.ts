import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shardOf, Subjects } from '@kite/nats';
import { INFY, instruments, RELIANCE } from '@kite/testkit';

import { Sequencer } from '../../src/publish/sequencer.js';

function sequencer(limit?: number): Sequencer {
  let epochs = 0;
  return new Sequencer(new Subjects(), () => ++epochs, limit);
}

describe('the numbers of packets', () => {
  test('begin again in another epoch before a shard runs out of them', () => {
    const numbers = sequencer(2);
    const route = numbers.routeOf(INFY);
    expect([numbers.next(route), numbers.next(route)]).toEqual([1, 2]);
    expect(numbers.isFull(numbers.routeOf(INFY))).toBe(true);
    numbers.beginEpoch();
    expect(numbers).toMatchObject({ epoch: 2 });
    expect(route).toMatchObject({ previous: 0, isCached: true });
    expect(numbers.next(route)).toBe(1);
  });

  test('a gap of a connection marks the instruments that came over it, and no others', () => {
    const numbers = sequencer();
    const [infy, reliance] = [numbers.routeOf(INFY), numbers.routeOf(RELIANCE)];
    for (const route of [infy, reliance]) numbers.next(route);
    infy.connection = 1;
    numbers.interrupted(0, 1);
    expect([infy.isCached, reliance.isCached]).toEqual([true, false]);
    numbers.interrupted(0, 1, [RELIANCE]);
    expect(reliance.isCached).toBe(true);
  });

  test('count each shard without a hole, and chain the packets of each instrument, in any order', () => {
    const tokens = instruments(40);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 200 }), (order) => {
        const numbers = sequencer();
        const last = new Map<number, number>();
        const inShard = new Array<number>(16).fill(0);
        for (const token of order) {
          const route = numbers.routeOf(token);
          expect(route.previous).toBe(last.get(token) ?? 0);
          const sequence = numbers.next(route);
          expect(sequence).toBe(++inShard[shardOf(token, 16)]!);
          last.set(token, sequence);
        }
        expect(numbers.sequences).toEqual(inShard);
      }),
    );
  });
});
