import { describe, expect, test } from 'vitest';
import { VirtualClock } from '@kite/testkit';

import { Drain } from '../../src/threads/main/drain.js';
import { RingReader } from '../../src/threads/main/ring-reader.js';
import { type Latency, WakePolicy } from '../../src/threads/main/wake-policy.js';
import { RecordType, RingMemory } from '../../src/threads/wire/ring-memory.js';
import { RingWriter } from '../../src/threads/worker/ring-writer.js';

function bench(ringBytes = 4096, latency: Latency = 'balanced') {
  const clock = new VirtualClock();
  const memory = RingMemory.allocate(ringBytes);
  const read: number[] = [];
  const failures: unknown[] = [];
  let onRecord: (link: number) => void = () => undefined;
  const reader = new RingReader(memory, {
    targetOf: (link) => ({
      record: () => {
        read.push(link);
        onRecord(link);
      },
    }),
    hole: () => undefined,
  });
  const drain = new Drain({
    ...{ memory, reader, clock },
    policy: new WakePolicy(latency, clock),
    nextTurn: (callback) => void clock.setTimeout(callback, 0),
    onFailure: (error) => void failures.push(error),
  });
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
    write(link: number, bytes = 8) {
      const hasRoom = writer.write(RecordType.Text, link, 0, new Uint8Array(bytes));
      writer.publish();
      return hasRoom;
    },
    /** So many records, each half a millisecond after the one before; the drain is woken where the writer says so. */
    dense(records: number) {
      for (let record = 0; record < records; record++) {
        const before = wakes;
        this.write(record);
        if (wakes > before) drain.wake();
        clock.pass(0.5);
      }
    },
    onRecord(listener: (link: number) => void) {
      onRecord = listener;
    },
    get wakes() {
      return wakes;
    },
  };
}

describe('the drain of the ring', () => {
  test('sleeps without a timer until it is woken, and is woken once', () => {
    const subject = bench();
    expect(subject.clock.pending).toBe(0);
    subject.write(1);
    subject.write(2);
    expect(subject.wakes).toBe(1);
    subject.drain.wake();
    expect(subject.read).toEqual([1, 2]);
  });

  test('is woken for each record while data is sparse, and sets no timer', () => {
    const subject = bench();
    for (let record = 1; record <= 100; record++) {
      subject.write(record);
      subject.drain.wake();
      expect(subject.read).toHaveLength(record);
      expect([subject.wakes, subject.clock.pending]).toEqual([record, 0]);
      subject.clock.pass(1);
    }
  });

  test('polls each millisecond while data is dense, without another wake, and sleeps again when it stops', () => {
    const subject = bench();
    subject.dense(100);
    const { wakes } = subject;
    expect(wakes).toBeLessThan(70);
    subject.dense(1000);
    expect(subject.wakes).toBe(wakes);
    subject.clock.pass(1);
    expect(subject.read).toHaveLength(1100);
    subject.clock.pass(10);
    expect(subject.clock.pending).toBe(0);
    subject.write(99);
    expect(subject.wakes).toBe(wakes + 1);
  });

  test('never polls where the lowest latency is asked for, however dense the data', () => {
    const subject = bench(4096, 'lowest');
    subject.dense(1000);
    expect([subject.wakes, subject.read.length, subject.clock.pending]).toEqual([1000, 1000, 0]);
  });

  test('goes on without a pause while the ring is not empty', () => {
    const subject = bench(8 * 1024 * 1024);
    let written = 0;
    while (subject.write(written % 65_536, 4000)) written++;
    subject.drain.wake();
    subject.clock.pass(0);
    expect(subject.read).toHaveLength(written);
  });

  test('loses no wake to a record that is written just when it falls asleep', () => {
    const subject = bench();
    const asleep = subject.memory.setAsleep.bind(subject.memory);
    let wrote = false;
    subject.memory.setAsleep = (isAsleep) => {
      // Before the writer can see it.
      if (isAsleep && !wrote) wrote = subject.write(2);
      asleep(isAsleep);
    };
    subject.write(1);
    subject.drain.wake();
    subject.clock.pass(100);
    expect(wrote).toBe(true);
    expect(subject.read).toEqual([1, 2]);
  });

  test('lets the event loop breathe: a full ring is handed over in several turns', () => {
    const subject = bench(8 * 1024 * 1024);
    let written = 0;
    while (subject.write(written % 65_536, 4000)) written++;
    subject.drain.wake();
    expect(subject.read.length).toBeLessThan(written / 6);
    subject.clock.pass(50);
    expect(subject.read).toHaveLength(written);
  });

  test('hands over everything that is left when the writer is gone, and nothing after it has been stopped', () => {
    const subject = bench(4 * 1024 * 1024);
    let written = 0;
    while (subject.write(written % 65_536, 4000)) written++;
    subject.drain.finish();
    expect(subject.read).toHaveLength(written);

    const other = bench();
    other.write(1);
    other.drain.stop();
    other.drain.wake();
    expect(other.read).toEqual([]);
    expect(other.clock.pending).toBe(0);
  });

  test('stops for good at a ring that cannot be read, and says so', () => {
    const subject = bench();
    subject.write(1);
    subject.memory.view.setUint32(0, 1_000_000, true);
    subject.drain.wake();
    expect(subject.failures).toMatchObject([{ code: 'KITE_MANAGER_RING_CORRUPT' }]);
    expect(subject.clock.pending).toBe(0);
  });
});
