import { describe, expect, it } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Drain } from '../../src/threads/main/drain.js';
import { RingReader } from '../../src/threads/main/ring-reader.js';
import { RecordType, RingMemory } from '../../src/threads/wire/ring-memory.js';
import { RingWriter } from '../../src/threads/worker/ring-writer.js';

function bench(ringBytes = 4096) {
  const clock = new VirtualClock();
  const memory = RingMemory.allocate(ringBytes);
  const read: number[] = [];
  const failures: unknown[] = [];
  let onRecord: (link: number) => void = () => undefined;
  const reader = new RingReader(memory, {
    record: (_type, link) => {
      read.push(link);
      onRecord(link);
    },
    hole: () => undefined,
  });
  const drain = new Drain(memory, reader, clock, (error) => void failures.push(error));
  let wakes = 0;
  const writer = new RingWriter(memory, () => {
    wakes++;
  });
  return {
    clock,
    memory,
    drain,
    read,
    failures,
    write: (link: number, bytes = 8) => writer.write(RecordType.Text, link, 0, new Uint8Array(bytes)),
    onRecord(listener: (link: number) => void) {
      onRecord = listener;
    },
    get wakes() {
      return wakes;
    },
  };
}

describe('the drain of the ring', () => {
  it('sleeps without a timer until it is woken, and is woken once', () => {
    const it = bench();
    expect(it.clock.pending).toBe(0);
    it.write(1);
    it.write(2);
    expect(it.wakes).toBe(1);
    it.drain.wake();
    expect(it.read).toEqual([1, 2]);
  });

  it('polls while data comes, without another wake, and sleeps again after a few looks in vain', () => {
    const it = bench();
    it.write(1);
    it.drain.wake();
    for (let turn = 2; turn < 20; turn++) {
      it.write(turn);
      it.clock.pass(2);
    }
    expect(it.wakes).toBe(1);
    expect(it.read).toHaveLength(19);
    it.clock.pass(100);
    expect(it.clock.pending).toBe(0);
    it.write(99);
    expect(it.wakes).toBe(2);
  });

  it('loses no wake to a record that is written just when it falls asleep', () => {
    const it = bench();
    const asleep = it.memory.setAsleep.bind(it.memory);
    it.write(1);
    it.drain.wake();
    let wrote = false;
    it.memory.setAsleep = (isAsleep) => {
      // Before the writer can see it.
      if (isAsleep && !wrote) wrote = it.write(2);
      asleep(isAsleep);
    };
    it.clock.pass(100);
    expect(wrote).toBe(true);
    expect(it.read).toEqual([1, 2]);
  });

  it('lets the event loop breathe: a full ring is handed over in several turns', () => {
    const it = bench(8 * 1024 * 1024);
    let written = 0;
    while (it.write(written % 65_536, 4000)) written++;
    it.drain.wake();
    expect(it.read.length).toBeLessThan(written / 6);
    it.clock.pass(50);
    expect(it.read).toHaveLength(written);
  });

  it('hands over everything that is left when the writer is gone, and nothing after it has been stopped', () => {
    const it = bench(4 * 1024 * 1024);
    let written = 0;
    while (it.write(written % 65_536, 4000)) written++;
    it.drain.finish();
    expect(it.read).toHaveLength(written);

    const other = bench();
    other.write(1);
    other.drain.stop();
    other.drain.wake();
    expect(other.read).toEqual([]);
    expect(other.clock.pending).toBe(0);
  });

  it('stops for good at a ring that cannot be read, and says so', () => {
    const it = bench();
    it.write(1);
    it.memory.view.setUint32(0, 1_000_000, true);
    it.drain.wake();
    expect(it.failures).toMatchObject([{ code: 'KITE_MANAGER_RING_CORRUPT' }]);
    expect(it.clock.pending).toBe(0);
  });
});
