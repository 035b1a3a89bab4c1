import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { decodeFrame } from '@kite/protocol';

import { randomFrames } from '../frames/random-frames.js';
import { isSame } from './is-same.js';
import type { Decoder } from './reading.js';

/** Bytes written at once. */
const CHUNK_BYTES = 65_536;

/** Decodes random frames in another process. @returns the count of each difference @throws Error on any other one */
export async function compare(
  { reading }: Decoder,
  command: readonly string[],
  frames: number,
  seed: number,
): Promise<ReadonlyMap<string, number>> {
  const [program, ...args] = command;
  // Times without a zone are printed in the machine's zone.
  const child = spawn(program!, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TZ: 'UTC' },
  });
  const failed = once(child, 'error').then(([error]) => {
    throw error;
  });
  const seen = new Map<string, number>();
  const note = (difference: string): void => {
    seen.set(difference, (seen.get(difference) ?? 0) + 1);
  };
  const read = async (): Promise<void> => {
    const own = randomFrames(seed);
    let count = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const frame = new Uint8Array(own.next().value);
      const expected = decodeFrame(frame).map((tick) => reading(tick, note));
      const theirs: unknown = JSON.parse(line);
      count++;
      if (isSame(expected, theirs)) continue;
      throw new Error(
        `frame ${count} (${Buffer.from(frame).toString('hex')}) is\n${line}\nand not\n${JSON.stringify(expected)}`,
      );
    }
    if (count !== frames) throw new Error(`it read ${count} of ${frames} frames`);
  };
  try {
    // The reader reports a broken pipe: it knows how far it got.
    await Promise.race([
      failed,
      Promise.all([read(), send(child.stdin, frames, seed).catch(() => undefined)]),
    ]);
  } finally {
    child.kill();
  }
  return seen;
}

/** Each frame, with its length in front. */
async function send(to: Writable, frames: number, seed: number): Promise<void> {
  to.on('error', () => undefined);
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const isFull = !to.write(Buffer.concat(parts));
    [parts, bytes] = [[], 0];
    if (isFull) await once(to, 'drain');
  };
  let count = 0;
  for (const frame of randomFrames(seed)) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.byteLength);
    parts.push(length, new Uint8Array(frame));
    bytes += 4 + frame.byteLength;
    if (bytes >= CHUNK_BYTES) await flush();
    if (++count === frames) break;
  }
  await flush();
  to.end();
}
