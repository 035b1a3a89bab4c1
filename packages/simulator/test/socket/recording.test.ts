import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Tick } from '@kite/protocol';
import {
  readRecording,
  type Recorded,
  RecordingWriter,
  type ReplayOptions,
  type ReplaySummary,
  startSimulator,
} from '@kite/simulator';
import { eventually, INFY, settled, VirtualClock } from '@kite/testkit';

import { connect, credentials, refusalOf } from '../support/client.js';

const HEAD = 8;
/** More than a file takes at once. */
const frame = { bytes: new Uint8Array(1 << 17), channelId: 0, receivedAt: 0 };

const anyRecorded: fc.Arbitrary<Recorded> = fc
  .record({
    channelId: fc.integer({ min: 0, max: 65_535 }),
    receivedAt: fc.double({ noNaN: true, noDefaultInfinity: true }),
  })
  .chain((base) =>
    fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes): Recorded => ({ type: 'binary', ...base, bytes })),
      fc.string({ unit: 'grapheme' }).map((text): Recorded => ({ type: 'text', ...base, text })),
      fc
        .record(
          {
            from: fc.double({ noNaN: true }),
            to: fc.double({ noNaN: true }),
            reason: fc.string(),
            instrumentTokens: fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { minLength: 1 }),
          },
          { requiredKeys: ['from', 'to', 'reason'] },
        )
        .map((gap): Recorded => ({ type: 'gap', ...base, ...gap })),
      fc.nat().map((frames): Recorded => ({ type: 'dropped', ...base, frames })),
    ),
  );

async function record(messages: readonly Recorded[]): Promise<Buffer> {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await using writer = new RecordingWriter(stream);
  for (const message of messages) await writer.write(message);
  await writer.close();
  return Buffer.concat(chunks);
}

/** A recording of one gap, with this after its times. */
function gapOf(rest: string): Buffer {
  const head = `KITEREC\x01\x03\0\0\0${String.fromCharCode(0, 0, 0, 16 + rest.length)}${'\0'.repeat(8)}`;
  return Buffer.from(`${head}${'\0'.repeat(16)}${rest}`, 'latin1');
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Uint8Array, size = 1 << 16): Promise<{ read: Recorded[]; error: unknown }> {
  const read: Recorded[] = [];
  try {
    for await (const recorded of readRecording(inPieces(bytes, size))) read.push(recorded);
  } catch (error) {
    return { read, error };
  }
  return { read, error: undefined };
}

