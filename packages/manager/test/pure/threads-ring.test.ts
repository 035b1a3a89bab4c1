import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RingReader } from '../../src/threads/main/ring-reader.js';
import { HEADER, recordBytes, RecordType, RingMemory } from '../../src/threads/wire/ring-memory.js';
import { RingWriter } from '../../src/threads/worker/ring-writer.js';
import { ring, type Told } from '../support/ring.js';

const types = fc.constantFrom(...Object.values(RecordType));

function record(length: number, seed: number, type: RecordType = RecordType.Binary): Told {
  return {
    type,
    link: seed % 65_536,
    at: 1_700_000_000_000.5 + seed,
    bytes: Uint8Array.from({ length }, (_, index) => (seed * 31 + index) & 0xff),
  };
}

function write(writer: RingWriter, { type, link, at, bytes }: Told): boolean {
  return writer.write(type, link, at, bytes);
}

/** Buffers and arrays with the same bytes are equal here. */
function plain(records: readonly Told[]) {
  return records.map(({ bytes, ...rest }) => ({ ...rest, bytes: Buffer.from(bytes).toString('hex') }));
}

describe('the ring', () => {
  test('gives what was taken, whole and in order, whatever the sizes and however reader and writer take turns', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ write: fc.nat(400), type: types }) },
      { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 600 }) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2048 }), fc.array(step, { maxLength: 200 }), (bytes, steps) => {
        const { writer, take, read, holes, drain } = ring(bytes);
        const taken: Told[] = [];
        for (const [seed, step] of steps.entries()) {
          if ('read' in step) take(step.read);
          else {
            const next = record(step.write, seed, step.type);
            if (write(writer, next)) taken.push(next);
          }
          // Never more than was taken, and only the newest may still be on its way.
          expect(plain(read)).toEqual(plain(taken.slice(0, read.length)));
        }
        do drain();
        while (!writer.finish());
        drain();
        expect(plain(read)).toEqual(plain(taken));
        expect(holes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('takes a record of any size once it is empty, wherever its positions are', () => {
    for (let before = 0; before < 64; before++) {
      const { writer, memory, drain } = ring(512);
      for (let turn = 0; turn < before; turn++) {
        expect(write(writer, record(turn % 40, turn))).toBe(true);
        drain();
      }
      expect(write(writer, record(memory.maxPayloadBytes, 7))).toBe(true);
      expect(drain()).toHaveLength(1);
    }
  });

  test('refuses what does not fit, and has written nothing then', () => {
    const { writer, drain } = ring(512);
    const taken: Told[] = [];
    for (let seed = 0; ; seed++) {
      const next = record(40, seed);
      if (!write(writer, next)) break;
      taken.push(next);
    }
    expect(write(writer, record(40, 99))).toBe(false);
    expect(writer.canWrite(40)).toBe(false);
    expect(plain(drain())).toEqual(plain(taken));
  });

  test('can be filled to its last 8 bytes: a reader that is exactly one lap behind is not taken for one that has caught up', () => {
    const { writer, memory, drain } = ring(256);
    const size = 64;
    expect(memory.capacity % size).toBe(0);
    expect(recordBytes(size - HEADER.bytes)).toBe(size);
    let count = 0;
    while (write(writer, record(size - HEADER.bytes, count))) count++;
    expect(count).toBe(Math.floor((memory.capacity - 8) / size));
    writer.publish();
    expect(memory.writePosition).not.toBe(memory.readPosition);
    expect(drain()).toHaveLength(count);
  });

  test('takes a payload that is larger than itself in parts, with nothing in between', () => {
    const { writer, drain, read } = ring(256);
    const large = record(5000, 1);
    const small = record(3, 2);
    expect(write(writer, large)).toBe(true);
    expect(write(writer, small)).toBe(false);
    while (!writer.finish()) drain();
    expect(write(writer, small)).toBe(true);
    drain();
    expect(plain(read)).toEqual(plain([large, small]));
  });

  test('hands out bytes that never change, however often the ring goes round afterwards', () => {
    const { writer, drain } = ring(1024);
    const kept: { expected: string; bytes: Uint8Array }[] = [];
    for (let turn = 0; turn < 500; turn++) {
      const next = record(1 + ((turn * 37) % 200), turn);
      write(writer, next);
      for (const { bytes } of drain())
        kept.push({ expected: Buffer.from(next.bytes).toString('hex'), bytes });
    }
    expect(kept).toHaveLength(500);
    for (const { expected, bytes } of kept) {
      expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
      expect(Buffer.from(bytes).toString('hex')).toBe(expected);
    }
  });

  test('hands over about as much as is asked for in one turn, and never a part of a record', () => {
    const { writer, take, read } = ring(4096);
    for (let seed = 0; seed < 20; seed++) write(writer, record(76, seed));
    expect(take(250)).toBe(3);
    expect(read).toHaveLength(3);
  });

  test('ends a turn with each state, so that who waits for one goes on before what comes after it', () => {
    const { writer, take, read } = ring(4096);
    for (const type of [RecordType.Binary, RecordType.State, RecordType.Binary, RecordType.Binary])
      write(writer, record(8, read.length, type));
    expect(take(Infinity)).toBe(2);
    expect(read).toHaveLength(2);
    expect(take(Infinity)).toBe(2);
    expect(read).toHaveLength(4);
  });

  test('shows the reader nothing before it is published, and wakes a reader that sleeps once for all of it', () => {
    const bench = ring(4096);
    write(bench.writer, record(1, 1));
    bench.writer.publish();
    expect(bench.wakes).toBe(0);
    bench.memory.setAsleep(true);
    write(bench.writer, record(1, 2));
    write(bench.writer, record(1, 3));
    expect([bench.wakes, bench.reader.read(Infinity), bench.reader.isEmpty]).toEqual([0, 1, true]);
    bench.writer.publish();
    expect([bench.wakes, bench.reader.read(Infinity)]).toEqual([1, 2]);
    bench.writer.publish();
    expect(bench.wakes).toBe(1);
  });

  test('wakes nobody where nothing was written', () => {
    const bench = ring(4096);
    bench.memory.setAsleep(true);
    bench.writer.publish();
    expect(bench.wakes).toBe(0);
  });

  test('reports a hole in the sequence, and goes on', () => {
    const { writer, memory, read, holes, drain } = ring(4096);
    write(writer, record(8, 0));
    memory.view.setUint32(HEADER.sequence, 5, true);
    drain();
    expect(read).toHaveLength(1);
    expect(holes).toMatchObject([{ code: 'KITE_MANAGER_RING_CORRUPT' }]);
  });

  test('refuses to read a length that leads out of the ring', () => {
    const { writer, memory, take } = ring(4096);
    write(writer, record(8, 0));
    memory.view.setUint32(HEADER.length, 1_000_000, true);
    expect(() => take(Infinity)).toThrow(expect.objectContaining({ code: 'KITE_MANAGER_RING_CORRUPT' }));
  });

  test('goes on in a new writer and a new reader where the memory stands', () => {
    const memory = RingMemory.allocate(1024);
    const read: number[] = [];
    const sink = {
      targetOf: (link: number) => ({ record: () => void read.push(link) }),
      hole: () => undefined,
    };
    for (const link of [1, 2]) {
      const writer = new RingWriter(memory, () => undefined);
      writer.write(RecordType.Text, link, 0, Uint8Array.of(link));
      writer.publish();
      new RingReader(memory, sink).read(Infinity);
    }
    expect(read).toEqual([1, 2]);
  });
});
