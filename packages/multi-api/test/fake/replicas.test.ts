import { describe, expect, test } from 'vitest';
import type { ChannelId, Tick, TickerMessage } from '@kite/multi-api';
import { fullTick, INFY, ltpTick, quoteTick, RELIANCE, VirtualClock } from '@kite/testkit';

import { Replicas, type ReplicaSource } from '../../src/feed/replicas.js';

const WAIT_MS = 300;

interface Source extends ReplicaSource {
  readonly held: number[];
}

/** Accounts with a connection each, and one line for each thing that the reader is told. */
class Bench {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly messages: TickerMessage[] = [];
  readonly replicas: Replicas<Source>;
  readonly #sources = new Map<string, Source>();
  readonly #beganAt = this.clock.now();

  constructor(ids: string, tokens: readonly number[] = [INFY], replicas = ids.length) {
    this.replicas = new Replicas<Source>({
      clock: this.clock,
      replicas,
      replicaWaitMs: WAIT_MS,
      hand: (source, message) => {
        this.messages.push(message);
        this.lines.push(...this.#linesOf(source, message));
      },
    });
    for (const id of ids) this.#sources.set(id, { apiKeyId: id, heldBy: () => tokens, held: [...tokens] });
    for (const token of tokens)
      this.replicas.set(
        token,
        [...this.#sources.values()],
        () => false,
        () => false,
      );
    for (const id of ids) this.opens(id);
    this.lines.length = 0;
  }

  of(id: string): Source {
    return this.#sources.get(id)!;
  }

  /** The account has brought these in one frame. */
  ticks(id: string, ...ticks: Tick[]): void {
    this.#say(id, { type: 'ticks', ticks });
  }

  say(id: string, message: { type: 'lagged'; dropped: number }): void {
    this.#say(id, message);
  }

  opens(id: string): void {
    const source = this.of(id);
    this.replicas.streams(source, 0, source.held, this.clock.now());
  }

  resumes(id: string): void {
    this.replicas.streams(this.of(id), 0, this.of(id).held);
  }

  /** The account's socket is lost; the last data came this long before. */
  cut(id: string, agoMs = 0, isSilent = false): void {
    const outage = { from: this.clock.now() - agoMs, reason: `${id} lost` };
    this.replicas.stops(this.of(id), 0, this.of(id).held, outage, isSilent);
  }

  /** Nothing comes for two seconds: nothing is left to wait for. */
  rest(): void {
    this.clock.pass(2000);
  }

  /** What was told since the last call. */
  told(): string[] {
    return this.lines.splice(0);
  }

  #say(id: string, message: object): void {
    const received = { channelId: 0 as ChannelId, receivedAt: this.clock.now() };
    this.replicas.message(this.of(id), { ...message, ...received } as TickerMessage);
  }

  #linesOf({ apiKeyId }: Source, message: TickerMessage): string[] {
    if (message.type === 'ticks') return message.ticks.map((tick) => `${apiKeyId} ${tick.lastPrice}`);
    if (message.type !== 'gap') return [`${apiKeyId} ${message.type}`];
    const { from, to, reason, instrumentTokens } = message;
    return [
      `${apiKeyId} gap ${from - this.#beganAt}-${to - this.#beganAt} ${instrumentTokens?.join()} ${reason}`,
    ];
  }
}

/** The state of so many seconds after the first. */
function state(index: number): Tick {
  return fullTick(100 + index, 1000 + index, index);
}

