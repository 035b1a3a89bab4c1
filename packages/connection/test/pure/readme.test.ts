import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONNECTION_ERRORS, KiteTicker } from '@kite/connection';

import { CONNECTION_DEFAULTS, CREDENTIAL_RULES } from '../../src/options.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The rows of the table under a heading: each row's cells, without the backticks around a single code. */
function table(heading: string): string[][] {
  const [, section = ''] = readme.split(`\n${heading}\n`);
  const rows = section.split(/\n#+ /, 1)[0]!.match(/^\|.*\|$/gm) ?? [];
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
      ...Object.fromEntries(Object.entries(plain).map(([option, value]) => [option, String(value)])),
      '`clock`, `random`, `transport`': "the machine's own, `ws`",
    });
  });

  test('has every error code', () => {
    expect(table('## Errors').map(([code]) => code)).toEqual(Object.keys(CONNECTION_ERRORS));
  });

  test('has every figure', () => {
    const figures = Object.keys(new KiteTicker({ apiKey: 'key', accessToken: 'token' }).getStats());
    expect(figures.filter((figure) => !readme.includes(`\`${figure}\``))).toEqual([]);
  });
});
