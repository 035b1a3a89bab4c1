import { expect, test } from 'vitest';
import { KiteTickerManager, presets } from '@kite/manager';

import { optionBuilder } from '../../src/option-builder.js';
import { MANAGER_RULES } from '../../src/options.js';

interface Config {
  size?: number;
  name?: string;
}

const builder = () => optionBuilder<Config, Config>(['size', 'name'], (config) => ({ ...config }));

test('has a setter for each option, and each gives the builder back', () => {
  expect(builder().size(3).name('a').build()).toEqual({ size: 3, name: 'a' });
});

test('sets several at once, and what is set later wins', () => {
  expect(builder().size(3).config({ size: 4, name: 'b' }).name('c').build()).toEqual({ size: 4, name: 'c' });
});

test('leaves alone what it was given', () => {
  const given = Object.freeze({ size: 1 });
  expect(builder().config(given).size(2).build()).toEqual({ size: 2 });
});

test('two builders share nothing', () => {
  const one = builder().size(1);
  expect(builder().build()).toEqual({});
  expect(one.build()).toEqual({ size: 1 });
});

test('the manager’s has a setter for each of its options', () => {
  const made = KiteTickerManager.builder('key', 'token');
  expect(Object.keys(made).sort()).toEqual([...Object.keys(MANAGER_RULES), 'build', 'config'].sort());
});

test('the manager’s checks at build(), as the constructor does', () => {
  const made = KiteTickerManager.builder('key', 'token').maxConnections(4);
  expect(() => made.build()).toThrow(
    expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field: 'maxConnections', value: 4 }),
  );
  expect(made.maxConnections(2).config(presets.production).build()).toBeInstanceOf(KiteTickerManager);
});
