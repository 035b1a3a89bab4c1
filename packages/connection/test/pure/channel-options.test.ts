import { describe, expect, test } from 'vitest';

import { resolveChannelOptions, resolveRawChannelOptions } from '../../src/channel/channel-options.js';

const INVALID = 'KITE_CONNECTION_INVALID_OPTION';

test('the defaults: the capacity that is given, drop-oldest, everything', () => {
  expect(resolveChannelOptions({}, 10_000)).toEqual({
    ...{ capacity: 10_000, overflow: 'drop-oldest', throttleMs: undefined, tokens: undefined },
  });
  expect(resolveRawChannelOptions({}, 5000)).toEqual({ capacity: 5000, overflow: 'drop-oldest' });
});

test('throttleMs means conflate', () => {
  expect(resolveChannelOptions({ throttleMs: 50 }, 1)).toMatchObject({
    overflow: 'conflate',
    throttleMs: 50,
  });
  expect(resolveChannelOptions({ throttleMs: 50, overflow: 'conflate' }, 1).throttleMs).toBe(50);
});

test.each(['drop-oldest', 'drop-newest', 'error'] as const)('throttleMs with %s is refused', (overflow) => {
  expect(() => resolveChannelOptions({ throttleMs: 50, overflow }, 1)).toThrow(
    expect.objectContaining({ code: INVALID, field: 'overflow', value: overflow }),
  );
});

describe('an invalid option is refused, naming field, value and what is allowed', () => {
  test.each([
    ...[0, -1, 1.5, Infinity, '5', null].map((value) => ({ field: 'capacity', value })),
    ...['drop', 'block', 'DROP-OLDEST', null, 1].map((value) => ({ field: 'overflow', value })),
    ...[0, -1, NaN, Infinity, '5', null].map((value) => ({ field: 'throttleMs', value })),
  ])('$field: $value', ({ field, value }) => {
    expect(() => resolveChannelOptions({ [field]: value }, 1)).toThrow(
      expect.objectContaining({ code: INVALID, field, value, allowed: expect.any(String) as unknown }),
    );
  });

  test.each([
    { tokens: 408065, field: 'tokens' },
    { tokens: '408065', field: 'tokens' },
    { tokens: ['408065'], field: 'tokens[0]' },
    { tokens: [1, 2.5], field: 'tokens[1]' },
    { tokens: [0], field: 'tokens[0]' },
    { tokens: [[1]], field: 'tokens[0]' },
  ])('tokens: $tokens', ({ tokens, field }) => {
    expect(() => resolveChannelOptions({ tokens: tokens as Iterable<number> }, 1)).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TOKEN', field }),
    );
  });

  test.each(['conflate', 'block'])('overflow of raw frames: %s', (overflow) => {
    expect(() => resolveRawChannelOptions({ overflow: overflow as 'error' }, 1)).toThrow(
      expect.objectContaining({
        code: INVALID,
        field: 'overflow',
        allowed: "'drop-oldest', 'drop-newest', 'error'",
      }),
    );
  });

  test.each(['throttleMs', 'tokens'])('%s of raw frames, which are not decoded', (field) => {
    expect(() => resolveRawChannelOptions({ [field]: 1 }, 1)).toThrow(
      expect.objectContaining({ code: INVALID, field }),
    );
  });

  test('an unknown one, with the nearest known', () => {
    expect(() => resolveChannelOptions({ overFlow: 'conflate' } as object, 1)).toThrow(
      /did you mean overflow\?/,
    );
  });
});

test('tokens are any iterable, each once, and read once', () => {
  function* tokens() {
    yield* [1, 2, 2];
  }
  expect(resolveChannelOptions({ tokens: tokens() }, 1).tokens).toEqual(new Set([1, 2]));
});