describe('a recording', () => {
  test('gives back what was written, in whatever pieces it is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecorded), fc.integer({ min: 1, max: 64 }), async (messages, size) => {
        const { read, error } = await readAll(await record(messages), size);
        expect(error).toBeUndefined();
        expect(read.map(plain)).toEqual(messages.map(plain));
      }),
      { numRuns: 50 },
    );
  });

  test('that is cut anywhere gives every whole record, and then KITE_RECORDING_TRUNCATED', async () => {
    const messages: Recorded[] = [
      { type: 'binary', channelId: 1, receivedAt: 1, bytes: Uint8Array.of(1, 2, 3) },
      { type: 'text', channelId: 2, receivedAt: 2, text: '₹' },
      { type: 'gap', channelId: 0, receivedAt: 3, from: 2, to: 3, reason: 'drop', instrumentTokens: [9] },
    ];
    const whole = await record(messages);
    const ends = [HEAD, HEAD + 19, HEAD + 38, whole.length];
    for (let length = HEAD; length <= whole.length; length++) {
      const { read, error } = await readAll(whole.subarray(0, length), 7);
      const complete = ends.filter((end) => end <= length).length - 1;
      expect(read.map(plain)).toEqual(messages.slice(0, complete).map(plain));
      if (ends.includes(length)) expect(error).toBeUndefined();
      else expect(error).toMatchObject({ code: 'KITE_RECORDING_TRUNCATED' });
    }
  });

  test('may be cut where that is allowed', async () => {
    const whole = await record([{ type: 'text', channelId: 0, receivedAt: 0, text: 'a' }]);
    const read = [];
    for await (const one of readRecording(inPieces(whole.subarray(0, -1), 9), { allowTruncated: true }))
      read.push(one);
    expect(read).toEqual([]);
  });

  test.each([
    ['an empty file', () => Buffer.alloc(0), 'KITE_RECORDING_INVALID'],
    ['another file', () => Buffer.from('GIF89a and so on'), 'KITE_RECORDING_INVALID'],
    ['a newer version', () => Buffer.from('KITEREC\x02'), 'KITE_RECORDING_VERSION'],
    [
      'an unknown kind',
      () => Buffer.from(`KITEREC\x01\x09${'\0'.repeat(15)}`, 'latin1'),
      'KITE_RECORDING_INVALID',
    ],
    [
      'an absurd length',
      () => Buffer.from(`KITEREC\x01\x01\0\0\0\xff${'\0'.repeat(11)}`, 'latin1'),
      'KITE_RECORDING_INVALID',
    ],
    [
      'a gap without times',
      () => Buffer.from(`KITEREC\x01\x03${'\0'.repeat(15)}`, 'latin1'),
      'KITE_RECORDING_INVALID',
    ],
    [
      'a gap that names more instruments than it has',
      () => gapOf('\0\0\0\x02' + '\0\0\0\x01'),
      'KITE_RECORDING_INVALID',
    ],
    [
      'a gap that names more instruments than there can be',
      () => gapOf('\xff\xff\xff\xff'),
      'KITE_RECORDING_INVALID',
    ],
    [
      'no count of dropped frames',
      () => Buffer.from(`KITEREC\x01\x04${'\0'.repeat(15)}`, 'latin1'),
      'KITE_RECORDING_INVALID',
    ],
  ])('%s is refused with a code', async (_name, bytes, code) => {
    expect((await readAll(bytes())).error).toMatchObject({ code });
  });

  test('is documented byte by byte as it is written', async () => {
    const bytes = await record([{ type: 'binary', channelId: 2, receivedAt: 1.5, bytes: Uint8Array.of(7) }]);
    expect(bytes.toString('hex')).toBe(
      '4b49544552454301' + '01' + '00' + '0002' + '00000001' + '3ff8000000000000' + '07',
    );
  });

  test('takes raw frames from channels, with the gap and the loss before a frame', async () => {
    async function* frames() {
      yield { bytes: Uint8Array.of(0), channelId: 0, receivedAt: 1, dropped: 0 };
      yield {
        bytes: Uint8Array.of(1),
        channelId: 0,
        receivedAt: 9,
        dropped: 3,
        gap: { from: 1, to: 9, reason: 'drop', instrumentTokens: [408065] },
      };
    }
    const stream = new PassThrough();
    const writer = new RecordingWriter(stream);
    await writer.recordAll(frames());
    await Promise.all([writer.close(), writer.close()]);
    const { read } = await readAll(stream.read() as Buffer);
    expect(read.map(({ type }) => type)).toEqual(['binary', 'gap', 'dropped', 'binary']);
    expect(read[1]).toMatchObject({ from: 1, to: 9, reason: 'drop', instrumentTokens: [408065] });
    await expect(
      writer.record({ bytes: Uint8Array.of(), channelId: 0, receivedAt: 0 }),
    ).rejects.toMatchObject({
      code: 'KITE_RECORDING_CLOSED',
    });
  });

  test('that cannot be written says so where it is written and closed', async () => {
    const writer = new RecordingWriter('/nowhere/at/all');
    await expect(writer.record(frame)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(writer.record(frame)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(writer.close()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('of many channels at once waits for a slow target with one listener, and has every frame', async () => {
    const chunks: Uint8Array[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Uint8Array, _encoding, done) {
        chunks.push(chunk);
        setImmediate(done);
      },
    });
    async function* frames(channelId: number) {
      for (let receivedAt = 0; receivedAt < 3; receivedAt++)
        yield await Promise.resolve({ ...frame, channelId, receivedAt });
    }
    const writer = new RecordingWriter(slow);
    const channels = Array.from({ length: 12 }, (_, channelId) => channelId);
    const recorded = Promise.all(channels.map((channelId) => writer.recordAll(frames(channelId))));
    await new Promise((resolve) => process.nextTick(resolve));
    expect(slow.listenerCount('drain')).toBe(1);
    await recorded;
    await writer.close();
    const { read } = await readAll(Buffer.concat(chunks));
    for (const channel of channels)
      expect(
        read.filter(({ channelId }) => channelId === channel).map(({ receivedAt }) => receivedAt),
      ).toEqual([0, 1, 2]);
  });

  test.each<[string, (writer: RecordingWriter, target: Writable) => unknown, string | undefined]>([
    ['is closed', (writer) => writer.close(), undefined],
    ['fails', (_writer, target) => target.destroy(new Error('disk full')), 'disk full'],
    ['is gone', (_writer, target) => target.destroy(), 'Premature close'],
  ])('lets nobody wait for a target that %s', async (_name, act, reason) => {
    let taken: () => void = () => undefined;
    const target = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => void (taken = done),
    });
    const writer = new RecordingWriter(target);
    const waiting = writer.record(frame).then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    void Promise.resolve(act(writer, target)).catch(() => undefined);
    taken();
    setImmediate(() => taken());
    expect(await waiting).toBe(reason);
  });
});

