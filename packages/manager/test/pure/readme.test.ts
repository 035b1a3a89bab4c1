import { describe, expect, test } from 'vitest';
import { KiteTickerManager, MANAGER_ERRORS } from '@kite/manager';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/connection-parts.js';
import { MANAGER_DEFAULTS } from '../../src/options.js';
import { readme, section } from '../support/readme.js';

/** The rows of the table under a heading: each row's cells, without the backticks around a single code. */
function table(heading: string): string[][] {
  const rows = section(heading).match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
  );
}

describe('the README', () => {
  test('has every option, with its true default', () => {
    const documented = Object.fromEntries(
      table('## Options').map(([option = '', value = '']) => [option, value]),
    );
    const { clock: _clock, random: _random, transport: _transport, ...plain } = CONNECTION_DEFAULTS;
    expect(documented).toEqual({
      ...Object.fromEntries(Object.keys(CREDENTIAL_RULES).map((option) => [option, 'required'])),
      ...Object.fromEntries(
        Object.entries({ ...plain, ...MANAGER_DEFAULTS }).map(([option, value]) => [option, String(value)]),
      ),
      '`clock`, `random`, `transport`': "the machine's own, `ws`",
      workerUrl: 'found by itself',
    });
  });

  test('has every error code', () => {
    expect(table('## Errors').map(([code]) => code)).toEqual(Object.keys(MANAGER_ERRORS));
  });

  test('has every figure', () => {
    const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token' });
    const stats = manager.getStats();
    const figures = [stats, stats.connectionStats[0]!, manager.getProcessorStats()[0]!, manager.getHealth()];
    const names = figures.flatMap((one) => Object.keys(one));
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});
