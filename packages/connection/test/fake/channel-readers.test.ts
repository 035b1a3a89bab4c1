import { beforeEach, describe, expect, test, vi } from 'vitest';
import { KiteError } from '@kite/connection';
import { settled, standing } from '@kite/testkit';

import { brief, ChannelBench, drain, drainBrief } from '../support/channel-bench.js';

let bench: ChannelBench;

beforeEach(() => {
  bench = new ChannelBench();
});

/** A read raced with a timer that comes first. */
async function lostRace(read: Promise<unknown>): Promise<void> {
  expect(await Promise.race([read, settled().then(() => 'too late')])).toBe('too late');
}

describe('recv()', () => {
  test('while it is pending, is the same read again: one that lost a race loses nothing', async () => {
    const channel = bench.outlets.messages();
    const first = channel.recv();
    await lostRace(first);
    await lostRace(channel.recv());
    const second = channel.recv();
    expect(second).toBe(first);
    bench.tick(1);
    bench.tick(2);
    expect(brief((await second)!)).toBe('1');
    expect(brief((await channel.recv())!)).toBe('2');
    expect(channel.dropped).toBe(0);
  });

  test('gives every item to a loop that races each read with a timer', async () => {
    const channel = bench.outlets.messages();
    const read: string[] = [];
    let price = 0;
    while (read.length < 5) {
      const item = await Promise.race([channel.recv(), settled()]);
      if (item) read.push(brief(item));
      else bench.tick(++price);
    }
    expect(read).toEqual(['1', '2', '3', '4', '5']);
  });

  test('is another read with options, and takes its turn', async () => {
    const channel = bench.outlets.messages();
    const plain = channel.recv();
    const timed = channel.recv({ timeoutMs: 10 });
    expect(channel.recv({})).toBe(plain);
    expect(channel.recv({ timeoutMs: undefined, signal: undefined })).toBe(plain);
    bench.tick(1);
    bench.tick(2);
    expect([brief((await plain)!), brief((await timed)!)]).toEqual(['1', '2']);
    expect(bench.clock.pending).toBe(0);
  });
});

describe('recv({ timeoutMs })', () => {
  test('rejects when its time is up, and has taken nothing', async () => {
    const channel = bench.outlets.messages();
    const read = channel.recv({ timeoutMs: 50 });
    bench.clock.pass(49);
    expect(await standing(read)).toBe('pending');
    bench.clock.pass(1);
    await expect(read).rejects.toMatchObject({ code: 'KITE_CONNECTION_TIMEOUT' });
    bench.tick(1);
    expect(drainBrief(channel)).toEqual(['1']);
  });

  test('gives what waits at once, and sets no timer for it', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    expect(brief((await channel.recv({ timeoutMs: 50 }))!)).toBe('1');
    expect(bench.clock.pending).toBe(0);
  });

  test('ends with the channel', async () => {
    const channel = bench.outlets.messages();
    const read = channel.recv({ timeoutMs: 50 });
    channel.close();
    await expect(read).resolves.toBeUndefined();
    expect(bench.clock.pending).toBe(0);
    await expect(channel.recv({ timeoutMs: 50 })).resolves.toBeUndefined();
  });
});

