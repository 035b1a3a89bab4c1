import { describe, expect, test } from 'vitest';
import type { Subscriber, TickerMessage } from '@kite/manager';
import { decodeFrame, type Gap, type RawFrame } from '@kite/protocol';
import { fullFrame, HEARTBEAT, ltpFrame } from '@kite/testkit';

import type { FakePeer } from '../support/fake-market.js';
import { A, B, bench, C, read, ticksOf } from '../support/subscriber-bench.js';

describe('a subscriber', () => {
  test('sees its own instruments alone, and the manager sees all', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber('pairs');
    const [own, all] = [subscriber.ticks(), it.manager.ticks()];
    const heard: number[] = [];
    subscriber.on('ticks', ({ ticks }) => heard.push(...ticks.map(({ instrumentToken }) => instrumentToken)));
    await subscriber.subscribeSymbols([A], 'ltp');
    await it.manager.subscribeSymbols([B], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A, B], 7));
    it.peer.frame(ltpFrame([B], 8));
    expect(ticksOf(own)).toEqual(['A ltp 7']);
    expect(heard).toEqual([A]);
    expect(ticksOf(all)).toEqual(['A ltp 7', 'B ltp 7', 'B ltp 8']);
    expect([...it.manager.subscriptions.keys()].sort()).toEqual([A, B]);
    expect([...subscriber.subscriptions]).toEqual([[A, 'ltp']]);
  });

  test('raises the mode for all and lets it fall when it leaves; the calls of the manager do not take away what it wants', async () => {
    await using it = await bench();
    await it.manager.subscribeSymbols([A], 'ltp');
    const subscriber = it.manager.subscriber();
    await subscriber.subscribeSymbols([A], 'full');
    expect(it.manager.subscriptions.get(A)).toBe('full');
    await it.manager.unsubscribeSymbols([A]);
    await it.manager.replaceSymbols(new Map([[B, 'ltp']]));
    expect([...it.manager.subscriptions]).toEqual([
      [A, 'full'],
      [B, 'ltp'],
    ]);
    await it.manager.subscribeSymbols([A], 'quote');
    await subscriber.close();
    expect(it.manager.subscriptions.get(A)).toBe('quote');
  });

  test('that joins an instrument begins with its last known tick, even if its channel is opened after the call', async () => {
    await using it = await bench();
    const first = it.manager.subscriber('first');
    await first.subscribeSymbols([A, B], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A], 7));
    const second = it.manager.subscriber('second');
    await second.subscribeSymbols([A, B], 'ltp');
    const channel = second.ticks();
    expect(ticksOf(channel)).toEqual([]);
    await it.turn();
    expect(ticksOf(channel)).toEqual(['A ltp 7']);
    await second.subscribeSymbols([A], 'ltp');
    await it.turn();
    expect(ticksOf(channel)).toEqual([]);
  });

  test('that is the first begins with the last tick of what the manager streams, where last ticks are kept', async () => {
    await using it = await bench({ lastTicks: true });
    await it.manager.subscribeSymbols([A, B], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A], 7));
    const first = it.manager.subscriber('first');
    const channel = first.messages();
    await first.subscribeSymbols([A, B], 'ltp');
    await it.turn();
    expect(read(channel)).toMatchObject([
      {
        type: 'ticks',
        channelId: 0,
        receivedAt: it.clock.now() - 1,
        ticks: [{ instrumentToken: A, lastPrice: 7 }],
      },
    ]);
    await first.close();
    it.peer.frame(ltpFrame([B], 8));
    const second = it.manager.subscriber('second', { exact: true });
    const ticks = second.ticks();
    await second.subscribeSymbols([A, B], 'ltp');
    await it.turn();
    expect(ticksOf(ticks)).toEqual(['A ltp 7', 'B ltp 8']);
  });

  test('that is the first begins with what comes next, where no last ticks are kept', async () => {
    await using it = await bench();
    await it.manager.subscribeSymbols([A], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A], 7));
    const first = it.manager.subscriber('first');
    const channel = first.ticks();
    await first.subscribeSymbols([A], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A], 8));
    expect(ticksOf(channel)).toEqual(['A ltp 8']);
  });

  test('that joins while a newer tick comes gets that one alone', async () => {
    await using it = await bench();
    const first = it.manager.subscriber('first');
    await first.subscribeSymbols([A], 'ltp');
    await it.turn();
    it.peer.frame(ltpFrame([A], 7));
    const second = it.manager.subscriber('second');
    const channel = second.ticks();
    await second.subscribeSymbols([A], 'ltp');
    it.peer.frame(ltpFrame([A], 8));
    await it.turn();
    expect(ticksOf(channel)).toEqual(['A ltp 8']);
  });

  test('beyond the capacity is refused alone, and nothing changes for anybody', async () => {
    await using it = await bench({ maxSymbolsPerConnection: 2 });
    const [one, other] = [it.manager.subscriber('one'), it.manager.subscriber('other')];
    await one.subscribeSymbols([A, B], 'ltp');
    await other.subscribeSymbols([A], 'full');
    const before = [...it.manager.subscriptions];
    await expect(other.subscribeSymbols([C], 'ltp')).rejects.toMatchObject({ code: 'KITE_MANAGER_CAPACITY' });
    await expect(other.replaceSymbols(new Map([[C, 'ltp']]))).rejects.toMatchObject({
      ...{ code: 'KITE_MANAGER_CAPACITY', requested: 1, available: 0 },
    });
    expect([...it.manager.subscriptions]).toEqual(before);
    expect([...other.subscriptions]).toEqual([[A, 'full']]);
    await one.replaceSymbols(new Map([[C, 'quote']]));
    expect([...it.manager.subscriptions].sort()).toEqual([
      [A, 'full'],
      [C, 'quote'],
    ]);
  });

  test('is strict about modes within its own share', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber();
    await it.manager.subscribeSymbols([A], 'ltp');
    await expect(subscriber.changeMode([A], 'full')).rejects.toMatchObject({
      ...{ code: 'KITE_MANAGER_NOT_SUBSCRIBED', tokens: [A] },
    });
    await subscriber.subscribeSymbols([B], 'full');
    await expect(it.manager.changeMode([B], 'ltp')).rejects.toMatchObject({
      ...{ code: 'KITE_MANAGER_NOT_SUBSCRIBED', tokens: [B] },
    });
  });

  test('takes names where the manager does, and its errors use them', async () => {
    const names = new Map([['NSE:A', A]]);
    await using it = await bench({
      instruments: {
        tokenOf: (name) => names.get(name),
        nameOf: (token) => (token === A ? 'NSE:A' : undefined),
      },
    });
    const subscriber = it.manager.subscriber();
    await subscriber.subscribeSymbols(['NSE:A', B], 'ltp');
    await subscriber.replaceSymbols(new Map([['NSE:A', 'full']]));
    expect([...it.manager.subscriptions]).toEqual([[A, 'full']]);
    const other = it.manager.subscriber();
    await expect(other.changeMode(['NSE:A'], 'ltp')).rejects.toThrow('NSE:A');
    const channel = subscriber.ticks({ tokens: ['NSE:A'] });
    it.peer.frame(fullFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A full 7']);
  });

  test('that was closed wants nothing, ends its channels and refuses further calls by name', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber('pairs');
    await subscriber.subscribeSymbols([A]);
    const channel = subscriber.messages();
    await subscriber.close();
    await subscriber.close();
    expect(it.manager.subscriptions.size).toBe(0);
    await expect(channel.recv()).resolves.toBeUndefined();
    await expect(subscriber.ended).resolves.toBeUndefined();
    await expect(subscriber.ticks().recv()).resolves.toBeUndefined();
    await expect(subscriber.subscribeSymbols([A])).rejects.toMatchObject({
      ...{ code: 'KITE_MANAGER_SUBSCRIBER_CLOSED', message: expect.stringContaining("'pairs'") as string },
    });
  });

  test('gets every order and state, and the gaps that concern it with its own instruments alone', async () => {
    await using it = await bench({ failoverAfterMs: 1000 });
    const [one, none] = [it.manager.subscriber('one'), it.manager.subscriber('none')];
    await one.subscribeSymbols([A], 'ltp');
    await it.manager.subscribeSymbols([B], 'ltp');
    await it.turn();
    const channels = [one.messages(), none.messages()];
    it.peer.frame(ltpFrame([A], 7));
    it.peer.text(JSON.stringify({ type: 'order', data: { order_id: '1', status: 'OPEN' } }));
    it.peer.drop();
    await it.clock.advance(4000);
    const kinds = (messages: TickerMessage[]): string[] => messages.map(({ type }) => type);
    expect(kinds(read(channels[0]!))).toEqual(['ticks', 'order', 'state', 'state', 'state', 'gap']);
    expect(kinds(read(channels[1]!))).toEqual(['order', 'state', 'state', 'state']);
  });

  test('counts what it loses itself, and nobody else loses anything', async () => {
    await using it = await bench();
    const [slow, fast] = [it.manager.subscriber('slow'), it.manager.subscriber('fast')];
    await slow.subscribeSymbols([A], 'ltp');
    await fast.subscribeSymbols([A], 'ltp');
    await it.turn();
    const [few, all] = [slow.ticks({ capacity: 2 }), fast.ticks()];
    for (let price = 1; price <= 5; price++) it.peer.frame(ltpFrame([A], price));
    expect(few.dropped).toBe(3);
    expect(read(few).map(({ dropped }) => dropped)).toEqual([3, 0]);
    expect(all.dropped).toBe(0);
    expect(it.manager.getStats().connectionStats[0]!.droppedTicks).toBe(3);
  });

  test('whose listener throws is reported as an issue, and the others are still called', async () => {
    await using it = await bench();
    const [bad, good] = [it.manager.subscriber('bad'), it.manager.subscriber('good')];
    await bad.subscribeSymbols([A], 'ltp');
    await good.subscribeSymbols([A], 'ltp');
    await it.turn();
    const issues: unknown[] = [];
    it.manager.on('issue', ({ issue }) => issues.push(issue));
    bad.on('ticks', () => {
      throw new Error('of the user');
    });
    const channel = good.ticks();
    it.peer.frame(ltpFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A ltp 7']);
    expect(issues).toMatchObject([{ code: 'KITE_CONNECTION_LISTENER_FAILED' }]);
    expect(it.manager.getHealth().reasons.join()).toContain('ticks');
  });

  test('lives over a stop: its channels end, its subscriptions stay, and new channels work after the next start', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber();
    await subscriber.subscribeSymbols([A], 'ltp');
    const [channel, ended] = [subscriber.ticks(), subscriber.ended];
    const stopping = it.manager.stop();
    await it.clock.advance(100);
    await stopping;
    await expect(channel.recv()).resolves.toBeUndefined();
    await expect(ended).resolves.toBeUndefined();
    const starting = it.manager.start();
    await it.clock.advance(500);
    await starting;
    const again = subscriber.ticks();
    expect(subscriber.ended).not.toBe(ended);
    it.peer.frame(ltpFrame([A], 9));
    expect(ticksOf(again)).toContain('A ltp 9');
  });

  test('hears why nothing can come any more', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber();
    const channel = subscriber.ticks();
    it.market.answer = () => ({ status: 400, body: 'no such api_key' });
    it.peer.drop();
    await it.clock.advance(400_000);
    await expect(channel.recv()).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
    await expect(subscriber.ended).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
  });
});