describe('the newest state', () => {
  test('is delivered at once where its time shows that it is newer, also by an account that has just returned', () => {
    const bench = new Bench('ab');
    for (const id of 'ab') bench.ticks(id, state(0));
    bench.cut('b');
    bench.opens('b');
    bench.ticks('a', state(1));
    bench.ticks('b', state(3));
    expect(bench.told()).toEqual(['a 100', 'a 101', 'b 103']);
    bench.rest();
    expect(bench.clock.pending).toBe(0);
  });

  test('is delivered at once where it is a price alone, of an account that has just returned', () => {
    const bench = new Bench('ab');
    for (const id of 'ab') bench.ticks(id, ltpTick(100));
    bench.cut('b');
    bench.opens('b');
    bench.ticks('b', ltpTick(102));
    bench.ticks('a', ltpTick(102));
    expect(bench.told()).toEqual(['a 100', 'b 102']);
    bench.rest();
    expect(bench.clock.pending).toBe(0);
  });

  test('is told as too late after replicaWaitMs where nothing tells that it is the newest, with the time of its receipt', () => {
    const bench = new Bench('ab');
    bench.ticks('a', ltpTick(100));
    bench.ticks('b', ltpTick(102));
    bench.clock.pass(WAIT_MS - 1);
    expect(bench.told()).toEqual(['a 100']);
    bench.clock.pass(1);
    expect(bench.told()).toEqual([`b gap 0-0 ${INFY} replica too late`]);
    bench.rest();
    expect(bench.clock.pending).toBe(0);
  });

  test('of accounts that sample differently is never held back, no matter who is cut', () => {
    const bench = new Bench('ab');
    const shown: number[] = [];
    for (let index = 0; index < 60; index++) {
      bench.clock.pass(50);
      if (index % 10 === 9) {
        bench.cut('b');
        bench.opens('b');
      }
      bench.ticks(index % 2 === 0 ? 'a' : 'b', state(index));
      shown.push(100 + index);
      expect(bench.lines.at(-1)).toMatch(new RegExp(` ${100 + index}$`));
    }
    expect(bench.told().map((line) => Number(line.slice(2)))).toEqual(shown);
  });
});

describe('what an account that is slower brings', () => {
  test('after a faster one has returned with newer states is told as a gap of the time of its receipt', () => {
    const bench = new Bench('ab');
    for (const id of 'ab') bench.ticks(id, state(0));
    bench.cut('a');
    bench.opens('a');
    bench.ticks('a', state(4));
    bench.clock.pass(20);
    for (const index of [1, 2, 3, 4, 5]) bench.ticks('b', state(index));
    expect(bench.told()).toEqual([
      'a 100',
      'a 104',
      `b gap 20-20 ${INFY} replica too late`,
      `b gap 20-20 ${INFY} replica too late`,
      `b gap 20-20 ${INFY} replica too late`,
      'b 105',
    ]);
  });

  test('is one gap for all instruments of a frame', () => {
    const bench = new Bench('ab', [INFY, RELIANCE]);
    const both = (index: number): Tick[] => [state(index), { ...state(index), instrumentToken: RELIANCE }];
    for (const id of 'ab') bench.ticks(id, ...both(0));
    bench.cut('a');
    bench.opens('a');
    bench.ticks('a', ...both(4));
    bench.told();
    bench.ticks('b', ...both(2));
    expect(bench.told()).toEqual([`b gap 0-0 ${INFY},${RELIANCE} replica too late`]);
  });

  test.each([1000, 5500, 12_000])('is recognised %i ms later', (ms) => {
    const bench = new Bench('ab');
    for (const id of 'ab') bench.ticks(id, state(0));
    for (const index of [1, 2, 3]) bench.ticks('a', state(index));
    bench.cut('b', ms, true);
    bench.clock.pass(ms);
    bench.resumes('b');
    for (const index of [1, 2, 3]) bench.ticks('b', state(index));
    expect(bench.told()).toEqual(['a 100', 'a 101', 'a 102', 'a 103']);
  });

  test('does not turn prices back, with three accounts of which two return ahead of the third', () => {
    const bench = new Bench('abc');
    for (const id of 'abc') bench.ticks(id, state(0));
    for (const id of 'ac') bench.cut(id);
    for (const id of 'ac') bench.opens(id);
    for (const index of [2, 3, 4]) bench.ticks('c', state(index));
    for (const id of 'ab') for (const index of [1, 2, 3, 4]) bench.ticks(id, state(index));
    for (const id of 'abc') bench.ticks(id, state(5));
    const prices = bench.told().filter((line) => !line.includes('gap'));
    expect(prices).toEqual(['a 100', 'c 102', 'c 103', 'c 104', 'a 105']);
  });
});