describe('recv({ signal })', () => {
  test('rejects when it is aborted, with the reason as its cause, and has taken nothing', async () => {
    const channel = bench.outlets.messages();
    const controller = new AbortController();
    const read = channel.recv({ signal: controller.signal, timeoutMs: 50 });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(read).rejects.toMatchObject({ code: 'KITE_CONNECTION_ABORTED', cause: reason });
    expect(bench.clock.pending).toBe(0);
    bench.tick(1);
    expect(drainBrief(channel)).toEqual(['1']);
  });

  test('rejects at once if it has been aborted before, whatever waits', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    await expect(channel.recv({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ABORTED',
    });
    expect(channel.size).toBe(1);
  });

  test('is of no effect once the item has come', async () => {
    const channel = bench.outlets.messages();
    const controller = new AbortController();
    const read = channel.recv({ signal: controller.signal });
    bench.tick(1);
    controller.abort();
    expect(brief((await read)!)).toBe('1');
    bench.tick(2);
    expect(drainBrief(channel)).toEqual(['2']);
  });

  test('leaves no listener behind', async () => {
    const channel = bench.outlets.messages();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const read = channel.recv({ signal });
    expect(added).toHaveBeenCalledOnce();
    expect(removed).not.toHaveBeenCalled();
    bench.tick(1);
    await read;
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});

test.each([
  [{ timeoutMs: 0 }, 'timeoutMs', 0],
  [{ timeoutMs: '50' }, 'timeoutMs', '50'],
  [{ signal: {} }, 'signal', {}],
])(
  'recv(%j) rejects with the field, the value and what is allowed, and takes nothing',
  async (options, field, value) => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    await expect(channel.recv(options as object)).rejects.toMatchObject({
      code: 'KITE_CONNECTION_INVALID_OPTION',
      ...{ field, value, allowed: expect.any(String) as unknown },
    });
    expect(channel.size).toBe(1);
  },
);

test.each([
  ['null', null],
  ['an array', []],
  ['a text', '50'],
])('recv(%s) rejects as well, and does not throw', async (_, options) => {
  const channel = bench.outlets.messages();
  bench.tick(1);
  const read = channel.recv(options as unknown as object);
  await expect(read).rejects.toMatchObject({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'options' });
  expect(channel.size).toBe(1);
});

test('recv() with an option that cannot be read rejects, and does not throw', async () => {
  const broken = {
    get timeoutMs(): number {
      throw new Error('broken');
    },
  };
  const read = bench.outlets.messages().recv(broken);
  await expect(read).rejects.toThrow('broken');
});

test('recv() rejects an unknown option, and names the nearest known one', async () => {
  const channel = bench.outlets.messages();
  await expect(channel.recv({ timeout: 5 } as object)).rejects.toThrow(/did you mean timeoutMs\?/);
});

test('tryRecv() gives the next item if one waits, and never waits itself', async () => {
  const channel = bench.outlets.messages();
  expect(channel.tryRecv()).toBeUndefined();
  bench.tick(1);
  bench.tick(2);
  expect(
    [channel.tryRecv(), channel.tryRecv(), channel.tryRecv()].map((item) => item && brief(item)),
  ).toEqual(['1', '2', undefined]);
  // Somebody who waits comes first.
  const waiting = channel.recv();
  bench.tick(3);
  expect(channel.tryRecv()).toBeUndefined();
  expect(brief((await waiting)!)).toBe('3');
});

test('a frame of one consumer is the frame of the other: nothing is copied for a second one', () => {
  const [one, other] = [bench.outlets.messages(), bench.outlets.messages()];
  bench.tick(1);
  expect(one.tryRecv()).toBe(other.tryRecv());
});

describe('iterators', () => {
  test('are readers of their own, and take turns', async () => {
    const channel = bench.outlets.messages();
    const [first, second] = [channel[Symbol.asyncIterator](), channel[Symbol.asyncIterator]()];
    const reads = [first.next(), second.next(), channel.recv()];
    for (let price = 1; price <= 3; price++) bench.tick(price);
    const [one, two, three] = await Promise.all(reads);
    expect([one, two]).toMatchObject([
      { value: { ticks: [{ lastPrice: 1 }] } },
      { value: { ticks: [{ lastPrice: 2 }] } },
    ]);
    expect(three).toMatchObject({ ticks: [{ lastPrice: 3 }] });
  });

  test('share the work of a channel between several loops', async () => {
    const channel = bench.outlets.messages();
    const read: string[][] = [[], []];
    const loops = read.map(async (mine) => {
      for await (const message of channel) {
        mine.push(brief(message));
        await settled();
      }
    });
    await settled();
    for (let price = 1; price <= 4; price++) bench.tick(price);
    await settled();
    await settled();
    bench.end();
    await Promise.all(loops);
    expect(read).toEqual([
      ['1', '3'],
      ['2', '4'],
    ]);
  });

  test('while next() is pending, another next() of the same iterator is the same read', async () => {
    const channel = bench.outlets.messages();
    const iterator = channel[Symbol.asyncIterator]();
    const first = iterator.next();
    await lostRace(first);
    expect(iterator.next()).toBe(first);
    bench.tick(1);
    bench.tick(2);
    expect(await first).toMatchObject({ done: false, value: { ticks: [{ lastPrice: 1 }] } });
    expect(await iterator.next()).toMatchObject({ value: { ticks: [{ lastPrice: 2 }] } });
  });

  test('leaving a for await loop closes the channel, and nothing is kept for it any more', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    bench.tick(2);
    for await (const message of channel) {
      expect(brief(message)).toBe('1');
      break;
    }
    bench.tick(3);
    expect(channel).toMatchObject({ size: 0, isClosed: true });
    await expect(channel.recv()).resolves.toBeUndefined();
    await expect(channel[Symbol.asyncIterator]().next()).resolves.toEqual({ done: true, value: undefined });
  });
});

