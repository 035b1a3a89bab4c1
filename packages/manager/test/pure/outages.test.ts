import { describe, expect, test } from 'vitest';
import { ChannelId } from '@kite/connection';
import { KiteError } from '@kite/protocol';
import { ltpFrame, VirtualClock } from '@kite/testkit';

import { Hub, type SourceStatus } from '../../src/connection-parts.js';
import { Outages } from '../../src/outages.js';

const INFY = 408_065;
const TCS = 2_953_217;

class Streamer {
  readonly channelId: ChannelId;
  readonly hub: Hub;
  currentStatus: SourceStatus = 'streaming';

  constructor(channelId: ChannelId, clock: VirtualClock) {
    this.channelId = channelId;
    this.hub = new Hub({ channelId, clock });
    this.hub.state('open', 1000, undefined);
  }

  lost(at: number, reason: string): void {
    this.currentStatus = 'down';
    this.hub.state('waiting', at, new KiteError('KITE_CONNECTION_LOST', reason));
  }
}

/** Three connections that stream, and hold nothing yet. */
function streaming() {
  const clock = new VirtualClock();
  const all = ChannelId.all().map((channelId) => new Streamer(channelId, clock)) as [
    Streamer,
    Streamer,
    Streamer,
  ];
  const outages = new Outages();
  for (const one of all) outages.started(one, []);
  return { all, outages };
}

