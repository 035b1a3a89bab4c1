import { RingReader } from '../../src/threads/main/ring-reader.js';
import { type RecordType, RingMemory } from '../../src/threads/wire/ring-memory.js';
import { RingWriter } from '../../src/threads/worker/ring-writer.js';

/** A record as it was written, or as it was read. */
export interface Told {
  type: RecordType;
  link: number;
  at: number;
  bytes: Uint8Array;
}

/** Both ends of one ring, in one thread. */
export function ring(ringBytes: number) {
  const memory = RingMemory.allocate(ringBytes);
  const read: Told[] = [];
  const holes: Error[] = [];
  let wakes = 0;
  const writer = new RingWriter(memory, () => {
    wakes++;
  });
  const reader = new RingReader(memory, {
    targetOf: (link) => ({ record: (type, at, bytes) => void read.push({ type, link, at, bytes }) }),
    hole: (error) => void holes.push(error),
  });
  const take = (limitBytes: number): number => {
    writer.publish();
    return reader.read(limitBytes);
  };
  return {
    memory,
    writer,
    reader,
    read,
    holes,
    get wakes() {
      return wakes;
    },
    /** Up to about so many bytes of what was written, in records. */
    take,
    /** Everything that the ring holds. */
    drain(): Told[] {
      const from = read.length;
      while (take(Infinity) > 0);
      return read.slice(from);
    },
  };
}
