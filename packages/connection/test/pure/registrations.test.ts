import { describe, expect, test } from 'vitest';
import { KiteError } from '@kite/protocol';

import { FeedEnd } from '../../src/feed/feed-end.js';
import { Registrations } from '../../src/feed/registrations.js';

function bench() {
  const attached = new Set<{ type: string; listener: (event: unknown) => unknown }>();
  const end = new FeedEnd();
  const registrations = new Registrations({
    attach(type, listener) {
      const one = { type, listener };
      attached.add(one);
      return () => void attached.delete(one);
    },
    onOver: (callback) => end.onOver(callback),
  });
  const emit = (type: string, event: unknown): void => {
    for (const one of [...attached]) if (one.type === type) one.listener(event);
  };
  return { registrations, attached, end, emit };
}

describe('listeners of a feed', () => {
  test('are stopped by what on() gave, or by off(), and only once', () => {
    const { registrations, attached, emit } = bench();
    const heard: unknown[] = [];
    const listener = (event: unknown): unknown => heard.push(event);
    const stop = registrations.on('ticks', listener);
    emit('ticks', 1);
    stop();
    registrations.off('ticks', listener);
    emit('ticks', 2);
    registrations.on('ticks', listener);
    registrations.off('gap', listener);
    emit('ticks', 3);
    registrations.off('ticks', listener);
    emit('ticks', 4);
    expect([heard, attached.size]).toEqual([[1, 3], 0]);
  });

  test('a listener that is added twice is called twice, and off() stops one of the two', () => {
    const { registrations, emit } = bench();
    let calls = 0;
    const listener = (): unknown => calls++;
    registrations.on('ticks', listener);
    registrations.on('ticks', listener);
    emit('ticks', 1);
    registrations.off('ticks', listener);
    emit('ticks', 2);
    expect(calls).toBe(3);
  });

  test('once() calls back once, and can be stopped before', () => {
    const { registrations, attached, emit } = bench();
    const heard: unknown[] = [];
    registrations.once('ticks', (event: unknown) => heard.push(event));
    const early = (event: unknown): unknown => heard.push(event);
    registrations.once('ticks', early);
    registrations.off('ticks', early);
    emit('ticks', 1);
    emit('ticks', 2);
    expect([heard, attached.size]).toEqual([[1], 0]);
  });
});

describe('once() as a promise', () => {
  test('has the next event, and leaves nothing behind', async () => {
    const { registrations, attached, emit } = bench();
    const next = registrations.once('gap');
    emit('gap', { from: 1 });
    await expect(next).resolves.toEqual({ from: 1 });
    expect(attached.size).toBe(0);
  });

  test('rejects when the feed is stopped, and with the reason when it fails', async () => {
    const first = bench();
    const stopped = first.registrations.once('gap');
    first.end.over();
    await expect(stopped).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    const second = bench();
    const failed = second.registrations.once('gap');
    second.end.over(new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'HTTP 403'));
    await expect(failed).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
    expect([first.attached.size, second.attached.size]).toEqual([0, 0]);
  });

  test('rejects when its signal is aborted, before or meanwhile', async () => {
    const { registrations, attached } = bench();
    const controller = new AbortController();
    const pending = registrations.once('gap', { signal: controller.signal });
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED' });
    await expect(registrations.once('gap', { signal: controller.signal })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ABORTED',
    });
    expect(attached.size).toBe(0);
  });

  test('refuses options that are none', async () => {
    const { registrations } = bench();
    await expect(registrations.once('gap', { signl: 1 } as never)).rejects.toMatchObject({
      code: 'KITE_CONNECTION_INVALID_OPTION',
      field: 'signl',
    });
  });
});

describe('the end of a feed', () => {
  test('is one promise for each life, and no unhandled rejection where nobody awaits it', async () => {
    const end = new FeedEnd();
    const first = end.promise;
    end.over(new KiteError('KITE_CONNECTION_LOST', 'failed'));
    end.over();
    await expect(first).rejects.toThrow('failed');
    end.begin();
    expect(end.promise).not.toBe(first);
    end.begin();
    const second = end.promise;
    end.over();
    await expect(second).resolves.toBeUndefined();
  });
});