describe('a subscriber that takes exactly its mode', () => {
  /** One that wants ltp exactly, beside one that wants full. */
  async function exact(it: Awaited<ReturnType<typeof bench>>): Promise<Subscriber> {
    const subscriber = it.manager.subscriber('exact', { exact: true });
    await subscriber.subscribeSymbols([A], 'ltp');
    await it.manager.subscribeSymbols([A], 'full');
    await it.turn();
    return subscriber;
  }

  test('gets what its mode shows of a tick that shows more, and nothing twice', async () => {
    await using it = await bench();
    const channel = (await exact(it)).ticks();
    for (const price of [7, 7, 8, 8, 7]) it.peer.frame(fullFrame([A], price));
    expect(ticksOf(channel)).toEqual(['A ltp 7', 'A ltp 8', 'A ltp 7']);
  });

  test('gets repeats that the server sends in its own mode', async () => {
    await using it = await bench();
    const channel = (await exact(it)).ticks();
    it.peer.frame(ltpFrame([A], 7));
    it.peer.frame(ltpFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A ltp 7', 'A ltp 7']);
  });

  test('gets the same price again after a gap: only now it is known that nothing else was missed', async () => {
    await using it = await bench();
    const channel = (await exact(it)).ticks();
    it.peer.frame(fullFrame([A], 7));
    it.peer.drop();
    await it.clock.advance(4000);
    it.peer.frame(fullFrame([A], 7));
    it.peer.frame(fullFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A ltp 7', 'A ltp 7']);
  });

  /** The manager stops, and starts again. */
  async function restart(it: Awaited<ReturnType<typeof bench>>): Promise<void> {
    const stopping = it.manager.stop();
    await it.clock.advance(100);
    await stopping;
    const starting = it.manager.start();
    await it.clock.advance(500);
    await starting;
  }

  test('gets the same price again after a stop and a start: it may be of another day', async () => {
    await using it = await bench();
    const subscriber = await exact(it);
    it.peer.frame(fullFrame([A], 7));
    await restart(it);
    const channel = subscriber.ticks();
    it.peer.frame(fullFrame([A], 7));
    it.peer.frame(fullFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A ltp 7']);
  });

  test.each([
    [false, []],
    [true, ['A ltp 7']],
  ])(
    'that joins after a stop and a start begins with a tick from before only where last ticks are kept: %s',
    async (lastTicks, expected) => {
      await using it = await bench({ lastTicks });
      await exact(it);
      it.peer.frame(fullFrame([A], 7));
      await restart(it);
      const late = it.manager.subscriber({ exact: true });
      const channel = late.ticks();
      await late.subscribeSymbols([A], 'ltp');
      await it.turn();
      expect(ticksOf(channel)).toEqual(expected);
    },
  );

  test('that wants more of an instrument begins with what its new mode shows of the last known tick, once', async () => {
    await using it = await bench();
    const subscriber = await exact(it);
    const channel = subscriber.ticks();
    it.peer.frame(fullFrame([A], 7));
    await subscriber.changeMode([A], 'quote');
    await it.turn();
    it.peer.frame(fullFrame([A], 7));
    it.peer.frame(fullFrame([A], 8));
    expect(ticksOf(channel)).toEqual(['A ltp 7', 'A quote 7', 'A quote 8']);
    await subscriber.changeMode([A], 'ltp');
    await it.turn();
    it.peer.frame(fullFrame([A], 8));
    expect(ticksOf(channel)).toEqual([]);
  });

  test('that wants more of an instrument is shown the next tick where that comes first, once', async () => {
    await using it = await bench();
    const subscriber = await exact(it);
    const channel = subscriber.ticks();
    it.peer.frame(fullFrame([A], 7));
    await subscriber.subscribeSymbols([A], 'quote');
    it.peer.frame(fullFrame([A], 7));
    await it.turn();
    it.peer.frame(fullFrame([A], 7));
    expect(ticksOf(channel)).toEqual(['A ltp 7', 'A quote 7']);
  });

  test('begins with what its mode shows of the last known tick', async () => {
    await using it = await bench();
    await exact(it);
    it.peer.frame(fullFrame([A], 7));
    const late = it.manager.subscriber({ exact: true });
    await late.subscribeSymbols([A], 'quote');
    const channel = late.ticks();
    await it.turn();
    expect(ticksOf(channel)).toEqual(['A quote 7']);
  });
});

describe('the raw frames of a subscriber', () => {
  test('hold its own packets alone, byte for byte, and heartbeats', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber();
    const frames = subscriber.rawFrames();
    await subscriber.subscribeSymbols([A, C], 'full');
    await it.manager.subscribeSymbols([B], 'full');
    await it.turn();
    it.peer.frame(fullFrame([A, B, C], 7));
    it.peer.frame(fullFrame([B], 8));
    it.peer.frame(HEARTBEAT);
    const [own, heartbeat, ...rest] = read(frames);
    expect(own!.bytes).toEqual(fullFrame([A, C], 7));
    expect(heartbeat!.bytes).toEqual(HEARTBEAT);
    expect(rest).toEqual([]);
  });

  test('are heads of packets where it takes exactly its mode, without those that show nothing new', async () => {
    await using it = await bench();
    const subscriber = it.manager.subscriber({ exact: true });
    const frames = subscriber.rawFrames();
    await subscriber.subscribeSymbols([A], 'quote');
    await it.manager.subscribeSymbols([A], 'full');
    await it.turn();
    for (const price of [7, 7, 8]) it.peer.frame(fullFrame([A], price));
    const ticks = read(frames).flatMap(({ bytes }) => decodeFrame(bytes));
    expect(ticks.map(({ mode, lastPrice }) => [mode, lastPrice])).toEqual([
      ['quote', 7],
      ['quote', 8],
    ]);
  });
});

describe('the raw frames of a subscriber, of two connections', () => {
  /** A on connection 0, B on connection 1, both open; the subscriber wants what is named. */
  async function two(wanted: number[]) {
    const it = await bench({ maxConnections: 2, failoverAfterMs: 60_000 });
    await it.manager.subscribeSymbols([A], 'ltp');
    await it.manager.subscribeSymbols([B], 'ltp');
    const subscriber = it.manager.subscriber();
    const channel = subscriber.rawFrames();
    const heard: string[] = [];
    subscriber.on('frame', (frame) => heard.push(inShort(frame)));
    await subscriber.subscribeSymbols(wanted, 'ltp');
    await it.turn();
    const peerOf = (token: number): FakePeer =>
      it.market.connected.find(({ requests }) => requests.some((request) => request.includes(`${token}`)))!;
    /** The connection of this instrument is lost, and is back. */
    const cut = async (token: number): Promise<void> => {
      peerOf(token).drop();
      while (it.market.connected.length < 2) await it.clock.advance(500);
    };
    const frames = () => read(channel);
    return Object.assign(it, { subscriber, peerOf, cut, heard, frames });
  }

  const inShort = ({ bytes, gap }: RawFrame): string =>
    `${'AB'[(decodeFrame(bytes)[0]!.instrumentToken - A) / 256]}${gap ? ' after a gap' : ''}`;

  test('tell of a gap before the next frame of the connection that was lost, and of no other', async () => {
    await using it = await two([A, B]);
    await it.cut(A);
    it.peerOf(B).tick(B, 7);
    it.peerOf(A).tick(A, 7);
    it.peerOf(A).tick(A, 8);
    expect(it.heard).toEqual(['B', 'A after a gap', 'A']);
    expect(it.frames().map(inShort)).toEqual(['B', 'A after a gap', 'A']);
  });

  test('tell of two gaps before one frame as one that covers both', async () => {
    await using it = await two([A, B]);
    const gaps: Gap[] = [];
    const told: (Gap | undefined)[] = [];
    it.manager.on('gap', (gap) => gaps.push(gap));
    it.subscriber.on('frame', ({ gap }) => told.push(gap));
    await it.cut(A);
    await it.cut(A);
    it.peerOf(A).tick(A, 7);
    const [first, second, ...more] = gaps;
    const both = { from: first!.from, to: second!.to, reason: second!.reason };
    expect(more).toEqual([]);
    expect(told).toEqual([both]);
    expect(it.frames()).toEqual([expect.objectContaining({ gap: both })]);
  });

  test('tell of no gap of a connection that has none of its instruments', async () => {
    await using it = await two([B]);
    await it.cut(A);
    it.peerOf(B).tick(B, 7);
    expect(it.heard).toEqual(['B']);
    expect(it.frames().map(inShort)).toEqual(['B']);
  });
});

test('replacing every instrument at full capacity takes one call, removals first', async () => {
  await using it = await bench({ maxSymbolsPerConnection: 2 });
  await it.manager.subscribeSymbols([A, B], 'full');
  await it.turn();
  it.peer.requests.length = 0;
  await it.manager.replaceSymbols(
    new Map([
      [B, 'full'],
      [C, 'full'],
    ]),
  );
  await it.turn();
  expect(it.peer.requests).toEqual([`unsubscribe [${A}]`, `subscribe [${C}]`, `mode ["full",[${C}]]`]);
  expect([...it.manager.subscriptions.keys()]).toEqual([B, C]);
});

test('500 calls that await each other make a handful of requests, and the first one goes at once', async () => {
  await using it = await bench();
  for (let index = 0; index < 500; index++) {
    await it.manager.subscribeSymbols([A + 256 * index], 'full');
    if (index === 0) expect(it.peer.requests).toHaveLength(2);
  }
  await it.turn();
  expect(it.peer.requests).toHaveLength(4);
  expect(JSON.parse(it.peer.requests[2]!.slice('subscribe '.length))).toHaveLength(499);
  const leaving = it.manager.subscriptions.keys();
  for (const token of [...leaving]) await it.manager.unsubscribeSymbols([token]);
  await it.turn();
  expect(it.peer.requests).toHaveLength(6);
});

test('an option that a subscriber does not have is refused by name', async () => {
  await using it = await bench();
  expect(() => it.manager.subscriber({ exakt: true } as never)).toThrow(
    expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION', field: 'exakt' }),
  );
  expect(() => it.manager.subscriber(7 as never)).toThrow(
    expect.objectContaining({ code: 'KITE_MANAGER_INVALID_OPTION' }),
  );
});
