import { describe, expect, test, vi } from 'vitest';

import { type ConnectionSlots, processSlots, uncountedSlots } from '../../src/socket/connection-slots.js';
import { SlotHolder } from '../../src/socket/slot-holder.js';

const ORIGIN = 'wss://ws.kite.trade';
const LIMIT = expect.objectContaining({
  code: 'KITE_CONNECTION_LIMIT_REACHED',
  requested: 1,
  available: 0,
}) as Error;

function acquire(slots: ConnectionSlots, count: number, key: string, origin = ORIGIN) {
  return Array.from({ length: count }, () => slots.acquire(origin, key));
}

/** A second copy of the package, as two versions of it in one program would be. */
async function duplicate() {
  vi.resetModules();
  return import('../../src/socket/connection-slots.js');
}

describe('three connections for a key in a process', () => {
  test('and not one more', () => {
    const releases = acquire(processSlots, 3, 'key');
    expect(() => processSlots.acquire(ORIGIN, 'key')).toThrow(LIMIT);
    for (const release of releases) release();
  });

  test('each key and each server counts for itself', () => {
    const releases = [
      ...acquire(processSlots, 3, 'key'),
      ...acquire(processSlots, 3, 'key', 'ws://127.0.0.1:1'),
      ...acquire(processSlots, 3, 'other'),
    ];
    expect(releases).toHaveLength(9);
    for (const release of releases) release();
  });

  test('one that is given back can be taken, and giving it back twice gives one', () => {
    const [first, ...rest] = acquire(processSlots, 3, 'key');
    first?.();
    first?.();
    const again = processSlots.acquire(ORIGIN, 'key');
    expect(() => processSlots.acquire(ORIGIN, 'key')).toThrow(LIMIT);
    for (const release of [again, ...rest]) release();
  });

  test('are counted over duplicated copies of the package', async () => {
    const copy = await duplicate();
    expect(copy.processSlots).not.toBe(processSlots);
    const releases = [...acquire(processSlots, 2, 'key'), ...acquire(copy.processSlots, 1, 'key')];
    expect(() => processSlots.acquire(ORIGIN, 'key')).toThrow(LIMIT);
    expect(() => copy.processSlots.acquire(ORIGIN, 'key')).toThrow(LIMIT);
    for (const release of releases) release();
    acquire(copy.processSlots, 3, 'key').forEach((release) => {
      release();
    });
  });

  test('neither the registry nor the error holds the key', () => {
    const releases = acquire(processSlots, 3, 'a-very-secret-key');
    const registry = Object.getOwnPropertyDescriptor(globalThis, Symbol.for('@kite/connection/slots'));
    const shown = JSON.stringify([...(registry?.value as Map<string, number>)]);
    expect(shown).toContain(ORIGIN);
    expect(shown).not.toContain('a-very-secret-key');
    expect(() => processSlots.acquire(ORIGIN, 'a-very-secret-key')).toThrow(/^(?!.*a-very-secret-key)/);
    for (const release of releases) release();
    expect([...(registry?.value as Map<string, number>)]).toEqual([]);
  });

  test('where somebody else counts, nothing is', () => {
    expect(acquire(uncountedSlots, 10, 'key')).toHaveLength(10);
  });
});

describe('the holder of one slot', () => {
  test('takes one for a key, however often it is asked', () => {
    const holder = new SlotHolder(processSlots, ORIGIN);
    for (let turn = 0; turn < 5; turn++) holder.take('key');
    const others = acquire(processSlots, 2, 'key');
    expect(holder.isHeld).toBe(true);
    holder.release();
    holder.release();
    expect(holder.isHeld).toBe(false);
    for (const release of [...others, ...acquire(processSlots, 1, 'key')]) release();
  });

  test('changes its key, and keeps the old slot where the new key has none left', () => {
    const holder = new SlotHolder(processSlots, ORIGIN);
    holder.take('old');
    const others = [...acquire(processSlots, 3, 'new'), ...acquire(processSlots, 2, 'old')];
    expect(() => {
      holder.take('new');
    }).toThrow(LIMIT);
    expect(() => processSlots.acquire(ORIGIN, 'old')).toThrow(LIMIT);
    others.shift()?.();
    holder.take('new');
    processSlots.acquire(ORIGIN, 'old')();
    for (const release of others) release();
    holder.release();
  });
});
