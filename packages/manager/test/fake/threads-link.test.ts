import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '@kite/connection';
import { KiteError, type TickerState } from '@kite/protocol';

import type { ConnectionSlots } from '../../src/connection-parts.js';
import { ThreadedLink } from '../../src/threads/main/threaded-link.js';
import type { LinkCommand } from '../../src/threads/wire/messages.js';
import { encodeReport, encodeText, toPlainError } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { FAST, modes } from '../support/link-config.js';
import { RecordingListener } from '../support/recording-listener.js';

/** A link whose worker is played by the test. */
function bench(accessToken: string | (() => string | Promise<string>) = 'token') {
  const sent: LinkCommand[] = [];
  const taken: string[] = [];
  const world = { hasWorker: true, hasSlot: true };
  const slots: ConnectionSlots = {
    acquire(_origin, apiKey) {
      if (!world.hasSlot) throw new KiteError('KITE_CONNECTION_LIMIT_REACHED', 'no slot');
      taken.push(apiKey);
      return () => taken.splice(taken.indexOf(apiKey), 1);
    },
  };
  const told = new RecordingListener();
  const link = new ThreadedLink(0, { apiKey: 'key', accessToken, config: FAST, slots }, told, {
    send: (_link, command) => {
      if (world.hasWorker) sent.push(command);
      return world.hasWorker;
    },
    wantedChanged: () => undefined,
    clock: systemClock,
  });
  return {
    link,
    sent,
    taken,
    told,
    world,
    types: () => sent.map(({ type }) => type),
    says(state: TickerState, error?: KiteError, at = 1000) {
      const report = { state, ...(error && { error: toPlainError(error) }) };
      link.record(RecordType.State, at, encodeReport(RecordType.State, report));
    },
  };
}

const crash = new KiteError('KITE_MANAGER_WORKER_CRASHED', 'crashed');

