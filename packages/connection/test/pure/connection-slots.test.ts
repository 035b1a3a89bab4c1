import { describe, expect, test, vi } from 'vitest';

import { type ConnectionSlots, processSlots } from '../../src/socket/connection-slots.js';
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
});

describe('a connection', () => {
  /** How many slots of a key are taken. */
  function taken(key: string): number {
    const releases: (() => void)[] = [];
    try {
      for (;;) releases.push(processSlots.acquire(ORIGIN, key));
    } catch {
      return 3 - releases.length;
    } finally {
      for (const release of releases) release();
    }
  }

  function holder(): SlotHolder {
    return new SlotHolder(processSlots, ORIGIN);
  }

  test('holds one slot of a key, however often it is asked', () => {
    const subject = holder();
    for (let revision = 1; revision <= 5; revision++) subject.take('key', revision);
    expect(taken('key')).toBe(1);
    subject.release();
    subject.release();
    expect(taken('key')).toBe(0);
  });

  test('keeps the slot of the key that its socket was dialled with, until that socket is gone', () => {
    for (const end of [
      (subject: SlotHolder) => {
        subject.gone();
      },
      (subject: SlotHolder) => {
        subject.dialled(2);
      },
    ]) {
      const subject = holder();
      subject.take('old', 1);
      subject.dialled(1);
      subject.take('new', 2);
      subject.dialled(1);
      expect([taken('old'), taken('new')]).toEqual([1, 1]);
      end(subject);
      expect([taken('old'), taken('new')]).toEqual([0, 1]);
      subject.release();
      expect([taken('old'), taken('new')]).toEqual([0, 0]);
    }
  });

  test('that returns to the key of its socket needs no other slot', () => {
    const others = acquire(processSlots, 2, 'old');
    const subject = holder();
    subject.take('old', 1);
    subject.take('new', 2);
    subject.take('old', 3);
    expect([taken('old'), taken('new')]).toEqual([3, 1]);
    subject.gone();
    expect([taken('old'), taken('new')]).toEqual([3, 0]);
    subject.release();
    for (const release of others) release();
  });

  test('is refused where the new key has no slot left, and then has what it had', () => {
    const subject = holder();
    subject.take('old', 1);
    const others = acquire(processSlots, 3, 'new');
    expect(() => subject.take('new', 2)).toThrow(LIMIT);
    expect(taken('old')).toBe(1);
    for (const release of others) release();
    subject.release();
  });

  test('that undoes what it has taken has what it had', () => {
    const subject = holder();
    subject.take('old', 1);
    subject.take('new', 2)();
    expect([taken('old'), taken('new')]).toEqual([1, 0]);
    subject.take('old', 2)();
    expect(taken('old')).toBe(1);
    subject.release();
    expect(taken('old')).toBe(0);
  });
});