describe('a replay', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kite-'));
    path = join(directory, 'day.kiterec');
    await using writer = new RecordingWriter(path);
    const frames = [tick(100), tick(101), tick(102)].map((one) =>
      encodeFrame([one, { ...one, instrumentToken: 738561 }]),
    );
    for (const [index, bytes] of frames.entries())
      await writer.record({ bytes, channelId: 0, receivedAt: 1000 + index * 10_000 });
    await writer.write({
      type: 'text',
      channelId: 0,
      receivedAt: 21_000,
      text: '{"type":"message","data":"closed"}',
    });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const tick = (lastPrice: number): Tick => ({
    mode: 'ltp',
    instrumentToken: INFY,
    segment: 1,
    tradable: true,
    lastPrice,
  });
  const replaying = (replay: Omit<ReplayOptions, 'source'>, clock?: VirtualClock) =>
    startSimulator({ replay: { source: path, ...replay }, ...(clock && { clock }) });

  test('streams to each what it has subscribed to, beginning with the first subscription, and tells its end', async () => {
    await using simulator = await replaying({ speed: Infinity });
    const ended = new Promise<ReplaySummary>((resolve) => simulator.on('replayed', resolve));
    using client = await connect(simulator);
    client.subscribe([INFY]);
    expect(await ended).toEqual({ frames: 3, texts: 1, gaps: 0, dropped: 0, error: undefined });
    await client.settled();
    expect(client.ticks).toEqual([tick(100), tick(101), tick(102)]);
    expect(client.texts).toEqual(['{"type":"message","data":"closed"}']);
    client.forget();
    client.subscribe([INFY, 5633]);
    await client.settled();
    expect(client.ticks).toEqual([tick(102)]);
  });

  test('keeps the pace of the recording, times its speed', async () => {
    const clock = new VirtualClock();
    await using simulator = await replaying({ speed: 10 }, clock);
    using client = await connect(simulator);
    client.subscribe([INFY]);
    await client.until(() => client.ticks.length === 1);
    clock.pass(999);
    await client.settled();
    expect(client.ticks).toHaveLength(1);
    clock.pass(1);
    await client.until(() => client.ticks.length === 2);
  });

  test('verbatim: every message goes to everybody byte for byte', async () => {
    await using simulator = await replaying({ speed: Infinity, verbatim: true });
    using client = await connect(simulator);
    await client.until(() => client.tickFrames.length === 3);
    expect(client.ticks).toHaveLength(6);
  });

  describe('of a gap in the recording', () => {
    beforeEach(async () => {
      await using writer = new RecordingWriter(path);
      const record = (receivedAt: number, lastPrice: number) =>
        writer.record({ bytes: encodeFrame([tick(lastPrice)]), channelId: 0, receivedAt });
      await record(0, 100);
      await writer.write({
        type: 'gap',
        channelId: 0,
        receivedAt: 9000,
        from: 2000,
        to: 9000,
        reason: 'drop',
      });
      await record(9000, 101);
    });

    test('drops the connection when it begins, lets nobody in until it ends, and goes on then', async () => {
      const clock = new VirtualClock();
      await using simulator = await replaying({}, clock);
      using before = await connect(simulator);
      before.subscribe([INFY]);
      await before.until(() => before.ticks.length === 1);
      await eventually(() => expect(clock.pending).toBeGreaterThan(2));
      clock.pass(1999);
      await before.settled();
      clock.pass(1);
      await before.until(() => before.closed !== undefined);
      expect(before.closed?.code).toBe(1006);
      expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 503 });
      clock.pass(6999);
      expect(await refusalOf(simulator.url + credentials())).toMatchObject({ status: 503 });
      await eventually(() => expect(clock.pending).toBeGreaterThan(2));
      clock.pass(1);
      using after = await connect(simulator);
      after.subscribe([INFY]);
      await after.until(() => after.ticks.some((one) => one.lastPrice === 101));
    });

    test('is a silence where that is asked for', async () => {
      await using simulator = await replaying({ speed: Infinity, gaps: 'silence' });
      const ended = new Promise<ReplaySummary>((resolve) => simulator.on('replayed', resolve));
      using client = await connect(simulator);
      client.subscribe([INFY]);
      expect(await ended).toMatchObject({ frames: 2, gaps: 1 });
      await client.settled();
      expect(client.closed).toBeUndefined();
    });
  });

  test('ends with the reason where the recording is broken, after all that is whole', async () => {
    await writeFile(path, (await readFile(path)).subarray(0, -1));
    await using simulator = await replaying({ speed: Infinity, immediately: true });
    const summary = await new Promise<ReplaySummary>((resolve) => simulator.on('replayed', resolve));
    expect(summary).toMatchObject({ frames: 3, texts: 0, error: { code: 'KITE_RECORDING_TRUNCATED' } });
  });

  test('stops with the simulator', async () => {
    const clock = new VirtualClock();
    const simulator = await replaying({ immediately: true }, clock);
    const replayed: unknown[] = [];
    simulator.on('replayed', (summary) => replayed.push(summary));
    using client = await connect(simulator);
    await client.settled();
    await simulator.stop();
    await settled();
    expect([clock.pending, replayed]).toEqual([0, []]);
  });

  test('a market that was recorded from the simulator replays the same ticks', async () => {
    await using live = await startSimulator({ ticksPerSecond: 0, recordSent: true });
    using client = await connect(live);
    client.subscribe([INFY, 256265], 'full');
    live.burst(50);
    await client.settled();
    const recorded = join(directory, 'sim.kiterec');
    {
      await using writer = new RecordingWriter(recorded);
      for (const [n, bytes] of client.tickFrames.entries())
        await writer.record({ bytes, channelId: 0, receivedAt: n });
    }
    await using again = await startSimulator({ replay: { source: recorded, speed: Infinity } });
    using second = await connect(again);
    second.subscribe([INFY, 256265], 'full');
    const full = (ticks: Tick[]) => ticks.filter(({ mode }) => mode === 'full');
    await second.until(() => full(second.ticks).length >= full(client.ticks).length);
    expect(full(second.ticks).slice(-50)).toEqual(full(client.ticks).slice(-50));
    expect(live.sent.flatMap(({ packet }) => decodeFrame(encodeFrame([packet])))).toEqual(client.ticks);
  });
});

/** Buffers and typed arrays of equal bytes are equal. */
function plain(recorded: Recorded): unknown {
  return recorded.type === 'binary' ? { ...recorded, bytes: [...recorded.bytes] } : recorded;
}
