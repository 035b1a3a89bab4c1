import { describe, expect, test } from 'vitest';

import { resolveChannelOptions, resolveRawChannelOptions } from '../../src/channel/channel-options.js';

const INVALID = 'KITE_CONNECTION_INVALID_OPTION';

const DEFAULTS = { parserBufferSize: 10_000, capacityTicks: 100_000 };
const RAW_DEFAULTS = { capacity: 5000, capacityBytes: 64 };

test('the defaults: the bounds that are given, drop-oldest, everything', () => {
  expect(resolveChannelOptions({}, DEFAULTS)).toEqual({
    ...{ capacity: 10_000, capacityTicks: 100_000, capacityBytes: Infinity },
    ...{ overflow: 'drop-oldest', throttleMs: undefined, form: 'plain', tokens: undefined },
  });
  expect(resolveRawChannelOptions({}, RAW_DEFAULTS)).toEqual({
    ...{ capacity: 5000, capacityTicks: Infinity, capacityBytes: 64 },
    ...{ overflow: 'drop-oldest', throttleMs: undefined, form: 'plain', tokens: undefined },
  });
});

test('each bound can be given, and undefined means not given', () => {
  expect(resolveChannelOptions({ capacity: 1, capacityTicks: 2 }, DEFAULTS)).toMatchObject({
    ...{ capacity: 1, capacityTicks: 2 },
  });
  expect(resolveRawChannelOptions({ capacity: 1, capacityBytes: 2 }, RAW_DEFAULTS)).toMatchObject({
    ...{ capacity: 1, capacityBytes: 2 },
  });
  const nothing = { capacity: undefined, capacityTicks: undefined, overflow: undefined, tokens: undefined };
  expect(resolveChannelOptions(nothing, DEFAULTS)).toEqual(resolveChannelOptions({}, DEFAULTS));
});

test('throttleMs means conflate', () => {
  expect(resolveChannelOptions({ throttleMs: 50 }, DEFAULTS)).toMatchObject({
    overflow: 'conflate',
    throttleMs: 50,
  });
  expect(resolveChannelOptions({ throttleMs: 50, overflow: 'conflate' }, DEFAULTS).throttleMs).toBe(50);
});

test.each(['drop-oldest', 'drop-newest', 'error'] as const)('throttleMs with %s is refused', (overflow) => {
  expect(() => resolveChannelOptions({ throttleMs: 50, overflow }, DEFAULTS)).toThrow(
    expect.objectContaining({ code: INVALID, field: 'overflow', value: overflow }),
  );
});

describe('an invalid option is refused, naming field, value and what is allowed', () => {
  test.each([
    ...['capacity', 'capacityTicks'].flatMap((field) =>
      [0, -1, 1.5, Infinity, '5', null].map((value) => ({ field, value })),
    ),
    ...['drop', 'block', 'DROP-OLDEST', null, 1].map((value) => ({ field: 'overflow', value })),
    ...[0, -1, NaN, Infinity, '5', null].map((value) => ({ field: 'throttleMs', value })),
    ...['Lazy', 'raw', '', null, true].map((value) => ({ field: 'form', value })),
  ])('$field: $value', ({ field, value }) => {
    expect(() => resolveChannelOptions({ [field]: value }, DEFAULTS)).toThrow(
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
    expect(() => resolveChannelOptions({ tokens: tokens as Iterable<number> }, DEFAULTS)).toThrow(
      expect.objectContaining({ code: 'KITE_PROTOCOL_INVALID_TOKEN', field }),
    );
  });

  test.each(['conflate', 'block'])('overflow of raw frames: %s', (overflow) => {
    expect(() => resolveRawChannelOptions({ overflow: overflow as 'error' }, RAW_DEFAULTS)).toThrow(
      expect.objectContaining({
        code: INVALID,
        field: 'overflow',
        allowed: "'drop-oldest', 'drop-newest', 'error'",
      }),
    );
  });

  test.each([0, -1, 1.5, Infinity, '5', null])('capacityBytes: %s', (value) => {
    expect(() => resolveRawChannelOptions({ capacityBytes: value as number }, RAW_DEFAULTS)).toThrow(
      expect.objectContaining({ code: INVALID, field: 'capacityBytes', value }),
    );
  });

  test.each(['throttleMs', 'tokens', 'capacityTicks', 'form'])(
    '%s of raw frames, which are not decoded',
    (field) => {
      expect(() => resolveRawChannelOptions({ [field]: 1 }, RAW_DEFAULTS)).toThrow(
        expect.objectContaining({ code: INVALID, field }),
      );
    },
  );

  test('an unknown one, with the nearest known', () => {
    expect(() => resolveChannelOptions({ overFlow: 'conflate' } as object, DEFAULTS)).toThrow(
      /did you mean overflow\?/,
    );
  });
});

test('tokens are any iterable, each once, and read once', () => {
  function* tokens() {
    yield* [1, 2, 2];
  }
  expect(resolveChannelOptions({ tokens: tokens() }, DEFAULTS).tokens).toEqual(new Set([1, 2]));
});
