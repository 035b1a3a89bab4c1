import { describe, expect, test } from 'vitest';
import { systemClock } from '@kite/connection';
import { encodeFrame, KiteError } from '@kite/protocol';

import { ThreadedLink } from '../../src/threads/main/threaded-link.js';
import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { FAST } from '../support/link-config.js';
import { bench, packet, words } from '../support/overflow-bench.js';
import { RecordingListener } from '../support/recording-listener.js';

describe('the overflow of a full ring', () => {
  test('lets no later packet overtake a text or a state', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(1, 10, encodeFrame([packet(1, 1, 8), packet(2, 1, 8)]));
    outbox.text(1, 11, 'order');
    outbox.frame(1, 12, encodeFrame([packet(1, 2, 8)]));
    outbox.state(1, 13, { state: 'waiting', status: 'down' });
    outbox.frame(1, 15, encodeFrame([packet(3, 1, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link === 1))).toEqual([
      '1 lag 1 ticks 0 full 0 frames',
      '1 frame 2@1',
      '1 text order',
      '1 frame 1@2',
      '1 state waiting',
      '1 frame 3@1',
    ]);
  });

  test('lets no later packet overtake the word that a link was asked, and forgets none with an outage', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(1, 10, encodeFrame([packet(1, 1, 8)]));
    outbox.asked(1, 11, 1);
    outbox.frame(1, 12, encodeFrame([packet(2, 1, 8)]));
    for (let at = 20; at < 1100; at++)
      outbox.state(1, at, { state: at % 2 ? 'open' : 'waiting', status: 'down' });
    outbox.asked(1, 2000, 2);
    drainAll();
    const told = words(read.filter(({ link }) => link === 1));
    expect(told.slice(0, 3)).toEqual(['1 frame 1@1', '1 asked 1', '1 frame 2@1']);
    expect(told.at(-1)).toBe('1 asked 2');
  });

  test('keeps the words that a link was asked within bounds: the newest ones', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    for (let revision = 1; revision <= 1100; revision++) outbox.asked(1, revision, revision);
    drainAll();
    const told = words(read.filter(({ link }) => link === 1));
    expect([told.length, told[0], told.at(-1)]).toEqual([1000, '1 asked 101', '1 asked 1100']);
  });

  test('keeps 10 000 texts: beyond them the oldest that are no orders are dropped, and it is told how many before what came later', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    const filling = drainAll().length;
    fill();
    outbox.frame(1, 1, encodeFrame([packet(1, 1, 8)]));
    outbox.text(1, 2, '{"type": "order", "data": 1}');
    for (let number = 1; number <= 10_050; number++) outbox.text(1, 3, `${number}`);
    const told = words(
      drainAll()
        .slice(filling)
        .filter(({ link }) => link === 1),
    );
    expect(told.slice(0, 3)).toEqual([
      '1 frame 1@1',
      '1 text {"type": "order", "data": 1}',
      expect.stringMatching(/^1 issue KITE_MANAGER_TEXTS_LOST 5\d texts 0 orders$/),
    ]);
    expect(told.at(-1)).toBe('1 text 10050');
    expect(told.length).toBeGreaterThan(9900);
  });

  test('keeps 1 MiB of texts, and drops the oldest orders where there are no others left', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    const order = (number: number): string => `{"type":"order","data":${number}}`.padEnd(100_000, ' ');
    for (let number = 1; number <= 12; number++) outbox.text(number % 2, number, order(number));
    const told = words(drainAll().filter(({ link }) => link < 2)).map((word) => word.trim());
    expect(told).toEqual([
      '1 issue KITE_MANAGER_TEXTS_LOST 1 texts 1 orders',
      '0 issue KITE_MANAGER_TEXTS_LOST 1 texts 1 orders',
      ...Array.from({ length: 10 }, (_, index) => `${(index + 3) % 2} text ${order(index + 3).trim()}`),
    ]);
  });

  test('keeps a text of any size where it is alone', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    drainAll();
    const large = 'x'.repeat(3 * 1024 * 1024);
    outbox.text(1, 1, large);
    fill();
    outbox.text(1, 2, large);
    expect(words(drainAll().slice(-1))).toEqual([`1 text ${large}`]);
  });

  test('of statuses the newest of each link waits, after all else, and a later state makes up for it', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    for (const link of [1, 2]) {
      outbox.status(link, 10, 'down');
      outbox.status(link, 11, 'streaming');
      outbox.status(link, 12, 'down');
    }
    outbox.frame(1, 13, encodeFrame([packet(1, 1, 8)]));
    outbox.state(2, 14, { state: 'waiting', status: 'down' });
    outbox.status(1, 15, 'streaming');
    const told = drainAll().filter(({ link }) => link !== 9);
    expect(words(told)).toEqual(['1 frame 1@1', '2 state waiting', '1 status streaming']);
  });

  test('of an outage, the first state and the newest attempt wait, however many have failed', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.state(1, 10, { state: 'open', status: 'streaming' });
    for (let attempt = 0; attempt < 50; attempt++) {
      outbox.state(1, 20 + attempt, { state: 'waiting', status: 'down' });
      outbox.state(1, 20 + attempt, { state: 'connecting', status: 'down' });
    }
    outbox.state(1, 90, { state: 'open', status: 'streaming' });
    const told = drainAll().filter(({ link }) => link === 1);
    expect(words(told)).toEqual([
      '1 state open',
      '1 state waiting',
      '1 state connecting',
      '1 state waiting',
      '1 state connecting',
      '1 state open',
    ]);
    expect(told.map(({ at }) => at)).toEqual([10, 20, 20, 69, 69, 90]);
  });

  test('outages without end are at last one outage: what came between them is dropped and told', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.frame(1, 1, encodeFrame([packet(1, 1, 8), packet(2, 1, 8)]));
    for (let outage = 1; outage <= 400; outage++) {
      outbox.state(1, outage * 10, { state: 'waiting', status: 'down' });
      outbox.state(1, outage * 10 + 1, { state: 'connecting', status: 'down' });
      outbox.state(1, outage * 10 + 2, { state: 'open', status: 'streaming' });
      if (outage === 200) {
        outbox.frame(1, 2005, encodeFrame([packet(3, 2, 8)]));
        outbox.frame(2, 2006, encodeFrame([packet(4, 2, 8)]));
        outbox.text(1, 2007, 'lost');
        outbox.text(2, 2008, 'kept');
      }
    }
    const told = drainAll().filter(({ link }) => link === 1 || link === 2);
    const said = words(told);
    expect(said.slice(0, 7)).toEqual([
      '1 frame 1@1 2@1',
      '1 state waiting',
      '1 lag 1 ticks 0 full 0 frames',
      '1 issue KITE_MANAGER_TEXTS_LOST 1 texts 0 orders',
      '2 frame 4@2',
      '1 lag 0 ticks 0 full 1 frames',
      '2 text kept',
    ]);
    expect(said.length).toBeLessThan(1000);
    expect(said.at(-1)).toBe('1 state open');
  });

  test.each([
    { silentMs: 1000, gapFrom: 9000 },
    { silentMs: 4000, gapFrom: 1000 },
  ])(
    'a gap begins no earlier because of what was dropped, but before a silence of the socket: of $silentMs ms',
    ({ silentMs, gapFrom }) => {
      const { outbox, fill, drainAll, read } = bench(1024);
      const listener = new RecordingListener();
      listener.state('open', 0, undefined);
      listener.frame(encodeFrame([packet(1, 1, 8)]), 1000);
      fill();
      for (let at = 1000 + silentMs; at <= 9000; at += 1000)
        outbox.frame(1, at, at % 2000 === 0 ? Uint8Array.of(0) : encodeFrame([packet(1, at, 8)]));
      outbox.state(1, 9500, { state: 'waiting', status: 'down' });
      outbox.state(1, 12_000, { state: 'open', status: 'streaming' });
      drainAll();
      const link = new ThreadedLink(1, FAST, listener, {
        clock: systemClock,
        isHanging: false,
        send: () => true,
        wantedChanged: () => undefined,
      });
      for (const { type, at, bytes } of read.filter((record) => record.link === 1))
        link.record(type, at, bytes);
      expect(listener.gaps).toMatchObject([{ from: gapFrom, to: 12_000 }]);
    },
  );

  test('takes an error over with all that it says, and its causes', () => {
    const { outbox, read, drain } = bench(4096);
    const cause = new KiteError('KITE_CONNECTION_LOST', 'lost', {
      closeCode: 1006,
      cause: new Error('ECONNRESET'),
    });
    const error = new KiteError('KITE_CONNECTION_ATTEMPTS_EXHAUSTED', 'no more', { attempts: 3, cause });
    outbox.state(1, 10, { state: 'failed', status: 'down', error });
    drain();
    expect(decodeReport(RecordType.State, read[0]!.bytes)).toMatchObject({
      state: 'failed',
      error: {
        code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
        message: 'no more',
        fields: { attempts: 3 },
        cause: {
          code: 'KITE_CONNECTION_LOST',
          fields: { closeCode: 1006 },
          cause: { message: 'ECONNRESET' },
        },
      },
    });
  });

  test('the size of an error does not depend on where files are: its stack stays behind', () => {
    const { outbox, read, drain } = bench(4096);
    const error = new KiteError('KITE_CONNECTION_LOST', 'lost', { cause: new Error('why') });
    outbox.state(1, 10, { state: 'waiting', status: 'down', error });
    drain();
    expect(decodeText(read[0]!.bytes)).toBe(
      '{"state":"waiting","status":"down","error":{"name":"KiteError","message":"lost","cause":{"name":"Error","message":"why"},"code":"KITE_CONNECTION_LOST","fields":{}}}',
    );
  });
});
