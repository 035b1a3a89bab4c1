import { describe, expect, test } from 'vitest';

import { assertListener, TICKER_EVENTS } from '../../src/feed/events.js';

const refusal = (type: unknown): string => {
  try {
    assertListener('KITE_CONNECTION_INVALID_OPTION', TICKER_EVENTS, type, () => undefined);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('an event that there is not', () => {
  test.each([
    ['order_update', 'order'],
    ['connect', 'state'],
    ['disconnect', 'state'],
    ['close', 'state'],
    ['reconnect', 'state'],
    ['noreconnect', 'state'],
    ['tick', 'ticks'],
    ['ordre', 'order'],
    ['Gap', 'gap'],
  ])('%s is refused with the name that it has here, %s, and the others', (type, meant) => {
    expect(refusal(type)).toBe(
      `type is "${type}"; did you mean ${meant}? Allowed: ${TICKER_EVENTS.join(', ')}`,
    );
  });

  test.each(['xyzzy', '', 'toString', 42, undefined])('%j is refused without a guess', (type) => {
    expect(refusal(type)).toMatch(/^type is .*; allowed: ticks, order,/);
  });

  test.each(TICKER_EVENTS)('%s is accepted', (type) => {
    expect(refusal(type)).toBe('accepted');
  });
});
