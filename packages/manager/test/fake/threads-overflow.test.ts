import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packets } from '@kite/connection';
import { encodeFrame, KiteError } from '@kite/protocol';
import { ltpBody, VirtualClock } from '@kite/testkit';

import type { Dropped } from '../../src/connection-parts.js';
import { decodeReport, decodeText } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { Outbox } from '../../src/threads/worker/outbox.js';
import { ring, type Told } from '../support/ring.js';

const LENGTHS = [8, 28, 32, 44, 184, 60] as const;

/** A packet whose body says which one of all it is. */
function packet(token: number, version: number, length: number): Uint8Array {
  const body = new Uint8Array(length);
  body.set(ltpBody({ token, last: version }));
  return body;
}

/** What a drained ring says, in words. */
function words(told: readonly Told[]): string[] {
  return told.map(({ type, link, bytes }) => {
    switch (type) {
      case RecordType.Binary:
        return `${link} frame ${contents(bytes)}`;
      case RecordType.Text:
        return `${link} text ${decodeText(bytes)}`;
      case RecordType.Dropped: {
        const { ticks, fullTicks, frames } = decodeReport(RecordType.Dropped, bytes);
        return `${link} lag ${ticks} ticks ${fullTicks} full ${frames} frames`;
      }
      case RecordType.State:
        return `${link} state ${decodeReport(RecordType.State, bytes).state}`;
      case RecordType.Asked:
        return `${link} asked ${decodeReport(RecordType.Asked, bytes).revision}`;
      case RecordType.Status:
        return `${link} status ${decodeReport(RecordType.Status, bytes).status}`;
      case RecordType.Issue: {
        const { code, fields } = decodeReport(RecordType.Issue, bytes);
        return `${link} issue ${code} ${fields?.dropped} texts ${fields?.orders} orders`;
      }
    }
  });
}

function contents(frame: Uint8Array): string {
  return bodies(frame)
    .map(({ token, version }) => `${token}@${version}`)
    .join(' ');
}

function bodies(frame: Uint8Array): { token: number; version: number; length: number }[] {
  return [...packets(frame)].map((body) => {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    return { token: view.getUint32(0), version: view.getUint32(4), length: body.length };
  });
}

function bench(ringBytes: number) {
  const clock = new VirtualClock();
  const { writer, drain, read, holes } = ring(ringBytes);
  const outbox = new Outbox(writer, clock);
  return {
    clock,
    outbox,
    holes,
    read,
    drain,
    /** Reads and lets the writer go on until there is nothing left. */
    drainAll() {
      do {
        drain();
        clock.pass(2);
      } while (clock.pending > 0 || drain().length > 0);
      return read;
    },
    /** Fills the ring with texts, so that what comes now overflows. */
    fill() {
      for (let count = 0; clock.pending === 0; count++) outbox.text(9, 0, `filling ${count}`);
    },
  };
}

