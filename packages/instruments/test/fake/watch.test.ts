import { describe, expect, test, vi } from 'vitest';
import { Instruments, type InstrumentsDiff, type WatchOptions } from '@kite/instruments';
import type { TickSource } from '@kite/protocol';
import { aWhile, eventually, settled, VirtualClock } from '@kite/testkit';

import { HEADER, SMALL_LIST } from '../support/csv.js';
import { FakeServer } from '../support/fake-server.js';
import { TemporaryFolder } from '../support/temporary.js';

const MINUTE = 60_000;
const LIST = { csv: SMALL_LIST, etag: 'W/"1"' };
const NEXT = { csv: `${HEADER}\n408065,1594,INFY,"INFOSYS",0,,0,0.05,1,EQ,NSE,NSE\n`, etag: '"2"' };
const DOWN = { status: 404 };

/** A feed that says when the server's list has another version. */
class Source {
  readonly #listeners = new Set<(event: never) => unknown>();
  readonly clock = new VirtualClock();

  get listeners(): number {
    return this.#listeners.size;
  }

  on(type: string, listener: (event: never) => unknown): () => void {
    expect(type).toBe('instruments-meta');
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  messages(): never {
    throw new Error('nobody reads');
  }

  tell(etag: string): void {
    for (const listener of this.#listeners) listener({ type: 'instruments-meta', count: 1, etag } as never);
  }
}

/** With this chance a retry comes after three quarters of its pause, and the list of the day is asked for at 08:02:30. */
async function watched(server: FakeServer, options?: WatchOptions, now = '2026-11-20T09:30:00') {
  const clock = new VirtualClock(Date.parse(`${now}+05:30`));
  const list = await Instruments.load({ fetch: server.fetch, clock, random: () => 0.5 });
  const source = new Source();
  const stop = list.watch(source, options);
  return { clock, list, source, stop };
}

describe('a watch', () => {
  test('loads nothing for the version that is there, weak or strong', async () => {
    const server = new FakeServer(LIST);
    const { source } = await watched(server);
    source.tell('W/"1"');
    source.tell('"1"');
    await settled();
    expect(server.asked).toHaveLength(1);
  });

  test('loads another version once, whichever and however many connections tell of it', async () => {
    const server = new FakeServer(LIST, NEXT);
    const diffs: InstrumentsDiff[] = [];
    const { source, list } = await watched(server, { onChange: (diff) => diffs.push(diff) });
    const before = list.size;
    list.search('nifty');
    list.chain('NIFTY');
    for (let connection = 0; connection < 3; connection++) source.tell('W/"2"');
    await settled();
    source.tell('W/"2"');
    await settled();
    expect(server.asked).toHaveLength(2);
    expect(server.asked[1]?.headers['If-None-Match']).toBe('W/"1"');
    expect([list.size, list.tokenOf('NSE:NIFTY 50'), list.isStale]).toEqual([1, undefined, false]);
    expect([list.search('nifty'), list.chain('NIFTY')]).toEqual([[], []]);
    expect(diffs.map(({ removed }) => removed.length)).toEqual([before - 1]);
  });

  test('asks for half an hour where the feed names versions of another kind, and the list is not stale', async () => {
    const server = new FakeServer(LIST);
    const onChange = vi.fn();
    const { source, list, clock } = await watched(server, { onChange });
    source.tell('W/"of another kind"');
    source.tell('W/"of another kind"');
    await settled();
    expect([server.asked.length, list.isStale]).toEqual([2, false]);
    await clock.advance(MINUTE * 60 * 10);
    expect([server.asked.length, list.isStale]).toEqual([7, false]);
    expect(onChange).not.toHaveBeenCalled();
  });

  test('goes on asking where the server does not give the version that it has told, and the list is stale until then', async () => {
    const server = new FakeServer(LIST);
    const onChange = vi.fn();
    const { source, list, clock } = await watched(server, { onChange });
    // They name versions alike.
    source.tell('W/"1"');
    source.tell('W/"2"');
    await settled();
    expect([server.asked.length, list.isStale]).toEqual([2, true]);
    await clock.advance(MINUTE * 60 * 5);
    expect(list.isStale).toBe(true);
    server.answer(NEXT);
    await clock.advance(MINUTE * 30);
    expect([list.isStale, list.size, onChange.mock.calls.length]).toEqual([false, 1, 1]);
    const { length } = server.asked;
    await clock.advance(MINUTE * 60 * 5);
    expect(server.asked).toHaveLength(length);
  });

  test('holds a list for stale that the server confirms from 08:00 to 08:30, where the feed tells of another', async () => {
    const server = new FakeServer(LIST);
    const { source, list, clock } = await watched(server, {}, '2026-11-20T08:05:00');
    source.tell('W/"2"');
    await settled();
    expect(list.isStale).toBe(true);
    server.answer(NEXT);
    await clock.advance(MINUTE);
    expect([list.isStale, list.size]).toEqual([false, 1]);
  });

  test('asks for the list of the day soon after 08:00, and again after 08:30, since the new one may be late', async () => {
    const server = new FakeServer(LIST);
    const onChange = vi.fn();
    const { list, clock } = await watched(server, { onChange }, '2026-11-20T09:30:00');
    const asked: [string, number][] = [];
    const india = (): string => new Date(clock.now() + 19_800_000).toISOString().slice(8, 16);
    for (let minute = 0; minute < 60 * 47; minute++) {
      const before = server.asked.length;
      await clock.advance(MINUTE);
      if (server.asked.length > before) asked.push([india(), server.asked.length]);
    }
    expect(asked).toEqual([
      ['21T08:03', 2],
      ['21T08:33', 3],
      ['22T08:03', 4],
    ]);
    server.answer(NEXT);
    await clock.advance(MINUTE * 30);
    expect([list.size, list.isStale, onChange.mock.calls.length]).toEqual([1, false, 1]);
  });

  test('notices after an hour at most that the machine has slept over 08:00', async () => {
    const server = new FakeServer(LIST, NEXT);
    const { list, clock } = await watched(server);
    // A sleep stops timers, not the clock on the wall.
    clock.setBack(-86_400_000);
    await clock.advance(MINUTE * 60);
    expect([server.asked.length, list.size]).toEqual([2, 1]);
  });

  test('asks at once where the clock was set back, as a list from the future is not trusted', async () => {
    const server = new FakeServer(LIST);
    const { clock } = await watched(server);
    clock.setBack(86_400_000);
    await clock.advance(MINUTE * 60);
    expect(server.asked).toHaveLength(2);
  });

  test('mends a list that was stale when the watch began', async () => {
    await using folder = await TemporaryFolder.make();
    const clock = new VirtualClock();
    const options = { clock, random: () => 0.5, cacheDir: folder.path };
    await Instruments.load({ ...options, fetch: new FakeServer(LIST).fetch });
    clock.pass(86_400_000);
    const server = new FakeServer(DOWN);
    const list = await Instruments.load({ ...options, fetch: server.fetch });
    expect(list.isStale).toBe(true);
    const stop = list.watch(new Source());
    server.answer(NEXT);
    await clock.advance(MINUTE);
    await eventually(() => {
      expect([list.isStale, list.size]).toEqual([false, 1]);
    });
    stop();
  });

  test('waits as long as the server asks for, whatever a feed tells meanwhile', async () => {
    const server = new FakeServer(LIST, { status: 429, headers: { 'retry-after': '7200' } }, NEXT);
    const { source, list, clock } = await watched(server);
    source.tell('W/"2"');
    await settled();
    for (let told = 3; told < 8; told++) {
      source.tell(`W/"${told}"`);
      await clock.advance(MINUTE * 20);
    }
    expect([server.asked.length, list.isStale]).toEqual([2, true]);
    source.tell('W/"2"');
    await clock.advance(MINUTE * 20);
    expect([server.asked.length, list.isStale]).toEqual([3, false]);
  });

  test('of two feeds, or twice of one, is one watch: one request for a version, and both are told', async () => {
    const server = new FakeServer(LIST, NEXT, DOWN);
    const diffs: InstrumentsDiff[] = [];
    const errors: unknown[] = [];
    const options = {
      onChange: (diff: InstrumentsDiff) => diffs.push(diff),
      onError: (error: unknown) => errors.push(error),
    };
    const { source, list, clock, stop } = await watched(server, options);
    const other = new Source();
    const stopOther = list.watch(other, options);
    expect(clock.pending).toBe(1);
    source.tell('W/"2"');
    other.tell('W/"2"');
    await settled();
    expect([server.asked.length, diffs.length]).toEqual([2, 2]);
    expect(diffs[1]).toEqual(diffs[0]);
    stop();
    other.tell('W/"3"');
    await settled();
    expect([server.asked.length, errors.length, source.listeners]).toEqual([3, 1, 0]);
    stopOther();
    expect([clock.pending, other.listeners]).toEqual([0, 0]);

    // And begins anew.
    server.answer(LIST);
    list.watch(other, options);
    other.tell('W/"1"');
    await settled();
    expect([server.asked.length, list.isStale, diffs.length]).toEqual([4, false, 3]);
  });

  test('has one request at a time, and loads a version that is told meanwhile afterwards', async () => {
    const server = new FakeServer(LIST, NEXT, LIST);
    const { source, list } = await watched(server);
    source.tell('W/"2"');
    source.tell('W/"3"');
    await settled();
    source.tell('W/"4"');
    await settled();
    expect(server.most).toBe(1);
    expect(list.size).toBeGreaterThan(1);
    expect(server.asked).toHaveLength(4);
  });

  test('makes the list stale when the new one does not come, says so, and tries again after a minute and two', async () => {
    const server = new FakeServer(LIST, DOWN);
    const errors: unknown[] = [];
    const { source, list, clock } = await watched(server, { onError: (error) => errors.push(error) });
    source.tell('W/"2"');
    await settled();
    expect([list.isStale, list.size > 1]).toEqual([true, true]);
    expect(errors).toMatchObject([{ code: 'KITE_INSTRUMENTS_LOAD_FAILED', status: 404 }]);
    await clock.advance(MINUTE * 0.75);
    expect(errors).toHaveLength(2);
    server.answer(NEXT);
    await clock.advance(MINUTE * 1.5 - 1);
    expect(list.isStale).toBe(true);
    await clock.advance(1);
    expect([list.isStale, list.size]).toEqual([false, 1]);
  });

  test('that is stopped leaves no timer, no listener and no request, and changes nothing any more', async () => {
    for (const answer of [DOWN, 'never', NEXT] as const) {
      const server = new FakeServer(LIST, answer);
      const onChange = vi.fn();
      const onError = vi.fn();
      const { source, list, clock, stop } = await watched(server, { onChange, onError });
      source.tell('W/"2"');
      if (answer !== NEXT) await settled();
      onError.mockClear();
      stop();
      stop();
      source.tell('W/"3"');
      await settled();
      await clock.advance(MINUTE * 60);
      expect([clock.pending, source.listeners, server.asked.length]).toEqual([0, 0, 2]);
      expect(server.asked[1]?.signal.aborted ?? true).toBe(answer !== DOWN);
      expect([onChange.mock.calls, onError.mock.calls, list.size > 1]).toEqual([[], [], true]);
    }
  });

  test('contains a listener that throws, and warns once', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    try {
      const throws = (): never => {
        throw new Error('of the listener');
      };
      const { source, list, clock } = await watched(new FakeServer(LIST, DOWN), { onError: throws });
      source.tell('W/"2"');
      await clock.advance(MINUTE * 5);
      await aWhile();
      expect(list.isStale).toBe(true);
      expect(warnings.filter(({ name }) => name === 'KiteWarning')).toHaveLength(1);
    } finally {
      process.off('warning', onWarning);
    }
  });

  test('is refused for a list that was parsed, for what is no source, and for unknown options', async () => {
    const source = new Source() as unknown as TickSource;
    expect(() => Instruments.parse(SMALL_LIST).watch(source)).toThrow(
      expect.objectContaining({ code: 'KITE_INSTRUMENTS_NOT_LOADED' }),
    );
    const list = await Instruments.load({ fetch: new FakeServer(LIST).fetch });
    for (const [field, wrong, options] of [
      ['source', {}, {}],
      ['source', undefined, {}],
      ['onchange', source, { onchange: () => undefined }],
      ['onError', source, { onError: 1 }],
    ] as const)
      expect(() => list.watch(wrong as TickSource, options as WatchOptions)).toThrow(
        expect.objectContaining({ code: 'KITE_INSTRUMENTS_INVALID_OPTION', field }),
      );
  });
});
