import { describe, expect, test } from 'vitest';
import { DemandServer, Subjects } from '@kite/nats';
import { type Gap, type KiteErrorCode, type Mode } from '@kite/protocol';
import { codeOf, collect, INFY, instruments, ltpFrame, RELIANCE, settled } from '@kite/testkit';

import { encodeDemand } from '../../src/wire/demand-message.js';
import { BusBench } from '../support/bus-bench.js';
import { FakeManager } from '../support/fake-manager.js';
import { MemoryBus, MemoryLeases } from '../support/memory-bus.js';

function bench(capacity?: number) {
  const one = new BusBench();
  const { clock, server, feed, publish } = one;
  const issues: KiteErrorCode[] = [];
  const serve = (manager = new FakeManager(clock, capacity)) => {
    const bus = new MemoryBus(server);
    const openLeases = async () => (server.leases ??= new MemoryLeases());
    const onIssue = (code: KiteErrorCode): void => void issues.push(code);
    const demand = new DemandServer({ manager, bus, subjects: new Subjects(), openLeases, onIssue });
    return { manager, bus, demand };
  };
  /** The call, with the time that it takes. */
  const done = async (call: Promise<void>): Promise<void> => {
    call.catch(() => undefined);
    await clock.advance(200);
    await call;
  };
  const read = (name: string, bus?: MemoryBus) => one.read(name, bus);
  return { clock, server, feed, publish, issues, serve, done, read };
}

const modes = (entries: [number, Mode][]): Map<number, Mode> => new Map(entries);

describe('the collector subscribes', () => {
  test('to the union of what programs want, in the highest mode', async () => {
    const { serve, read, done } = bench();
    const { manager } = serve();
    const [one, two] = [read('one'), read('two')];
    await done(one.subscribeSymbols([INFY], 'full'));
    await done(two.subscribeSymbols([INFY, RELIANCE], 'ltp'));
    expect(manager.subscriptions).toEqual(
      modes([
        [INFY, 'full'],
        [RELIANCE, 'ltp'],
      ]),
    );
    await done(one.changeMode([INFY], 'quote'));
    expect(manager.subscriptions.get(INFY)).toBe('quote');
    await done(one.unsubscribeSymbols([INFY]));
    expect(manager.subscriptions).toEqual(
      modes([
        [INFY, 'ltp'],
        [RELIANCE, 'ltp'],
      ]),
    );
    await done(two.replaceSymbols(new Map()));
    expect(manager.subscriptions.size).toBe(0);
  });

  test('to what the last call says of each instrument, though an earlier one still waits for its answer', async () => {
    const { server, serve, read, clock } = bench();
    // Nobody answers: a call waits for 3 s.
    server.leases = new MemoryLeases();
    const one = read('one');
    const begun = one.replaceSymbols(modes([[INFY, 'ltp']]));
    await clock.advance(3000);
    await begun;
    const first = one.replaceSymbols(modes([[RELIANCE, 'ltp']]));
    await clock.advance(1000);
    const second = one.subscribeSymbols([3], 'ltp');
    await clock.advance(1000);
    const third = one.subscribeSymbols([INFY], 'ltp');
    await clock.advance(3000);
    await Promise.all([first, second, third]);
    expect([...one.subscriptions.keys()].sort()).toEqual([3, INFY, RELIANCE].sort());
    const fourth = one.replaceSymbols(modes([[INFY, 'ltp']]));
    const fifth = one.subscribeSymbols([5], 'ltp');
    await clock.advance(3000);
    await Promise.all([fourth, fifth]);
    const { manager } = serve();
    await clock.advance(4000);
    const left = modes([
      [INFY, 'ltp'],
      [5, 'ltp'],
    ]);
    expect(new Map(one.subscriptions)).toEqual(left);
    expect(manager.subscriptions).toEqual(left);
  });

  test('within a second, in one turn for all that is stated together', async () => {
    const { serve, read, clock } = bench();
    const { manager } = serve();
    await settled();
    const programs = ['a', 'b', 'c'].map((name) => read(name));
    for (const [index, program] of programs.entries()) void program.subscribeSymbols([INFY, index + 1]);
    await clock.advance(1000);
    expect(manager.subscriptions.size).toBe(4);
    expect(manager.turns).toBe(1);
    // What is renewed asks for nothing.
    await clock.advance(30_000);
    expect(manager.turns).toBe(1);
  });

  test('also to what was stated before it began, and again after the server was gone', async () => {
    const { serve, read, server, clock } = bench();
    server.leases = new MemoryLeases();
    const program = read('program');
    const subscribed = program.subscribeSymbols([INFY]);
    await clock.advance(3000);
    await subscribed;
    const { manager, bus } = serve();
    await clock.advance(200);
    expect(manager.subscriptions.size).toBe(1);
    bus.lose();
    await clock.advance(60_000);
    expect(manager.subscriptions.size).toBe(1);
    bus.return();
    await clock.advance(9000);
    expect(manager.subscriptions.size).toBe(1);
  });
});