describe('the end', () => {
  const error = new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'the token has expired');

  test('of the feed lets what waits be read, and then the channel is empty', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    expect(channel.isClosed).toBe(false);
    bench.end();
    bench.tick(2);
    expect(channel.isClosed).toBe(true);
    expect(drainBrief(channel)).toEqual(['1']);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('with an error is thrown once, after the last item', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    bench.end(error);
    expect(brief((await channel.recv())!)).toBe('1');
    await expect(channel.recv()).rejects.toBe(error);
    await expect(channel.recv()).resolves.toBeUndefined();
    expect(channel.tryRecv()).toBeUndefined();
  });

  test('with an error is thrown by a for await loop', async () => {
    const channel = bench.outlets.ticks();
    bench.tick(1);
    bench.end(error);
    const seen: number[] = [];
    await expect(async () => {
      for await (const { ticks } of channel) seen.push(ticks[0]!.lastPrice);
    }).rejects.toBe(error);
    expect(seen).toEqual([1]);
  });

  test('with an error is thrown by tryRecv() as well', () => {
    const channel = bench.outlets.messages();
    bench.end(error);
    expect(() => channel.tryRecv()).toThrow(error);
    expect(channel.tryRecv()).toBeUndefined();
  });

  test('with an error reaches the first of those who wait; the others get undefined', async () => {
    const channel = bench.outlets.messages();
    const reads = [channel.recv(), channel.recv({ timeoutMs: 9 }), channel[Symbol.asyncIterator]().next()];
    bench.end(error);
    await expect(Promise.allSettled(reads)).resolves.toEqual([
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: undefined },
      { status: 'fulfilled', value: { done: true, value: undefined } },
    ]);
    expect(bench.clock.pending).toBe(0);
  });

  test('comes with what was lost at the last, even to a reader that waits', async () => {
    const channel = bench.outlets.messages();
    const next = channel.recv();
    bench.hubs[0]!.dropped({ frames: 1, ticks: 7, fullTicks: 0 }, 1);
    bench.end();
    expect(brief((await next)!)).toBe('lagged 7');
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('comes once: a second one changes nothing', async () => {
    const channel = bench.outlets.messages();
    bench.end();
    bench.end(error);
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('by close() lets go of what waits, and ends every reader', async () => {
    const channel = bench.outlets.messages();
    bench.tick(1);
    channel.close();
    channel.close();
    expect(channel).toMatchObject({ size: 0, isClosed: true });
    await expect(channel.recv()).resolves.toBeUndefined();

    const other = bench.outlets.messages();
    const readers = [other.recv(), other[Symbol.asyncIterator]().next()];
    await other[Symbol.asyncDispose]();
    await expect(Promise.all(readers)).resolves.toEqual([undefined, { done: true, value: undefined }]);
  });

  test('by close() after an error throws nothing', async () => {
    const channel = bench.outlets.messages({ capacity: 1, overflow: 'error' });
    bench.tick(1);
    bench.tick(2);
    channel.close();
    await expect(channel.recv()).resolves.toBeUndefined();
  });

  test('of one channel or another may come while a frame is handed out', () => {
    const other = bench.outlets.messages();
    const stop = bench.hubs[0]!.on('ticks', () => {
      other.close();
    });
    const last = bench.outlets.messages();
    bench.tick(1);
    stop();
    expect([drain(other).length, drain(last).length]).toEqual([0, 1]);
  });
});
