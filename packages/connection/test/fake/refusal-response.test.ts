import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { readRefusal } from '../../src/socket/refusal-response.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An answer whose body the test writes. */
function bench(headers: IncomingMessage['headers'] = {}) {
  const stream = new PassThrough();
  const response = Object.assign(stream, { statusCode: 429, headers }) as unknown as IncomingMessage;
  const done = vi.fn();
  readRefusal(response, done);
  return { stream, done };
}

describe('the answer to a refused handshake', () => {
  test('is its status and its body', async () => {
    const { stream, done } = bench();
    stream.write('{"status":"error",');
    stream.end('"message":"Too many requests"}');
    await vi.advanceTimersByTimeAsync(0);
    expect(done.mock.calls).toEqual([
      [{ kind: 'refused', status: 429, body: '{"status":"error","message":"Too many requests"}' }],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is known after 1 KiB, however much follows', async () => {
    const { stream, done } = bench();
    stream.write('x'.repeat(1000));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).not.toHaveBeenCalled();
    stream.write('y'.repeat(1000));
    stream.write('z'.repeat(1000));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledExactlyOnceWith({
      ...{ kind: 'refused', status: 429 },
      body: 'x'.repeat(1000) + 'y'.repeat(24),
    });
  });

  test('is not waited for longer than a second, and is what has come by then', async () => {
    const { stream, done } = bench();
    stream.write('half a bo');
    await vi.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalledExactlyOnceWith({ kind: 'refused', status: 429, body: 'half a bo' });
  });

  test('is known at once where the socket breaks', async () => {
    const { stream, done } = bench();
    stream.destroy(new Error('ECONNRESET'));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledExactlyOnceWith({ kind: 'refused', status: 429 });
  });

  test.each([
    { header: '120', retryAfterMs: 120_000 },
    { header: ' 0 ', retryAfterMs: 0 },
    { header: 'Fri, 20 Nov 2026 04:01:30 GMT', retryAfterMs: 90_000 },
    { header: 'Fri, 20 Nov 2026 03:00:00 GMT', retryAfterMs: 0 },
    { header: 'soon', retryAfterMs: undefined },
    { header: '-5', retryAfterMs: undefined },
  ])('says when to come again: $header', async ({ header, retryAfterMs }) => {
    const { stream, done } = bench({ 'retry-after': header, date: 'Fri, 20 Nov 2026 04:00:00 GMT' });
    stream.end();
    await vi.advanceTimersByTimeAsync(0);
    const refused = { kind: 'refused', status: 429, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    expect(done).toHaveBeenCalledExactlyOnceWith(refused);
  });

  test('does not compare a date with our own clock', async () => {
    const { stream, done } = bench({ 'retry-after': 'Fri, 20 Nov 2026 04:01:30 GMT' });
    stream.end();
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toHaveBeenCalledExactlyOnceWith({ kind: 'refused', status: 429 });
  });
});
