import { afterEach, describe, expect, test, vi } from 'vitest';

import { Warnings } from '../../src/warnings.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('warnings', () => {
  test('come once for each owner and kind, as a KiteWarning with its code', () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const warnings = new Warnings();
    warnings.warn('worker', 'no worker', 'KITE_MANAGER_THREADS_UNAVAILABLE');
    warnings.warn('worker', 'no worker again');
    warnings.warn('listener', 'a listener failed');
    new Warnings().warn('worker', 'no worker here either');
    expect(emit.mock.calls).toEqual([
      ['no worker', { type: 'KiteWarning', code: 'KITE_MANAGER_THREADS_UNAVAILABLE' }],
      ['a listener failed', { type: 'KiteWarning' }],
      ['no worker here either', { type: 'KiteWarning' }],
    ]);
  });

  test.each([{ process: undefined }, { process: {} }])(
    'are lost in silence where there is nowhere to say them ($process)',
    ({ process }) => {
      vi.stubGlobal('process', process);
      expect(() => {
        new Warnings().warn('worker', 'no worker');
      }).not.toThrow();
    },
  );
});
