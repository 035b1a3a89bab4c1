import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SIMULATOR_ERRORS } from '@kite/simulator';

describe('the list of error codes', () => {
  it('has every code that the package can give, each with cause and cure, and no other', () => {
    const sources = new URL('../src/', import.meta.url);
    const used = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'error-codes.ts')
      .flatMap(
        (file) =>
          readFileSync(new URL(file, sources), 'utf8').match(/'KITE_(SIMULATOR|RECORDING)_\w+'/g) ?? [],
      )
      .map((code) => code.slice(1, -1));
    expect([...new Set(used)].sort()).toEqual(Object.keys(SIMULATOR_ERRORS).sort());
    for (const { cause, cure } of Object.values(SIMULATOR_ERRORS)) expect([cause, cure]).not.toContain('');
  });
});