describe('a demand ends', () => {
  test('at once with a program that is closed', async () => {
    const { serve, read, done, clock } = bench();
    const { manager } = serve();
    const program = read('program');
    await done(program.subscribeSymbols([INFY]));
    await program.close();
    await clock.advance(200);
    expect(manager.subscriptions.size).toBe(0);
  });

  test('with a program that is closed after it could not be renewed', async () => {
    const { serve, read, done, server, clock } = bench();
    serve();
    const bus = new MemoryBus(server);
    const program = read('program', bus);
    await done(program.subscribeSymbols([INFY]));
    server.leases!.isWorking = false;
    await clock.advance(3000);
    await program.close();
    expect(bus.isClosed).toBe(true);
  });

  test('10 s after a program was heard last, and not before', async () => {
    const { serve, read, done, server, clock } = bench();
    const { manager, demand } = serve();
    const program = read('program');
    await done(program.subscribeSymbols([INFY]));
    await clock.advance(60_000);
    expect(demand.getStats().programs).toEqual([{ program: 'program.1', symbolCount: 1 }]);
    server.leases!.isWorking = false;
    await clock.advance(7000);
    expect(manager.subscriptions.size).toBe(1);
    await clock.advance(7000);
    expect(manager.subscriptions.size).toBe(0);
    server.leases!.isWorking = true;
    await clock.advance(4000);
    expect(manager.subscriptions.size).toBe(1);
  });

  test('and begins again with a gap, for what nobody else has wanted meanwhile', async () => {
    const { serve, read, done, server, clock, feed, publish } = bench();
    serve();
    publish();
    const [program, other] = [read('program'), read('other')];
    const gaps: Gap[] = [];
    program.on('gap', ({ from, to, reason, instrumentTokens }) =>
      gaps.push({ from, to, reason, ...(instrumentTokens && { instrumentTokens }) }),
    );
    await done(program.subscribeSymbols([INFY, RELIANCE], 'ltp'));
    await done(other.subscribeSymbols([RELIANCE], 'ltp'));
    feed.frame(ltpFrame([INFY, RELIANCE]));
    await clock.advance(1000);
    server.leases!.isWorking = false;
    await clock.advance(14_000);
    const lapsedBefore = clock.now();
    feed.frame(ltpFrame([RELIANCE]));
    server.leases!.isWorking = true;
    await clock.advance(4000);
    expect(gaps).toMatchObject([{ reason: 'the demand was not renewed in time', instrumentTokens: [INFY] }]);
    const [{ from, to }] = gaps as [Gap];
    expect(from).toBeGreaterThan(lapsedBefore - 7000);
    expect(from).toBeLessThan(lapsedBefore);
    expect(to).toBeGreaterThan(lapsedBefore);
    await clock.advance(20_000);
    expect(gaps).toHaveLength(1);
  });

  test('not because the collector itself was blocked, though for longer than 10 s', async () => {
    const { serve, read, done, clock } = bench();
    const { manager } = serve();
    await done(read('program').subscribeSymbols([INFY]));
    clock.block(30_000);
    await clock.advance(10_000);
    expect([...manager.subscriptions.keys()]).toEqual([INFY]);
    expect(manager.turns).toBe(1);
  });

  test('with the collector, which leaves nothing behind', async () => {
    const { serve, read, done, clock } = bench();
    const { manager, bus, demand } = serve();
    const program = read('program');
    await done(program.subscribeSymbols([INFY]));
    await Promise.all([demand.close(), demand.close()]);
    expect(manager.subscriptions.size).toBe(0);
    expect(bus.isClosed).toBe(true);
    await program.close();
    expect(clock.pending).toBeLessThanOrEqual(2); // of the bench's own reader
  });
});

