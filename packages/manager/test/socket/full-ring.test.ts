import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';

import { HEADER, recordBytes, RecordType, RingMemory, WRAP } from '../../src/threads/wire/ring-memory.js';
import { RingWriter } from '../../src/threads/worker/ring-writer.js';

const RECEIVED_AT = 1_700_000_000_000;
/** A reader that needs more than 32 ms for this ring is too slow. */
const RING_BYTES = 1024 * 1024;
const PAYLOAD_BYTES = 10_000;

/** A full ring, and its writer, at this time. */
function full(now: number | undefined) {
  const memory = RingMemory.allocate(RING_BYTES);
  const writer = new RingWriter(memory, () => undefined, now === undefined ? undefined : { now: () => now });
  while (writer.write(RecordType.Binary, 0, RECEIVED_AT, new Uint8Array(PAYLOAD_BYTES)));
  return { memory, writer };
}

/** Another thread, which frees the ring up to the position that it is told. */
async function readerOf({ shared }: RingMemory): Promise<Worker> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const positions = new Int32Array(workerData, 0, 1);
    parentPort.once('message', (position) => {
      Atomics.store(positions, 0, position);
      Atomics.notify(positions, 0);
    });
    parentPort.postMessage('ready');`;
  const reader = new Worker(code, { eval: true, workerData: shared });
  await once(reader, 'message');
  return reader;
}

describe('the writer of a full ring', () => {
  test('waits for a reader that is a little behind, until it has made room', async () => {
    const { memory, writer } = full(RECEIVED_AT + 10);
    const reader = await readerOf(memory);
    expect(writer.canWrite(PAYLOAD_BYTES)).toBe(false);
    reader.postMessage(3 * recordBytes(PAYLOAD_BYTES));
    // The clock stands still: a wait that ends in vain, on a busy machine, may be repeated. The reader may move between two.
    while (!writer.canWrite(PAYLOAD_BYTES)) writer.awaitRoom();
    expect(writer.canWrite(PAYLOAD_BYTES)).toBe(true);
    await reader.terminate();
  });

  test('shows the reader everything before it waits', () => {
    const { memory, writer } = full(RECEIVED_AT + 30);
    expect(memory.writePosition).toBe(0);
    writer.awaitRoom();
    expect(memory.writePosition).not.toBe(0);
  });

  test.each([32, 10_000])('does not wait for a reader that is %d ms behind', (behindMs) => {
    const { memory, writer } = full(RECEIVED_AT + behindMs);
    expect(writer.awaitRoom()).toBe(false);
    expect(memory.readPosition).toBe(0);
  });

  test('gives up on a reader that does not move, even if the clock was set back', () => {
    expect(full(RECEIVED_AT + 10).writer.awaitRoom()).toBe(false);
    expect(full(RECEIVED_AT - 3_600_000).writer.awaitRoom()).toBe(false);
  });

  test('does not wait in the thread of the reader', () => {
    const { memory, writer } = full(undefined);
    expect(writer.awaitRoom()).toBe(false);
    // A wait would have shown the reader everything.
    expect(memory.writePosition).toBe(0);
  });

  test('finds how far behind the reader is where the ring begins again', () => {
    const { memory } = full(RECEIVED_AT);
    const end = 5 * recordBytes(PAYLOAD_BYTES);
    memory.view.setUint32(end + HEADER.length, WRAP, true);
    memory.view.setFloat64(end + HEADER.at, 0, true);
    expect(memory.receivedAt(end)).toBe(RECEIVED_AT);
  });
});
