import assert from 'node:assert/strict';
import { isKiteError } from '@kite/protocol';
import { readRecording, type Recorded } from '@kite/simulator';
import { type FuzzTarget, VECTOR_FRAME } from '@kite/testkit';

import { encodeHead, encodeRecord } from '../../src/recording/format.js';

const AT = { channelId: 1, receivedAt: 1_701_928_226_123 };
const RECORDS: Recorded[] = [
  { type: 'text', ...AT, text: '{"type":"error","data":"₹"}' },
  { type: 'gap', ...AT, from: 1, to: 2, reason: 'closed' },
  { type: 'gap', ...AT, from: 1, to: 2, reason: '', instrumentTokens: [408065, 256265] },
  { type: 'dropped', ...AT, frames: 3 },
  { type: 'binary', ...AT, bytes: VECTOR_FRAME.slice(0, 40) },
];
const CODES = ['KITE_RECORDING_INVALID', 'KITE_RECORDING_VERSION', 'KITE_RECORDING_TRUNCATED'];

/** Recordings: records or the documented errors, in pieces as in one, and what is read is written again as the same. */
export const target: FuzzTarget = {
  seeds: [[], ...RECORDS.map((record) => [record]), RECORDS].map((records) =>
    Buffer.concat([encodeHead(), ...records.map(encodeRecord)]),
  ),
  words: ['KITEREC', 'KITEREC\u0001'],
  async run(input) {
    const whole = await read([input]);
    const pieces = Array.from({ length: Math.ceil(input.length / 7) }, (_, i) =>
      input.slice(7 * i, 7 * i + 7),
    );
    assert.deepEqual(await read(pieces), whole);
    const truncated = await read([input], true);
    assert.deepEqual(truncated.records, whole.records);
    assert.notEqual(truncated.code, 'KITE_RECORDING_TRUNCATED');
    const again = await read([encodeHead(), ...whole.records.map(encodeRecord)]);
    assert.deepEqual(again, { records: whole.records, code: undefined });
  },
};

async function read(pieces: Uint8Array[], allowTruncated = false) {
  const records: Recorded[] = [];
  try {
    for await (const record of readRecording(streamed(pieces), { allowTruncated }))
      records.push('bytes' in record ? { ...record, bytes: Uint8Array.from(record.bytes) } : record);
  } catch (error) {
    assert.ok(isKiteError(error) && CODES.includes(error.code), error as Error);
    return { records, code: error.code };
  }
  return { records, code: undefined };
}

async function* streamed(pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
