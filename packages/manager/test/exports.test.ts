import * as connection from '@kite/connection';
import * as kite from '@kite/manager';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const below = new Set(Object.keys(connection));

describe('the public surface', () => {
  it('is this, and a change of it is a visible one', () => {
    const own = Object.keys(kite).filter((name) => !below.has(name));
    expect(own.sort()).toMatchInlineSnapshot(`
      [
        "HealthWatch",
        "KiteTickerManager",
        "LastTicks",
        "Outages",
        "MANAGER_DEFAULTS",
        "MANAGER_ERRORS",
        "MANAGER_RULES",
        "allocate",
        "groupBy",
        "lastTickOf",
        "optionBuilder",
        "presets",
        "resolveManagerConfig",
        "unplacedReason",
      ]
    `);
  });

  it('has all of the layers below, so that one import is enough', () => {
    expect(Object.keys(kite)).toEqual(expect.arrayContaining([...below]));
  });

  it('has no export that is undefined', () => {
    expect(Object.values(kite)).not.toContain(undefined);
  });

  it('of a manager is this', () => {
    expect(Object.getOwnPropertyNames(kite.KiteTickerManager.prototype).sort()).toMatchInlineSnapshot(`
      [
        "assignSymbols",
        "attach",
        "changeMode",
        "constructor",
        "countDropped",
        "getAllChannels",
        "getAllRawFrameChannels",
        "getChannel",
        "getFreeCapacity",
        "getFullRawSubscriber",
        "getHealth",
        "getLastTick",
        "getProcessorStats",
        "getRawFrameChannel",
        "getSilentSymbols",
        "getStats",
        "getSymbolDistribution",
        "getUnifiedChannel",
        "getUnplacedSymbols",
        "halt",
        "outagesOf",
        "missed",
        "on",
        "start",
        "stop",
        "subscribeSymbols",
        "subscriptions",
        "ticks",
        "toJSON",
        "unsubscribeSymbols",
        "updateCredentials",
      ]
    `);
  });
});

describe('the list of error codes', () => {
  const folder = fileURLToPath(new URL('../src/', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'error-codes.ts')
    .map((file) => readFileSync(path.join(folder, file), 'utf8').replace(/\/\*\*.*?\*\//gs, ''))
    .join('\n');
  const used = new Set(sources.match(/'KITE_MANAGER_[A-Z_]+'/g)?.map((code) => code.slice(1, -1)));

  it('has every code that the sources use, and no other', () => {
    expect([...used].sort()).toEqual(Object.keys(kite.MANAGER_ERRORS).sort());
  });

  it.each(Object.entries(kite.MANAGER_ERRORS))('says of %s why it happens and what helps', (_, entry) => {
    expect(entry.cause).toMatch(/^\S.*\.$/s);
    expect(entry.cure).toMatch(/^\S.*\.$/s);
  });
});