describe('a link to a connection in a worker', () => {
  test('holds a slot of the process from connect() until it is closed or has failed', async () => {
    const subject = bench();
    void subject.link.connect().catch(() => undefined);
    expect(subject.taken).toEqual(['key']);
    subject.says('failed', new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'no', { status: 403 }));
    expect(subject.taken).toEqual([]);
    subject.link.updateCredentials('other', 'token');
    expect(subject.taken).toEqual(['other']);
    const closing = subject.link.close();
    subject.says('closed');
    await closing;
    expect(subject.taken).toEqual([]);
  });

  test('is closed without its worker’s word when that hangs', async () => {
    vi.useFakeTimers();
    try {
      const subject = bench();
      void subject.link.connect().catch(() => undefined);
      subject.says('open');
      const closing = subject.link.close();
      await vi.advanceTimersByTimeAsync(4000);
      await closing;
      expect([subject.link.isWanted, subject.taken, vi.getTimerCount()]).toEqual([false, [], 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  test('refuses to connect without a slot, and the worker hears nothing of it', async () => {
    const subject = bench();
    subject.world.hasSlot = false;
    await expect(subject.link.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    expect(subject.sent).toEqual([]);
    subject.world.hasSlot = true;
    void subject.link.connect();
    expect(subject.types()).toEqual(['connect']);
  });

  test('gives one promise to everybody who connects at the same time, and resolves at once while it is open', async () => {
    const subject = bench();
    const first = subject.link.connect();
    expect(subject.link.connect()).toBe(first);
    subject.says('connecting');
    subject.says('open');
    await first;
    await subject.link.connect();
    expect(subject.types()).toEqual(['connect']);
  });

  test('is at rest before its listener hears of it, so that the listener can connect again', async () => {
    const subject = bench();
    subject.link.connect().catch(() => undefined);
    subject.told.state = (state) => {
      if (state === 'failed') void subject.link.connect().catch(() => undefined);
    };
    subject.says('failed', new KiteError('KITE_CONNECTION_BAD_REQUEST', 'no'));
    expect(subject.types()).toEqual(['connect', 'connect']);
    expect(subject.taken).toEqual(['key']);
  });

  test('refuses a change before the worker hears of it', () => {
    const subject = bench();
    const tooMany = modes(
      Array.from({ length: 3001 }, (_, index) => index + 1),
      'full',
    );
    expect(() => subject.link.assign(tooMany)).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_CAPACITY' }),
    );
    expect(subject.sent).toEqual([]);
    expect(subject.link.subscriptions.size).toBe(0);
  });

  test('tells a new worker everything: the credentials of now, what is subscribed, and only then to connect', () => {
    const subject = bench();
    void subject.link.connect().catch(() => undefined);
    subject.link.assign(modes([1, 2], 'full'));
    subject.link.unsubscribe([2]);
    subject.world.hasWorker = false;
    subject.link.crashed(crash);
    subject.link.updateCredentials('other', () => 'from a provider');
    subject.world.hasWorker = true;
    subject.sent.length = 0;
    subject.link.restore();
    expect(subject.sent).toMatchObject([
      { type: 'open', apiKey: 'other', accessToken: null },
      { type: 'assign', modes: new Map([[1, 'full']]) },
      { type: 'connect' },
    ]);
  });

  test('tells the gap of a crash from the last frame to the reopening, and of each crash only once', () => {
    const subject = bench();
    void subject.link.connect();
    subject.says('open', undefined, 1000);
    subject.link.record(RecordType.Binary, 1500, Uint8Array.of(0));
    subject.link.crashed(crash);
    subject.link.crashed(crash);
    subject.says('connecting');
    subject.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost'));
    subject.says('connecting');
    subject.says('open', undefined, 3000);
    subject.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost'));
    subject.says('open', undefined, 4000);
    expect(subject.told.gaps).toEqual([{ from: 1500, to: 3000, reason: 'crashed' }]);
  });

  test('tells no gap where nothing had flowed before the crash', () => {
    const subject = bench();
    void subject.link.connect();
    subject.says('connecting');
    subject.link.crashed(crash);
    subject.says('open', undefined, 3000);
    expect(subject.told.gaps).toEqual([]);
  });

  test('leaves a link alone in a crash that was not to be connected, and closes one that was closing', async () => {
    const idle = bench();
    idle.link.crashed(crash);
    expect(idle.told.states).toEqual([]);

    const subject = bench();
    const opening = subject.link.connect();
    opening.catch(() => undefined);
    const closing = subject.link.close();
    subject.link.crashed(crash);
    await closing;
    await expect(opening).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    expect(subject.link.state).toBe('closed');
    expect(subject.taken).toEqual([]);
  });

  test('closes by itself where there is no worker to ask', async () => {
    const subject = bench();
    void subject.link.connect().catch(() => undefined);
    subject.world.hasWorker = false;
    subject.link.crashed(crash);
    await subject.link.close();
    expect(subject.link.state).toBe('closed');
    await subject.link.close();
    expect(subject.told.log).toEqual(['waiting', 'closed']);
  });

  test('takes its slot again where it was revived before its failure was known here', () => {
    const subject = bench();
    subject.link.connect().catch(() => undefined);
    subject.link.updateCredentials(undefined, 'new');
    subject.says('failed', new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'no'));
    expect(subject.taken).toEqual([]);
    subject.says('connecting');
    expect(subject.taken).toEqual(['key']);
    expect(subject.link.isWanted).toBe(true);
  });

  test('reads a text as it was sent, a byte order mark and other scripts included', () => {
    const subject = bench();
    const text = '\uFEFF{"type":"message","data":"₹ नमस्ते"}';
    subject.link.record(RecordType.Text, 1, encodeText(text));
    expect(subject.told.texts).toEqual([text]);
  });

  test('brings an error over as it was: class, code, fields and causes', () => {
    const subject = bench();
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    subject.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost', { closeCode: 1006, cause }));
    const { error } = subject.told.states[0]!;
    expect(error).toBeInstanceOf(KiteError);
    expect(error).toMatchObject({
      name: 'KiteError',
      code: 'KITE_CONNECTION_LOST',
      message: 'lost',
      closeCode: 1006,
      cause: { name: 'Error', message: 'read ECONNRESET', code: 'ECONNRESET' },
    });
  });

  test('shows no secret', () => {
    const { link } = bench('a-token');
    expect(JSON.stringify(link) + inspect(link, { getters: true, showHidden: true })).not.toContain(
      'a-token',
    );
  });
});
