import { describe, expect, test } from 'vitest';

import { isSilent, streamingSince } from '../../src/live-market/streaming.js';

const open = { state: 'open', lastFrameAgeMs: 300, connectionUptimeMs: 4000 } as const;

describe('a connection', () => {
  test.each([
    [{ ...open }, false],
    [{ ...open, lastFrameAgeMs: 2000 }, false],
    [{ ...open, lastFrameAgeMs: 2001 }, true],
    [{ ...open, lastFrameAgeMs: null }, false],
    [{ ...open, state: 'waiting' as const, lastFrameAgeMs: 9000 }, false],
  ])('%j is silent: %j, which is beyond two heartbeats', (stats, silent) => {
    expect(isSilent(stats)).toBe(silent);
  });

  test('streams since it opened, and not at all while it is silent or down', () => {
    expect(streamingSince(open, 10_000)).toBe(6000);
    expect(streamingSince({ ...open, lastFrameAgeMs: 2500 }, 10_000)).toBeUndefined();
    expect(streamingSince({ ...open, state: 'waiting', connectionUptimeMs: null }, 10_000)).toBeUndefined();
  });
});
