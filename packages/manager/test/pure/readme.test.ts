import { describe, expect, test } from 'vitest';
import { KiteTickerManager, MANAGER_ERRORS } from '@kite/manager';
import { connectionOptions, Readme } from '@kite/testkit';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/connection-parts.js';
import { MANAGER_DEFAULTS } from '../../src/options.js';

const readme = new Readme(new URL('../../README.md', import.meta.url));

describe('the README', () => {
  test('has every option, with its true default', () => {
    const defaults = { ...CONNECTION_DEFAULTS, ...MANAGER_DEFAULTS };
    expect(readme.options()).toEqual({
      ...connectionOptions(CREDENTIAL_RULES, defaults),
      workerUrl: 'found by itself',
      instruments: 'none',
      calendar: 'none',
    });
  });

  test('has every error code', () => {
    expect(readme.table('## Errors').map(([code]) => code)).toEqual(Object.keys(MANAGER_ERRORS));
  });

  test('has every figure', () => {
    const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token' });
    const stats = manager.getStats();
    const figures = [stats, stats.connectionStats[0]!, manager.getProcessorStats()[0]!, manager.getHealth()];
    const names = figures.flatMap((one) => Object.keys(one));
    expect(readme.lacks(names)).toEqual([]);
  });
});