describe('the overflow of a full ring', () => {
  test('keeps the newest packet of each instrument, tells before it what was replaced, and goes back to the ring', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(1, 10, encodeFrame([packet(1, 1, 184), packet(2, 1, 8)]));
    outbox.frame(1, 11, encodeFrame([packet(1, 2, 184)]));
    outbox.frame(1, 12, encodeFrame([packet(1, 3, 184), packet(3, 1, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link === 1))).toEqual([
      '1 lag 2 ticks 2 full 0 frames',
      '1 lag 0 ticks 0 full 2 frames',
      '1 frame 2@1 1@3 3@1',
    ]);
    expect(read.at(-1)?.at).toBe(12);

    outbox.frame(1, 13, encodeFrame([packet(1, 4, 184)]));
    drainAll();
    expect(words(read.slice(-1))).toEqual(['1 frame 1@4']);
  });

  test('copies what it keeps: the chunk that a packet came in may be used again', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const frame = encodeFrame([packet(1, 1, 8)]);
    outbox.frame(1, 10, frame);
    frame.fill(0xff);
    expect(words(drainAll().slice(-1))).toEqual(['1 frame 1@1']);
  });

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

  test('keeps no heartbeat, and counts it', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    outbox.frame(1, 10, Uint8Array.of(0));
    expect(words(drainAll().slice(-1))).toEqual(['1 lag 0 ticks 0 full 1 frames']);
  });

  test('counts what a truncated frame announced and does not hold, and keeps its whole packets', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    const whole = encodeFrame([packet(1, 1, 8), packet(2, 1, 8), packet(3, 1, 8)]);
    outbox.frame(1, 10, whole.subarray(0, whole.length - 12));
    expect(words(drainAll().slice(-2))).toEqual(['1 lag 2 ticks 0 full 0 frames', '1 frame 1@1']);
  });

  test('is bounded by the instruments, however long nobody reads', () => {
    const { outbox, fill, drainAll } = bench(4096);
    fill();
    for (let version = 1; version <= 5000; version++) {
      outbox.frame(1, version, encodeFrame([1, 2, 3].map((token) => packet(token, version, 184))));
    }
    const told = drainAll().filter(({ link }) => link === 1);
    expect(words(told)).toEqual([
      '1 lag 14997 ticks 14997 full 0 frames',
      '1 lag 0 ticks 0 full 4999 frames',
      '1 frame 1@5000 2@5000 3@5000',
    ]);
  });

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

  test('an instrument that moves to another link is not overtaken by its own past', () => {
    const { outbox, fill, drainAll, read } = bench(1024);
    fill();
    outbox.frame(2, 10, encodeFrame([packet(9, 1, 8)]));
    outbox.frame(1, 11, encodeFrame([packet(7, 52, 8), packet(8, 1, 8)]));
    outbox.frame(2, 12, encodeFrame([packet(7, 53, 8)]));
    drainAll();
    expect(words(read.filter(({ link }) => link !== 9))).toEqual([
      '1 lag 1 ticks 0 full 0 frames',
      '2 frame 9@1',
      '1 frame 8@1',
      '2 frame 7@53',
    ]);
  });

  test('a turn in which several links bring frames is one frame for each of them, however they take turns', () => {
    const { outbox, fill, drainAll } = bench(1024);
    fill();
    for (const [version, link] of [1, 2, 1, 2, 1].entries())
      outbox.frame(link, 10, encodeFrame([packet(version, version, 8)]));
    outbox.frame(2, 11, encodeFrame([packet(9, 9, 8)]));
    expect(words(drainAll().filter(({ link }) => link !== 9 && link !== 0))).toEqual([
      '1 lag 0 ticks 0 full 2 frames',
      '1 frame 0@0 2@2 4@4',
      '2 lag 0 ticks 0 full 2 frames',
      '2 frame 1@1 3@3 9@9',
    ]);
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

  test('the size of an error does not depend on where files are: its stack stays behind', () => {
    const { outbox, read, drain } = bench(4096);
    const error = new KiteError('KITE_CONNECTION_LOST', 'lost', { cause: new Error('why') });
    outbox.state(1, 10, { state: 'waiting', status: 'down', error });
    drain();
    expect(decodeText(read[0]!.bytes)).toBe(
      '{"state":"waiting","status":"down","error":{"name":"KiteError","message":"lost","cause":{"name":"Error","message":"why"},"code":"KITE_CONNECTION_LOST","fields":{}}}',
    );
  });

  test('several links: each text once and in order, packets in order of arrival between them, the newest of each instrument over all links, and every loss told before what is newer', () => {
    const link = fc.integer({ min: 1, max: 3 });
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          link,
          frame: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...LENGTHS)), {
            maxLength: 6,
          }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ link, heartbeat: fc.constant(true) }) },
      { weight: 2, arbitrary: fc.record({ link, text: fc.nat(300) }) },
      { weight: 1, arbitrary: fc.record({ link, state: fc.constantFrom('open', 'closing') }) },
      { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 800 }) }) },
      { weight: 1, arbitrary: fc.record({ wait: fc.constant(2) }) },
      { weight: 4, arbitrary: fc.record({ turn: fc.constant(1) }) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 256, max: 2048 }),
        fc.array(step, { maxLength: 120 }),
        (ringBytes, steps) => {
          const clock = new VirtualClock();
          const { writer, reader, drain, read, holes } = ring(ringBytes);
          const outbox = new Outbox(writer, clock);
          const model = new Model();
          let at = 0;
          for (const step of steps) {
            if ('read' in step) reader.read(step.read);
            else if ('wait' in step) clock.pass(step.wait);
            else if ('turn' in step) at++;
            else if ('text' in step) outbox.text(step.link, at, model.text(step.link, step.text));
            else if ('state' in step) {
              model.state();
              outbox.state(step.link, at, { state: step.state, status: 'down' });
            } else outbox.frame(step.link, at, model.frame(step));
          }
          do {
            drain();
            clock.pass(2);
          } while (clock.pending > 0 || drain().length > 0);
          expect(holes).toEqual([]);
          model.judge(read);
        },
      ),
      {
        numRuns: 1000,
        // A lost frame is told, and what would have gone out behind it is replaced before it is.
        examples: [
          [
            385,
            [
              {
                link: 1,
                frame: [
                  [1, 184],
                  [1, 60],
                  [1, 184],
                ],
              },
              {
                link: 3,
                frame: [
                  [2, 8],
                  [1, 8],
                ],
              },
              { link: 3, frame: [[1, 8]] },
              { read: 289 },
              { link: 1, frame: [[1, 8]] },
            ],
          ],
        ],
      },
    );
  });
});

