import { expect, test } from 'vitest';
import { decodeFrameMessage, FeedPublisher, Subjects } from '@kite/nats';
import { decodeFrame, type KiteError } from '@kite/protocol';
import { fullFrame, HEARTBEAT, INFY, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import type { BusMessage } from '../../src/bus/bus.js';
import { FakeFeed } from '../support/fake-feed.js';
import { MemoryBus } from '../support/memory-bus.js';

function bench(frames?: boolean) {
  const feed = new FakeFeed();
  const bus = new MemoryBus();
  const issues: KiteError[] = [];
  const publisher = new FeedPublisher({
    ...{ feed: feed.asFeed, bus, subjects: new Subjects(), publisher: 'a', frames, random: () => 0.5 },
    ensure: () => bus.ensure(),
    onIssue: (issue) => issues.push(issue),
  });
  return { feed, bus, issues, publisher };
}

const ofFrames = (messages: readonly BusMessage[]): BusMessage[] =>
  messages.filter(({ subject }) => subject.startsWith('kite.f.'));

function numbersOf(messages: readonly BusMessage[]): { sequence: number; previous: number }[] {
  return ofFrames(messages).map(({ data }) => {
    const read = decodeFrameMessage(data);
    if ('flaw' in read) throw new Error(read.flaw);
    return { sequence: read.sequence, previous: read.previous };
  });
}

test('no whole frame is published unless it was asked for', async () => {
  const { feed, bus, publisher } = bench();
  feed.frame(ltpFrame([INFY], 1));
  expect(ofFrames(bus.taken)).toEqual([]);
  expect(publisher.getStats()).toMatchObject({ published: 1, frames: 0, framesDropped: 0 });
  await publisher.close();
});

test('each frame is published whole behind its packets, with its connection, its time and its number', async () => {
  const { feed, bus, publisher } = bench(true);
  const frame = ltpFrame([INFY, RELIANCE], 7);
  feed.frame(frame);
  feed.emit('frame', { bytes: HEARTBEAT, dropped: 0 });
  const subjects = bus.taken.map(({ subject }) => subject).filter((subject) => !subject.includes('.m.'));
  expect(subjects).toEqual(['kite.t.6.1.408065', 'kite.t.13.1.738561', 'kite.f.a.0', 'kite.f.a.0']);
  const read = decodeFrameMessage(ofFrames(bus.taken)[0]!.data);
  expect(read).toEqual({
    ...{ account: 0, connection: 0, sequence: 1, previous: 0, receivedAt: feed.clock.now() },
    epoch: expect.any(Number) as number,
    frame,
  });
  expect('frame' in read && decodeFrame(read.frame)).toHaveLength(2);
  expect(numbersOf(bus.taken)).toEqual([
    { sequence: 1, previous: 0 },
    { sequence: 2, previous: 1 },
  ]);
  expect(publisher.getStats()).toMatchObject({ published: 2, frames: 2, framesDropped: 0 });
  await publisher.close();
});

test('while the server does not read, or is gone, frames are left out: counted, and a hole in the numbers', async () => {
  const { feed, bus, publisher } = bench(true);
  bus.isReading = false;
  for (let price = 1; price <= 12_000; price++) feed.frame(fullFrame([INFY], price));
  bus.isReading = true;
  bus.read();
  await settled();
  bus.lose();
  feed.frame(ltpFrame([INFY], 5));
  bus.return();
  await settled();
  feed.frame(ltpFrame([INFY], 6));
  const { frames, framesDropped } = publisher.getStats();
  expect(frames + framesDropped).toBe(12_002);
  const [before, after] = numbersOf(bus.taken).slice(-2);
  expect(after!.previous - before!.sequence).toBe(framesDropped);
  await publisher.close();
});

test('a frame that the server does not accept is left out and reported once, and its packets are published', async () => {
  const { feed, bus, issues, publisher } = bench(true);
  bus.maxBytes = 100;
  for (const price of [1, 2]) feed.frame(fullFrame([INFY], price));
  feed.frame(ltpFrame([INFY], 3));
  expect(issues.map(({ code }) => code)).toEqual(['KITE_NATS_FRAME_TOO_LARGE']);
  expect(publisher.getStats()).toMatchObject({ published: 3, frames: 1, framesDropped: 2 });
  await publisher.close();
});

test('bytes that are no message of the bus come back with their flaw', () => {
  expect(decodeFrameMessage(new Uint8Array(24))).toEqual({
    flaw: 'it has 24 bytes, fewer than head and packet',
  });
  expect(decodeFrameMessage(new Uint8Array(40))).toEqual({ flaw: 'its version is 0, and 1 is known' });
});
