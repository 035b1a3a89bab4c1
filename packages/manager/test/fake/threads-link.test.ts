import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '@kite/connection';
import { KiteError, type TickerState } from '@kite/protocol';

import type { ConnectionSlots } from '../../src/connection-parts.js';
import { ThreadedLink } from '../../src/threads/main/threaded-link.js';
import type { LinkCommand } from '../../src/threads/wire/messages.js';
import { encodeReport, encodeText, toPlainError } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { RecordingListener } from '../support/recording-listener.js';
import { FAST, modes } from '../support/thread-bench.js';

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
  it('holds a slot of the process from connect() until it is closed or has failed', async () => {
    const it = bench();
    void it.link.connect().catch(() => undefined);
    expect(it.taken).toEqual(['key']);
    it.says('failed', new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'no', { status: 403 }));
    expect(it.taken).toEqual([]);
    it.link.updateCredentials('other', 'token');
    expect(it.taken).toEqual(['other']);
    const closing = it.link.close();
    it.says('closed');
    await closing;
    expect(it.taken).toEqual([]);
  });

  it('is closed without its worker’s word when that hangs', async () => {
    vi.useFakeTimers();
    try {
      const it = bench();
      void it.link.connect().catch(() => undefined);
      it.says('open');
      const closing = it.link.close();
      await vi.advanceTimersByTimeAsync(4000);
      await closing;
      expect([it.link.isWanted, it.taken, vi.getTimerCount()]).toEqual([false, [], 0]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses to connect without a slot, and the worker hears nothing of it', async () => {
    const it = bench();
    it.world.hasSlot = false;
    await expect(it.link.connect()).rejects.toMatchObject({ code: 'KITE_CONNECTION_LIMIT_REACHED' });
    expect(it.sent).toEqual([]);
    it.world.hasSlot = true;
    void it.link.connect();
    expect(it.types()).toEqual(['connect']);
  });

  it('gives one promise to everybody who connects at the same time, and resolves at once while it is open', async () => {
    const it = bench();
    const first = it.link.connect();
    expect(it.link.connect()).toBe(first);
    it.says('connecting');
    it.says('open');
    await first;
    await it.link.connect();
    expect(it.types()).toEqual(['connect']);
  });

  it('is at rest before its listener hears of it, so that the listener can connect again', async () => {
    const it = bench();
    it.link.connect().catch(() => undefined);
    it.told.state = (state) => {
      if (state === 'failed') void it.link.connect().catch(() => undefined);
    };
    it.says('failed', new KiteError('KITE_CONNECTION_BAD_REQUEST', 'no'));
    expect(it.types()).toEqual(['connect', 'connect']);
    expect(it.taken).toEqual(['key']);
  });

  it('refuses a change before the worker hears of it', () => {
    const it = bench();
    const tooMany = modes(
      Array.from({ length: 3001 }, (_, index) => index + 1),
      'full',
    );
    expect(() => it.link.assign(tooMany)).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_CAPACITY' }),
    );
    expect(it.sent).toEqual([]);
    expect(it.link.subscriptions.size).toBe(0);
  });

  it('tells a new worker everything: the credentials of now, what is subscribed, and only then to connect', () => {
    const it = bench();
    void it.link.connect().catch(() => undefined);
    it.link.assign(modes([1, 2], 'full'));
    it.link.unsubscribe([2]);
    it.world.hasWorker = false;
    it.link.crashed(crash);
    it.link.updateCredentials('other', () => 'from a provider');
    it.world.hasWorker = true;
    it.sent.length = 0;
    it.link.restore();
    expect(it.sent).toMatchObject([
      { type: 'open', apiKey: 'other', accessToken: null },
      { type: 'assign', modes: new Map([[1, 'full']]) },
      { type: 'connect' },
    ]);
  });

  it('tells the gap of a crash from the last frame to the reopening, and of each crash only once', () => {
    const it = bench();
    void it.link.connect();
    it.says('open', undefined, 1000);
    it.link.record(RecordType.Binary, 1500, Uint8Array.of(0));
    it.link.crashed(crash);
    it.link.crashed(crash);
    it.says('connecting');
    it.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost'));
    it.says('connecting');
    it.says('open', undefined, 3000);
    it.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost'));
    it.says('open', undefined, 4000);
    expect(it.told.gaps).toEqual([{ from: 1500, to: 3000, reason: 'crashed' }]);
  });

  it('tells no gap where nothing had flowed before the crash', () => {
    const it = bench();
    void it.link.connect();
    it.says('connecting');
    it.link.crashed(crash);
    it.says('open', undefined, 3000);
    expect(it.told.gaps).toEqual([]);
  });

  it('leaves a link alone in a crash that was not to be connected, and closes one that was closing', async () => {
    const idle = bench();
    idle.link.crashed(crash);
    expect(idle.told.states).toEqual([]);

    const it = bench();
    const opening = it.link.connect();
    opening.catch(() => undefined);
    const closing = it.link.close();
    it.link.crashed(crash);
    await closing;
    await expect(opening).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    expect(it.link.state).toBe('closed');
    expect(it.taken).toEqual([]);
  });

  it('closes by itself where there is no worker to ask', async () => {
    const it = bench();
    void it.link.connect().catch(() => undefined);
    it.world.hasWorker = false;
    it.link.crashed(crash);
    await it.link.close();
    expect(it.link.state).toBe('closed');
    await it.link.close();
    expect(it.told.log).toEqual(['waiting', 'closed']);
  });

  it('takes its slot again where it was revived before its failure was known here', () => {
    const it = bench();
    it.link.connect().catch(() => undefined);
    it.link.updateCredentials(undefined, 'new');
    it.says('failed', new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'no'));
    expect(it.taken).toEqual([]);
    it.says('connecting');
    expect(it.taken).toEqual(['key']);
    expect(it.link.isWanted).toBe(true);
  });

  it('reads a text as it was sent, a byte order mark and other scripts included', () => {
    const it = bench();
    const text = '\uFEFF{"type":"message","data":"₹ नमस्ते"}';
    it.link.record(RecordType.Text, 1, encodeText(text));
    expect(it.told.texts).toEqual([text]);
  });

  it('brings an error over as it was: class, code, fields and causes', () => {
    const it = bench();
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    it.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost', { closeCode: 1006, cause }));
    const { error } = it.told.states[0]!;
    expect(error).toBeInstanceOf(KiteError);
    expect(error).toMatchObject({
      name: 'KiteError',
      code: 'KITE_CONNECTION_LOST',
      message: 'lost',
      closeCode: 1006,
      cause: { name: 'Error', message: 'read ECONNRESET', code: 'ECONNRESET' },
    });
  });

  it('shows no secret', () => {
    const { link } = bench('a-token');
    expect(JSON.stringify(link) + inspect(link, { getters: true, showHidden: true })).not.toContain(
      'a-token',
    );
  });
});