test('a quiet instrument is not repeated when an account returns, whatever form the state comes in', () => {
  const bench = new Bench('ab');
  for (const id of 'ab') bench.ticks(id, state(0));
  bench.clock.pass(3_600_000);
  bench.cut('a');
  bench.opens('a');
  // Every subscription begins in the server's own mode.
  bench.ticks('a', quoteTick(100, 1000));
  bench.ticks('a', state(0));
  bench.clock.pass(10_000);
  expect(bench.told()).toEqual(['a 100']);
});

test('ticks of one frame stay one message, as it is where all of them are new', () => {
  const bench = new Bench('ab', [INFY, RELIANCE]);
  bench.ticks('a', state(0), { ...state(0), instrumentToken: RELIANCE });
  expect(bench.messages.filter(({ type }) => type === 'ticks')).toHaveLength(1);
});

describe('an outage', () => {
  test('of one copy that another one covers is not told', () => {
    const bench = new Bench('ab');
    bench.cut('a');
    bench.clock.pass(5000);
    bench.ticks('b', state(1));
    bench.opens('a');
    expect(bench.told()).toEqual(['b 101']);
  });

  test('begins when the last copy stops, from its last data, and ends when one streams again', () => {
    const bench = new Bench('ab');
    bench.cut('a');
    bench.clock.pass(5000);
    bench.cut('b', 1000);
    bench.clock.pass(2000);
    bench.opens('a');
    bench.clock.pass(2000);
    bench.opens('b');
    expect(bench.told()).toEqual([`a gap 4000-7000 ${INFY} b lost`]);
  });

  test('that becomes known later, of a socket that had been dead, is told as far as nobody covered it', () => {
    const bench = new Bench('ab');
    bench.clock.pass(1000);
    bench.cut('a');
    bench.clock.pass(2000);
    bench.opens('a');
    bench.clock.pass(4000);
    // Since before the other one was cut nothing has come.
    bench.cut('b', 6500);
    expect(bench.told()).toEqual([`b gap 1000-3000 ${INFY} b lost`]);
    bench.opens('b');
    expect(bench.told()).toEqual([]);
  });

  test('of a copy that goes on over the same socket is none', () => {
    const bench = new Bench('ab');
    bench.cut('a', 0, true);
    bench.cut('b', 0, true);
    bench.clock.pass(5000);
    bench.resumes('a');
    bench.resumes('b');
    expect(bench.told()).toEqual([]);
  });

  test('is told before the first tick where an account streams what it was given meanwhile', () => {
    const bench = new Bench('ab', [INFY], 2);
    bench.cut('a');
    bench.cut('b');
    bench.clock.pass(1000);
    bench.ticks('a', state(1));
    expect(bench.told()).toEqual([`a gap 0-1000 ${INFY} b lost`, 'a 101']);
  });
});

test('what is dropped on its way from an account is told, for others may have been shown other samples', () => {
  const bench = new Bench('ab');
  bench.say('a', { type: 'lagged', dropped: 3 });
  bench.say('b', { type: 'lagged', dropped: 3 });
  expect(bench.told()).toEqual(['a lagged', 'b lagged']);
});

test('who is first, by how much, and what only one brought', () => {
  const bench = new Bench('ab');
  for (let index = 0; index < 60; index++) {
    bench.ticks('a', state(index));
    bench.clock.pass(10);
    if (index < 20) bench.ticks('b', state(index));
    bench.clock.pass(1000);
  }
  const [a, b] = ['a', 'b'].map((id) => bench.replicas.stats(bench.of(id)));
  expect(a).toMatchObject({ apiKeyId: 'a', first: 20 });
  expect(a!.leadMs.p50).toBeCloseTo(10, 0);
  expect(a!.only).toBeGreaterThan(0);
  expect(b).toEqual({ apiKeyId: 'b', first: 0, leadMs: { p50: 0, p99: 0 }, only: 0 });
});