describe('the outage of an instrument', () => {
  test('that moves to a connection which is lost before it has answered began where it was streamed last', () => {
    const { all, outages } = streaming();
    const [first, second, third] = all;
    second.hub.frame(ltpFrame([TCS]), 2000);
    first.hub.frame(ltpFrame([INFY]), 3000);
    first.lost(4000, 'lost first');
    outages.stopped(first, [INFY]);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    second.lost(4000, 'lost second');
    outages.stopped(second, [TCS, INFY]);
    outages.moved(
      [INFY, TCS].map((token) => ({ token, from: second.channelId, to: third.channelId })),
      all,
    );
    const gaps: object[] = [];
    third.hub.on('gap', (gap) => gaps.push(gap));
    third.hub.frame(ltpFrame([INFY, TCS]), 5000);
    expect(gaps).toMatchObject([
      { from: 3000, to: 5000, instrumentTokens: [INFY] },
      { from: 2000, to: 5000, instrumentTokens: [TCS] },
    ]);
  });

  test('that moves as its connection speaks again after a silence began before that: what waits there is not handed on', () => {
    const clock = new VirtualClock();
    const [first, second, third] = ChannelId.all().map((channelId) => new Streamer(channelId, clock)) as [
      Streamer,
      Streamer,
      Streamer,
    ];
    const all = [first, second, third];
    const outages = new Outages();
    outages.started(first, [INFY]);
    outages.started(second, []);
    const handed: object[] = [];
    for (const { hub } of all) {
      hub.on('gap', (gap) => handed.push(gap));
      hub.on('ticks', ({ ticks }) => handed.push(...ticks));
    }
    first.hub.frame(ltpFrame([INFY]), 2000);
    outages.stopped(first, [INFY]);
    outages.started(first, [INFY]);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    first.hub.frame(ltpFrame([INFY]), 7000);
    second.hub.frame(ltpFrame([INFY]), 7005);
    const tick = { instrumentToken: INFY };
    expect(handed).toMatchObject([tick, { from: 2000, to: 7005, instrumentTokens: [INFY] }, tick]);
  });

  test('of a connection that was lost while it seemed silent begins after what came meanwhile', () => {
    const { all, outages } = streaming();
    const [first, second] = all;
    first.hub.frame(ltpFrame([INFY]), 2000);
    first.currentStatus = 'down';
    outages.stopped(first, [INFY]);
    first.hub.frame(ltpFrame([INFY]), 4500);
    first.lost(4600, 'lost');
    outages.lost(first);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    const gaps: object[] = [];
    second.hub.on('gap', (gap) => gaps.push(gap));
    second.hub.frame(ltpFrame([INFY]), 7000);
    expect(gaps).toMatchObject([{ from: 4500, to: 7000, instrumentTokens: [INFY] }]);
  });

  test('of a connection that seems silent, though its status is behind its data, begins after what came meanwhile', () => {
    const { all, outages } = streaming();
    const [first, second] = all;
    first.hub.frame(ltpFrame([INFY]), 2000);
    first.currentStatus = 'down';
    outages.stopped(first, [INFY]);
    for (const at of [4500, 4600]) {
      first.hub.frame(ltpFrame([INFY]), at);
      outages.lost(first);
    }
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    const gaps: object[] = [];
    second.hub.on('gap', (gap) => gaps.push(gap));
    second.hub.frame(ltpFrame([INFY]), 7000);
    expect(gaps).toMatchObject([{ from: 4600, to: 7000, instrumentTokens: [INFY] }]);
  });

  test('that moves there and back covers all that is dropped, its first and its last millisecond included', () => {
    const { all, outages } = streaming();
    const [first, second] = all;
    const [there, back] = [
      { token: INFY, from: first.channelId, to: second.channelId },
      { token: INFY, from: second.channelId, to: first.channelId },
    ];
    const handed: object[] = [];
    for (const { hub } of all) {
      hub.on('gap', (gap) => handed.push(gap));
      hub.on('ticks', (ticks) => handed.push(ticks));
    }
    const frame = ({ hub }: Streamer, at: number): void => {
      hub.frame(ltpFrame([INFY]), at);
    };

    frame(first, 2000);
    outages.moved([there], all);
    first.hub.handover.told();
    frame(first, 2000);
    outages.moved([back], all);
    for (const at of [2000, 2999, 3000]) frame(first, at);
    first.hub.asked(first.hub.handover.revision);
    frame(first, 3000);
    expect(handed).toMatchObject([
      { type: 'ticks', receivedAt: 2000 },
      { type: 'gap', from: 2000, to: 3000, instrumentTokens: [INFY] },
      { type: 'ticks', receivedAt: 3000 },
    ]);

    handed.length = 0;
    outages.moved([there], all);
    first.hub.handover.told();
    for (const at of [3000, 4000]) frame(first, at);
    frame(second, 4000);
    frame(first, 4000);
    expect(handed).toMatchObject([
      { type: 'gap', from: 3000, to: 4000, instrumentTokens: [INFY] },
      { type: 'ticks', receivedAt: 4000 },
    ]);
  });

  test('that moves as its connection opens is not handed on from there: the new socket may have been asked for it', () => {
    const clock = new VirtualClock();
    const all = ChannelId.all().map((channelId) => new Streamer(channelId, clock));
    const [first, second] = all as [Streamer, Streamer, Streamer];
    const outages = new Outages();
    first.lost(2000, 'lost');
    outages.stopped(first, [INFY]);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    first.hub.state('open', 3001, undefined);
    const ticks: object[] = [];
    first.hub.on('ticks', (message) => ticks.push(message));
    first.hub.frame(ltpFrame([INFY]), 3002);
    expect(ticks).toEqual([]);
  });

  test('of a connection that opened anew, and brought nothing of it, ends with that gap if it falls silent and goes on, or opens once more', () => {
    const { all, outages } = streaming();
    const [first] = all;
    const gaps: object[] = [];
    first.hub.on('gap', (gap) => gaps.push(gap));
    const opened = (at: number): void => {
      first.hub.state('open', at, undefined);
      first.hub.opened([INFY]);
      first.currentStatus = 'streaming';
      outages.started(first, [INFY]);
    };
    first.hub.frame(ltpFrame([INFY]), 2000);
    first.lost(3000, 'lost');
    outages.stopped(first, [INFY]);
    opened(4000);
    first.currentStatus = 'down';
    outages.stopped(first, [INFY]);
    first.currentStatus = 'streaming';
    outages.started(first, [INFY]);
    first.lost(8000, 'lost again');
    outages.stopped(first, [INFY]);
    opened(9000);
    first.hub.frame(ltpFrame([INFY]), 9500);
    expect(gaps).toMatchObject([
      { from: 2000, to: 4000 },
      { from: 4000, to: 9000 },
    ]);
    expect(gaps).toHaveLength(2);
  });

  test.each([
    ['what came', 6500, 6500],
    ['what came before a long silence', 7500, 4000],
  ])('that was heard of in the end, before its connection was lost, begins after %s', (_, heardAt, from) => {
    const { all, outages } = streaming();
    const [first, second] = all;
    first.hub.frame(ltpFrame([INFY]), 2000);
    first.lost(3000, 'lost');
    outages.stopped(first, [INFY]);
    first.hub.state('open', 4000, undefined);
    first.hub.opened([INFY]);
    first.currentStatus = 'streaming';
    outages.started(first, [INFY]);
    first.currentStatus = 'down';
    outages.stopped(first, [INFY]);
    first.hub.frame(ltpFrame([INFY]), heardAt);
    first.lost(heardAt + 100, 'lost again');
    outages.lost(first);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    const gaps: object[] = [];
    second.hub.on('gap', (gap) => gaps.push(gap));
    second.hub.frame(ltpFrame([INFY]), 9000);
    expect(gaps).toMatchObject([{ from, to: 9000, instrumentTokens: [INFY] }]);
  });

  test('that is heard of while nobody knows yet that its connection streams again is told once', () => {
    const { all, outages } = streaming();
    const [first, second] = all;
    first.hub.frame(ltpFrame([INFY]), 2000);
    first.lost(3000, 'lost');
    outages.stopped(first, [INFY]);
    outages.moved([{ token: INFY, from: first.channelId, to: second.channelId }], all);
    second.currentStatus = 'down';
    outages.stopped(second, [INFY]);
    const gaps: object[] = [];
    second.hub.on('gap', (gap) => gaps.push(gap));
    second.hub.frame(ltpFrame([INFY]), 5000);
    second.currentStatus = 'streaming';
    outages.started(second, [INFY]);
    second.hub.frame(ltpFrame([INFY]), 6000);
    expect(gaps).toMatchObject([{ from: 2000, to: 5000, instrumentTokens: [INFY] }]);
  });
});
