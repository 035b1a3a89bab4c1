import { describe, expect, test } from 'vitest';
import { Subjects } from '@kite/nats';

import { checkStream, streamPlans } from '../../src/bus/stream-plan.js';

const [ticks, orders] = streamPlans(new Subjects(), {});

describe('a stream that exists', () => {
  test('is refused with the setting, its value and what is needed', () => {
    expect(() => checkStream(ticks!, { ...ticks!.settings, subjects: ['other.>'] })).toThrow(
      'the stream TICKS exists, and its subjects is other.>; needed: kite.t.>',
    );
    expect(() => checkStream(ticks!, { ...ticks!.settings, max_msgs_per_subject: 1 })).toThrow('needed: -1');
    expect(() => checkStream(ticks!, { ...ticks!.settings, allow_direct: false })).toThrow('needed: true');
    expect(() => checkStream(orders!, { storage: 'file' })).toThrow('its subjects is none; needed: kite.o.*');
  });

  test('may keep ticks as the operator wants where nothing was asked for, and only there', () => {
    const found = { ...ticks!.settings, max_age: 1, storage: 'memory' as const };
    expect(() => checkStream(ticks!, found)).not.toThrow();
    const [asked] = streamPlans(new Subjects(), { maxAge: 3_600_000 });
    expect(() => checkStream(asked!, found)).toThrow('its max_age is 1; needed: 3600000000000');
  });

  test('has a name of its own for each prefix', () => {
    expect(streamPlans(new Subjects(), {}).map(({ name }) => name)).toEqual(['TICKS', 'ORDERS']);
    expect(streamPlans(new Subjects('desk'), {}).map(({ name }) => name)).toEqual([
      'desk_TICKS',
      'desk_ORDERS',
    ]);
  });
});
