import { describe, expect, test } from 'vitest';
import { systemClock, wsTransport } from '@kite/connection';
import { startSimulator } from '@kite/simulator';
import { eventually } from '@kite/testkit';

import type { TokenAnswer, WorkerMessage } from '../../src/threads/wire/messages.js';
import { type PackedModes, packModes } from '../../src/threads/wire/packed-modes.js';
import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { IoHost } from '../../src/threads/worker/io-host.js';
import { Outbox } from '../../src/threads/worker/outbox.js';
import { FAST, modes } from '../support/link-config.js';
import { ring } from '../support/ring.js';

/** The worker's side without a worker: what it is told, what it posts, and what it writes into the ring. */
function bench(url: string) {
  const { writer, read, drain } = ring(1024 * 1024);
  const posted: WorkerMessage[] = [];
  const host = new IoHost({
    outbox: new Outbox(writer, systemClock),
    post: (message) => void posted.push(message),
    clock: systemClock,
    random: () => 0,
    transport: wsTransport,
  });
  return {
    posted,
    add(link: number) {
      host.handle({ type: 'connection', link, config: { ...FAST, url } });
    },
    want(
      link: number,
      wanted: { isOpen?: boolean; revision?: number; accessToken?: string | null; modes?: PackedModes },
    ) {
      const { isOpen = true, revision = 1, accessToken = 'token', modes: packed } = wanted;
      const experience = { hasOpened: false, credentialsOpened: false, mayHaveGhost: false };
      const credentials = { revision, apiKey: 'key', accessToken };
      host.handle({
        ...{ type: 'want', link, isOpen, credentials, revision: 0, experience },
        ...(packed && { modes: packed }),
      });
    },
    answer(link: number, answer: TokenAnswer) {
      host.handle({ type: 'token', link, ...answer });
    },
    /** What a link has said so far, frames and texts in short. */
    said(link: number): string[] {
      drain();
      return read
        .filter((told) => told.link === link)
        .map(({ type, bytes }) => {
          if (type === RecordType.State) return decodeReport(RecordType.State, bytes).state;
          if (type === RecordType.Text) return (JSON.parse(decodeText(bytes)) as { type: string }).type;
          return `frame of ${bytes.length}`;
        });
    },
  };
}

describe('the host of connections', () => {
  test('keeps a connection as it is wanted, and writes down what arrives, in the order of the wire', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 60_000 });
    const subject = bench(simulator.url);
    subject.add(7);
    subject.want(7, { modes: packModes(modes([408065], 'full')) });
    await eventually(() => {
      expect(subject.said(7)).toEqual([
        ...['connecting', 'open', 'instruments_meta', 'app_code'],
        'frame of 48',
        'frame of 188',
      ]);
    });
    subject.want(7, { modes: packModes(modes([408065], 'ltp')) });
    await eventually(() => {
      expect(subject.said(7).at(-1)).toBe('frame of 12');
    });
    subject.want(7, { modes: packModes(new Map()) });
    await eventually(() => {
      expect(simulator.connections[0]?.book.size).toBe(0);
    });
    subject.want(7, { isOpen: false });
    await eventually(() => {
      expect(subject.said(7).slice(-2)).toEqual(['closing', 'closed']);
    });
  });

  test('asks for a token where there is none, link by link, and gives each answer to the one that asked', async () => {
    await using simulator = await startSimulator({
      accounts: [{ apiKey: 'key', accessToken: 'right' }],
      ticksPerSecond: 0,
    });
    const subject = bench(simulator.url);
    for (const link of [1, 2]) {
      subject.add(link);
      subject.want(link, { accessToken: null });
    }
    await eventually(() => {
      expect(subject.posted).toEqual([
        { type: 'token', link: 1, request: 1 },
        { type: 'token', link: 2, request: 1 },
      ]);
    });
    subject.answer(2, { request: 1, token: 'right' });
    await eventually(() => {
      expect(subject.said(2)).toContain('open');
    });
    expect(subject.said(1)).toEqual(['connecting']);
    subject.answer(1, { request: 1, error: 'the vault is closed' });
    await eventually(() => {
      expect(subject.said(1)).toContain('waiting');
    });
    subject.want(1, { isOpen: false, accessToken: null });
    subject.want(2, { isOpen: false, accessToken: null });
    await eventually(() => {
      expect([subject.said(1).at(-1), subject.said(2).at(-1)]).toEqual(['closed', 'closed']);
    });
  });

  test('changes to other credentials, and ignores what was answered for those before', async () => {
    await using simulator = await startSimulator({
      accounts: [{ apiKey: 'key', accessToken: 'right' }],
      ticksPerSecond: 0,
    });
    const subject = bench(simulator.url);
    subject.add(1);
    subject.want(1, { accessToken: 'wrong' });
    await eventually(() => {
      expect(subject.said(1)).toEqual(['connecting', 'failed']);
    });
    subject.want(1, { revision: 2, accessToken: null });
    subject.want(1, { revision: 3, accessToken: 'right' });
    subject.answer(1, { request: 1, token: 'wrong' });
    await eventually(() => {
      expect(subject.said(1)).toContain('open');
    });
    subject.want(1, { isOpen: false, revision: 3, accessToken: 'right' });
    await eventually(() => {
      expect(subject.said(1).at(-1)).toBe('closed');
    });
  });

  test('ignores a link that it does not know', () => {
    const subject = bench('ws://127.0.0.1:9/');
    subject.want(99, {});
    expect(subject.said(99)).toEqual([]);
  });
});
