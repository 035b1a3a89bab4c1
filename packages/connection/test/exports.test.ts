import { readFileSync, readdirSync } from 'node:fs';
import * as kite from '@kite/connection';
import * as protocol from '@kite/protocol';
import * as raw from '@kite/raw';
import { describe, expect, test } from 'vitest';

const below = new Set([...Object.keys(protocol), ...Object.keys(raw)]);

describe('the public surface', () => {
  test('is this, and a change of it is a visible one', () => {
    const own = Object.keys(kite).filter((name) => !below.has(name));
    expect(own.sort()).toMatchInlineSnapshot(`
      [
        "CONNECTION_DEFAULTS",
        "CONNECTION_ERRORS",
        "CONNECTION_RULES",
        "CREDENTIAL_RULES",
        "ChannelId",
        "Connection",
        "DEFAULT_URL",
        "Deadline",
        "Endpoint",
        "Hub",
        "INITIAL_STATE",
        "KiteTicker",
        "Listeners",
        "MessageChannelConsumer",
        "Outlets",
        "SlotHolder",
        "Subscriptions",
        "TICKER_EVENTS",
        "Timer",
        "assertDecoding",
        "assertListener",
        "backoffDelay",
        "begunAfter",
        "checkCredentials",
        "checkNewCredentials",
        "deferred",
        "listenerFailed",
        "notSubscribed",
        "processSlots",
        "promised",
        "resolveChannelOptions",
        "resolveConnectionConfig",
        "safeCause",
        "systemClock",
        "systemRandom",
        "transition",
        "uncountedSlots",
        "wsTransport",
      ]
    `);
  });

  test('has all of the layers below, so that one import is enough', () => {
    expect(Object.keys(kite)).toEqual(expect.arrayContaining([...below]));
  });

  test('has no export that is undefined', () => {
    expect(Object.values(kite)).not.toContain(undefined);
  });
});

describe('the list of error codes', () => {
  const folder = new URL('../src/', import.meta.url);
  const sources = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'error-codes.ts')
    .map((file) => readFileSync(new URL(file, folder), 'utf8').replace(/\/\*\*.*?\*\//gs, ''))
    .join('\n');
  const used = new Set(sources.match(/'KITE_CONNECTION_[A-Z_]+'/g)?.map((code) => code.slice(1, -1)));

  test('has every code that the sources use, and no other', () => {
    expect([...used].sort()).toEqual(Object.keys(kite.CONNECTION_ERRORS).sort());
  });

  test.each(Object.entries(kite.CONNECTION_ERRORS))(
    'says of %s why it happens and what helps',
    (_code, entry) => {
      expect(entry.cause).toMatch(/^\S.*\.$/s);
      expect(entry.cure).toMatch(/^\S.*\.$/s);
    },
  );
});
