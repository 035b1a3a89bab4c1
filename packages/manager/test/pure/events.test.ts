import { describe, expect, test } from 'vitest';
import { KiteTickerManager } from '@kite/manager';

describe('on()', () => {
  const manager = new KiteTickerManager('key', 'token');
  const code = 'KITE_MANAGER_INVALID_OPTION';

  test.each(['tick', 'healthy', '', 'toString', undefined])(
    'refuses the event %j, which would never come',
    (type) => {
      expect(() => manager.on(type as 'ticks', () => undefined)).toThrow(
        expect.objectContaining({
          ...{ code, field: 'type', value: type },
          allowed:
            'ticks, order, error, message, state, gap, instruments-meta, lagged, issue, unknown, frame, health, unplaced',
        }),
      );
    },
  );

  test.each(['ticks', 'health', 'unplaced'] as const)('refuses what cannot be called for %j', (type) => {
    expect(() => manager.on(type as 'ticks', {} as () => void)).toThrow(
      expect.objectContaining({ code, field: 'listener', allowed: 'a function' }),
    );
  });
});
