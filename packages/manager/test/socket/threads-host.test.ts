import { describe, expect, test } from 'vitest';
import { systemClock, wsTransport } from '@kite/connection';
import type { Mode } from '@kite/protocol';
import { startSimulator } from '@kite/simulator';
import { eventually } from '@kite/testkit';

import type { LinkCommand, WorkerMessage } from '../../src/threads/wire/messages.js';
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
    open(link: number, accessToken: string | null = 'token') {
      host.handle({ type: 'open', link, config: { ...FAST, url }, apiKey: 'key', accessToken });
    },
    tell(link: number, ...commands: LinkCommand[]) {
      for (const command of commands) host.handle({ ...command, link });
    },
    /** What a link has said so far, frames and texts in short. */
    said(link: number): string[] {
      drain();
      return read
        .filter((told) => told.link === link)
        .map(({ type, bytes }) => {
          if (type === RecordType.State) return decodeReport(RecordType.State, bytes).state;
          if (type === RecordType.Gap) return 'gap';
          if (type === RecordType.Text) return (JSON.parse(decodeText(bytes)) as { type: string }).type;
          return `frame of ${bytes.length}`;
        });
    },
  };
}

function assign(tokens: readonly number[], mode: Mode): LinkCommand {
  return { type: 'assign', modes: modes(tokens, mode) };
}

describe('the host of connections', () => {
  test('obeys its commands, and writes down what arrives, in the order of the wire', async () => {
    await using simulator = await startSimulator({ ticksPerSecond: 0, heartbeatIntervalMs: 60_000 });
    const subject = bench(simulator.url);
    subject.open(7);
    subject.tell(7, assign([408065], 'full'), { type: 'connect' });
    await eventually(() => {
      expect(subject.said(7)).toEqual([
        ...['connecting', 'open', 'instruments_meta', 'app_code'],
        'frame of 48',
        'frame of 188',
      ]);
    });
    subject.tell(7, assign([408065], 'ltp'));
    await eventually(() => {
      expect(subject.said(7).at(-1)).toBe('frame of 12');
    });
    subject.tell(7, { type: 'unsubscribe', tokens: [408065] });
    await eventually(() => {
      expect(simulator.connections[0]?.book.size).toBe(0);
    });
    subject.tell(7, { type: 'close' });
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
      subject.open(link, null);
      subject.tell(link, { type: 'connect' });
    }
    await eventually(() => {
      expect(subject.posted).toEqual([
        { type: 'token', link: 1, request: 1 },
        { type: 'token', link: 2, request: 1 },
      ]);
    });
    subject.tell(2, { type: 'token', request: 1, token: 'right' });
    await eventually(() => {
      expect(subject.said(2)).toContain('open');
    });
    expect(subject.said(1)).toEqual(['connecting']);
    subject.tell(1, { type: 'token', request: 1, error: 'the vault is closed' });
    await eventually(() => {
      expect(subject.said(1)).toContain('waiting');
    });
    subject.tell(1, { type: 'close' });
    subject.tell(2, { type: 'close' });
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
    subject.open(1, 'wrong');
    subject.tell(1, { type: 'connect' });
    await eventually(() => {
      expect(subject.said(1)).toEqual(['connecting', 'failed']);
    });
    subject.tell(1, { type: 'credentials', apiKey: 'key', accessToken: null });
    subject.tell(
      1,
      { type: 'credentials', apiKey: 'key', accessToken: 'right' },
      { type: 'token', request: 1, token: 'wrong' },
    );
    await eventually(() => {
      expect(subject.said(1)).toContain('open');
    });
    subject.tell(1, { type: 'close' });
    await eventually(() => {
      expect(subject.said(1).at(-1)).toBe('closed');
    });
  });

  test('ignores a link that it does not know', () => {
    const subject = bench('ws://127.0.0.1:9/');
    subject.tell(99, { type: 'connect' });
    expect(subject.said(99)).toEqual([]);
  });
});
