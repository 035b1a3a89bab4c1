import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MULTI_API_ERRORS } from '@kite/multi-api';

import { MULTI_API_RULES } from '../../src/options.js';
import { MANAGER_RULES } from '../../src/parts.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test('the README has every option that this package adds, and every error code', () => {
  const added = Object.keys(MULTI_API_RULES).filter((option) => !Object.hasOwn(MANAGER_RULES, option));
  expect(added.filter((option) => !readme.includes(`| \`${option}\``))).toEqual([]);
  const codes = Object.keys(MULTI_API_ERRORS).map((code) => code.replace('KITE_MULTI_API', ''));
  expect(codes.filter((code) => !readme.includes(code))).toEqual([]);
});

test('the README says nothing of a machine or a registry', () => {
  expect(readme).not.toMatch(/localhost:\d|\/home\/|file:/);
});