describe('beyond capacity', () => {
  test('a demand fails for the program that made it last, with the error of the collector, and nothing has changed', async () => {
    const { serve, read, done, clock } = bench(3);
    const { manager, demand } = serve();
    const [one, two] = [read('one'), read('two')];
    await done(one.subscribeSymbols([INFY, RELIANCE]));
    await done(two.subscribeSymbols([1]));
    const refused: unknown = await done(
      two.replaceSymbols(
        modes([
          [2, 'ltp'],
          [3, 'ltp'],
        ]),
      ),
    ).catch((e: unknown) => e);
    expect(refused).toMatchObject({ code: 'KITE_MANAGER_CAPACITY', requested: 4, available: 0 });
    expect(await codeOf(done(two.subscribeSymbols(instruments(2))))).toBe('KITE_MANAGER_CAPACITY');
    expect([...two.subscriptions]).toEqual([[1, 'quote']]);
    expect(new Set(manager.subscriptions.keys())).toEqual(new Set([INFY, RELIANCE, 1]));
    expect(demand.getStats().refused).toBe(2);
    await done(one.unsubscribeSymbols([INFY]));
    await done(two.subscribeSymbols([2]));
    await clock.advance(10_000);
    expect(new Set(manager.subscriptions.keys())).toEqual(new Set([RELIANCE, 1, 2]));
  });

  test('a demand that one message of the server cannot hold fails, and nothing has changed', async () => {
    const { serve, read, done, server } = bench();
    const { manager } = serve();
    const bus = new MemoryBus(server);
    const reader = read('one', bus);
    bus.maxBytes = 1000;
    await done(reader.subscribeSymbols([INFY]));
    expect(await codeOf(done(reader.subscribeSymbols(instruments(200))))).toBe('KITE_NATS_DEMAND_REFUSED');
    expect([...reader.subscriptions.keys()]).toEqual([INFY]);
    expect([...manager.subscriptions.keys()]).toEqual([INFY]);
  });

  test('a collector that has less room than the one before tells it in the stream, once', async () => {
    const { serve, read, done, clock } = bench(2);
    const { demand } = serve();
    const program = read('program');
    await done(program.subscribeSymbols([INFY, RELIANCE]));
    const messages = collect(program.messages());
    await demand.close();
    serve(new FakeManager(clock, 1));
    await clock.advance(20_000);
    expect(messages.filter(({ type }) => type === 'issue')).toMatchObject([
      { issue: { code: 'KITE_MANAGER_CAPACITY' } },
    ]);
    expect(program.subscriptions.size).toBe(2);
  });
});

test('where no collector serves demand a call does not wait; where one is silent it waits 3 s', async () => {
  const { read, server, clock } = bench();
  await read('one').subscribeSymbols([INFY]);
  server.leases = new MemoryLeases();
  let isDone = false;
  void read('two')
    .subscribeSymbols([INFY])
    .then(() => (isDone = true));
  await clock.advance(2999);
  expect(isDone).toBe(false);
  await clock.advance(1);
  expect(isDone).toBe(true);
});

test('what is no demand is answered, and harms nobody', async () => {
  const { serve, read, done, server, clock } = bench();
  const { manager } = serve();
  await settled();
  await server.leases!.put('stranger', new Uint8Array([1]));
  await done(read('one').subscribeSymbols([INFY]));
  await clock.advance(1000);
  expect(manager.subscriptions.size).toBe(1);
});

test('names that somebody invents end at 1000 programs; those that are served already still are', async () => {
  const { serve, read, server, clock, done } = bench();
  server.leases = new MemoryLeases();
  const { manager, demand } = serve();
  const program = read('program');
  await done(program.subscribeSymbols([INFY]));
  const statement = encodeDemand(modes([[RELIANCE, 'ltp']]));
  for (let index = 0; index < 1200; index++) await server.leases.put(`forged${index}.1`, statement);
  await clock.advance(200);
  expect([demand.getStats().programs.length, demand.getStats().refused]).toEqual([1000, 201]);
  await done(program.changeMode([INFY], 'full'));
  expect(manager.subscriptions.get(INFY)).toBe('full');
});
