import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  DistributionStrategy,
  type KiteError,
  type MultiApiConfig,
  MultiApiKiteTickerManager,
} from '@kite/multi-api';

import { checkAccount, MULTI_API_RULES, resolveMultiApiOptions } from '../../src/options.js';

const CODE = 'KITE_MULTI_API_INVALID_OPTION';

describe('options', () => {
  test('have the defaults that they say they have', () => {
    expect(resolveMultiApiOptions({})).toMatchObject({
      distributionStrategy: 'round-robin',
      weights: {},
      replicas: 1,
      enableHealthMonitoring: true,
      resolved: {
        maxConnections: 3,
        maxSymbolsPerConnection: 3000,
        defaultMode: 'quote',
        failoverAfterMs: 15_000,
      },
    });
  });

  test('beside baseConfig come before those in it, and maxConnectionsPerApi before both', () => {
    const { resolved } = resolveMultiApiOptions({
      baseConfig: { defaultMode: 'full', maxConnections: 1, failoverAfterMs: 7, reconnectDelayMs: 5 },
      failoverAfterMs: 8,
      maxConnections: 2,
      maxConnectionsPerApi: 3,
      reconnectDelayMs: undefined,
    });
    expect(resolved).toMatchObject({
      defaultMode: 'full',
      failoverAfterMs: 8,
      maxConnections: 3,
      reconnectDelayMs: 5,
    });
  });

  test.each<[keyof MultiApiConfig, unknown]>([
    ['distributionStrategy', 'random'],
    ['weights', { a: 0 }],
    ['weights', { a: '1' }],
    ['weights', null],
    ['weights', [1]],
    ['weights', new Map([['a', 1]])],
    ['replicas', 0],
    ['replicas', 1.5],
    ['maxConnectionsPerApi', 4],
    ['maxConnections', 0],
    ['baseConfig', 5],
    ['enableHealthMonitoring', 'yes'],
    ['failoverAfterMs', -1],
    ['lastTicks', 1],
  ])('refuse %s = %j, and say what is allowed', (field, value) => {
    expect(() => new MultiApiKiteTickerManager({ [field]: value })).toThrow(
      expect.objectContaining({ code: CODE, field, allowed: expect.stringMatching(/./) as string }) as Error,
    );
  });

  test.each<[string, object, string]>([
    ['unknown', { distributionStrategie: 'manual' }, 'distributionStrategy'],
    ['unknown in baseConfig', { baseConfig: { maxConection: 1 } }, 'maxConnections'],
    ['unknown of an account', { accounts: [{ id: 'a', apikey: 'k', accessToken: 't' }] }, 'apiKey'],
  ])('name the nearest one for an option that is %s', (_where, options, nearest) => {
    expect(() => new MultiApiKiteTickerManager(options)).toThrow(new RegExp(`did you mean ${nearest}\\?`));
  });

  test.each<[string, unknown, string]>([
    ['nothing', null, 'options'],
    ['no id', { apiKey: 'k', accessToken: 't' }, 'id'],
    ['an empty id', { id: ' ', apiKey: 'k', accessToken: 't' }, 'id'],
    ['no key', { id: 'a', accessToken: 't' }, 'apiKey'],
    ['an empty token', { id: 'a', apiKey: 'k', accessToken: '' }, 'accessToken'],
    ['a number for a token', { id: 'a', apiKey: 'k', accessToken: 5 }, 'accessToken'],
  ])('refuse an account with %s', (_what, account, field) => {
    expect(() => checkAccount(account as never)).toThrow(
      expect.objectContaining({ code: CODE, field }) as Error,
    );
  });

  test('refuse one with an error that is plain data, to be logged or sent', () => {
    for (const account of [
      { apiKey: 'k', accessToken: 't' },
      { id: 5, apiKey: 'k', accessToken: 't' },
    ]) {
      let refused: unknown;
      try {
        checkAccount(account as never);
      } catch (error) {
        refused = JSON.parse(JSON.stringify(error));
        expect(structuredClone((error as KiteError).toJSON())).toEqual(refused);
      }
      expect(refused).toMatchObject({ code: CODE, field: 'id' });
    }
  });

  test('show no credential when they refuse one', () => {
    const secret = 'do-not-show-me';
    for (const wrong of [
      { apiKey: [secret] },
      { accessToken: { secret } },
      { apiSecret: secret },
      { id: { secret } },
    ]) {
      const account = { id: 'a', apiKey: 'k', accessToken: 't', ...wrong };
      const error: unknown = (() => {
        try {
          return new MultiApiKiteTickerManager({ accounts: [account as never] });
        } catch (cause) {
          return cause;
        }
      })();
      if (!('id' in wrong)) expect(JSON.stringify(error) + String(error)).not.toContain(secret);
      expect(error).toMatchObject({ code: CODE });
    }
  });
});

describe('the builder', () => {
  test('has a setter for each option, in any order with addApiKey', () => {
    const builder = MultiApiKiteTickerManager.builder();
    for (const option of Object.keys(MULTI_API_RULES)) expect(builder).toHaveProperty(option);
    const manager = MultiApiKiteTickerManager.builder()
      .addApiKey('first', 'key1', 'token1')
      .maxConnectionsPerApi(2)
      .distributionStrategy(DistributionStrategy.Weighted)
      .weights({ first: 2 })
      .addApiKey('second', 'key2', async () => Promise.resolve('token2'))
      .config({ defaultMode: 'full' })
      .replicas(2)
      .addApiKey('third', 'key3', 'token3')
      .build();
    expect(manager.getApiKeys()).toEqual(['first', 'second', 'third']);
    expect(manager.getHealth().unhealthyConnections).toHaveLength(6);
    expectTypeOf(builder.replicas(1).addApiKey).toEqualTypeOf(builder.addApiKey);
    expectTypeOf(builder.build).returns.toEqualTypeOf<MultiApiKiteTickerManager>();
  });

  test('refuses at the end what the constructor refuses', () => {
    const builder = MultiApiKiteTickerManager.builder().addApiKey('a', 'k', 't').addApiKey('a', 'k', 't');
    expect(() => builder.build()).toThrow(
      expect.objectContaining({ code: 'KITE_MULTI_API_DUPLICATE_ACCOUNT' }) as Error,
    );
    expect(() => MultiApiKiteTickerManager.builder().replicas(0).build()).toThrow(
      expect.objectContaining({ code: CODE, field: 'replicas' }) as Error,
    );
  });
});
