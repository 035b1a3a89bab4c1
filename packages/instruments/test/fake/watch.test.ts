import { describe, expect, test, vi } from 'vitest';
import { Instruments, type InstrumentsDiff, type WatchOptions } from '@kite/instruments';
import type { TickSource } from '@kite/protocol';
import { aWhile, settled, VirtualClock } from '@kite/testkit';

import { HEADER, SMALL_LIST } from '../support/csv.js';
import { FakeServer } from '../support/fake-server.js';

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

async function watched(server: FakeServer, options?: WatchOptions) {
  const clock = new VirtualClock();
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

  test('tells nothing where the server still has the old list', async () => {
    const server = new FakeServer(LIST);
    const onChange = vi.fn();
    const { source, list } = await watched(server, { onChange });
    source.tell('W/"of another kind"');
    await settled();
    source.tell('W/"of another kind"');
    await settled();
    expect(server.asked).toHaveLength(2);
    expect(onChange).not.toHaveBeenCalled();
    expect(list.isStale).toBe(false);
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
    expect(clock.pending).toBe(0);
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