interface Sent {
  token: number;
  link: number;
  length: number;
  /** How many texts and states were sent before it. */
  after: number;
}

/** What was sent, and what of it may arrive. */
class Model {
  /** By version. */
  readonly #packets: Sent[] = [];
  readonly #texts: string[] = [];
  readonly #frames = new Map<number, number>();
  #kept = 0;

  text(link: number, length: number): string {
    this.#kept++;
    const text = `${this.#kept}`.padEnd(length, '.');
    this.#texts.push(`${link} ${text}`);
    return text;
  }

  state(): void {
    this.#kept++;
  }

  frame(step: { link: number } & ({ heartbeat: boolean } | { frame: [number, number][] })): Uint8Array {
    const { link } = step;
    this.#frames.set(link, (this.#frames.get(link) ?? 0) + 1);
    if ('heartbeat' in step) return Uint8Array.of(0);
    return encodeFrame(
      step.frame.map(([token, length]) => {
        this.#packets.push({ token, link, length, after: this.#kept });
        return packet(token, this.#packets.length - 1, length);
      }),
    );
  }

  judge(read: readonly Told[]): void {
    const texts: string[] = [];
    let kept = 0;
    let at = 0;
    const delivered = new Set<number>();
    const seen = new Map<number, number>();
    const lag = new Map([1, 2, 3].map((link) => [link, { ticks: 0, fullTicks: 0, frames: 0 }]));
    const frames = new Map<number, number>();
    for (const record of read) {
      const { type, link, bytes } = record;
      if (type === RecordType.Dropped) {
        const told = decodeReport(RecordType.Dropped, bytes);
        const sum = lag.get(link)!;
        sum.ticks += told.ticks;
        sum.fullTicks += told.fullTicks;
        sum.frames += told.frames;
        continue;
      }
      expect(record.at).toBeGreaterThanOrEqual(at);
      at = record.at;
      if (type !== RecordType.Binary) {
        kept++;
        if (type === RecordType.Text) texts.push(`${link} ${decodeText(bytes)}`);
        continue;
      }
      frames.set(link, (frames.get(link) ?? 0) + 1);
      for (const { token, version } of bytes.length < 2 ? [] : bodies(bytes)) {
        const sent = this.#packets[version]!;
        expect([sent.token, sent.link, sent.after]).toEqual([token, link, kept]);
        expect(version).toBeGreaterThan(seen.get(token) ?? -1);
        seen.set(token, version);
        delivered.add(version);
        this.#lossesAreTold(seen, delivered, lag);
      }
    }
    expect(texts).toEqual(this.#texts);
    expect(kept).toBe(this.#kept);
    for (const [version, { token }] of this.#packets.entries())
      expect(seen.get(token)).toBeGreaterThanOrEqual(version);
    for (const [link, { ticks, fullTicks, frames: lost }] of lag) {
      const missing = this.#packets.filter((sent, version) => sent.link === link && !delivered.has(version));
      expect([ticks, fullTicks]).toEqual([
        missing.length,
        missing.filter(({ length }) => length === 184).length,
      ]);
      expect((frames.get(link) ?? 0) + lost).toBe(this.#frames.get(link) ?? 0);
    }
  }

  /** What is older than what has come of its instrument comes no more: it has been told as lost. */
  #lossesAreTold(
    seen: ReadonlyMap<number, number>,
    delivered: ReadonlySet<number>,
    lag: ReadonlyMap<number, Dropped>,
  ): void {
    for (const [link, { ticks }] of lag) {
      const superseded = this.#packets.filter(
        (sent, version) =>
          sent.link === link && version < (seen.get(sent.token) ?? -1) && !delivered.has(version),
      );
      expect(ticks).toBeGreaterThanOrEqual(superseded.length);
    }
  }
}

test('of a peer that invents instruments, or sends packets of great length, no more waits than an account could have', () => {
  const { outbox, fill, drainAll, read } = bench(64 * 1024);
  fill();
  for (let token = 1; token <= 20_000; token++) outbox.frame(1, 1, encodeFrame([packet(token, 1, 8)]));
  outbox.frame(1, 1, encodeFrame([packet(20_001, 1, 1025), packet(7, 2, 8)]));
  drainAll();
  const told = words(read.filter(({ link }) => link === 1));
  const kept = told.flatMap((word) => (word.includes(' frame ') ? (word.match(/\d+@\d+/g) ?? []) : []));
  expect(kept).toHaveLength(16_384);
  expect(kept).toContain('7@2');
  const lost = told.map((word) => Number(/lag (\d+) ticks/.exec(word)?.[1] ?? 0));
  expect(lost.reduce((sum, ticks) => sum + ticks, 0)).toBe(20_002 - 16_384);
});
