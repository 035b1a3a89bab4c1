import { describe, expect, test } from 'vitest';
import {
  type Channel,
  ChannelId,
  type Gap,
  KiteError,
  type RawFrame,
  systemClock,
  type TickerMessage,
} from '@kite/connection';
import { fullFrame, INFY, ltpFrame, RELIANCE, VirtualClock } from '@kite/testkit';

import { joined, Outlets } from '../../src/channel/outlets.js';
import { Hub } from '../../src/feed/hub.js';

const LAG = { ticks: 7, fullTicks: 3, frames: 2 };

function bench({ rawOnly = false, clock = systemClock } = {}) {
  const hub = new Hub({ channelId: ChannelId.Connection2, clock });
  const outlets = new Outlets(joined([hub]), {
    clock: systemClock,
    rawOnly,
    divisors: {},
    parserBufferSize: 100,
    connectionBufferSize: 100,
    capacityTicks: 100_000,
    capacityBytes: 1e9,
  });
  return { hub, outlets };
}

async function taken<T>(channel: Channel<T>): Promise<T[]> {
  const items: T[] = [];
  while (channel.size > 0) items.push((await channel.recv()) as T);
  return items;
}

describe('data that was lost before it reached the hub', () => {
  test('is told to listeners, and on every channel right before the next data', async () => {
    const { hub, outlets } = bench();
    const channels = {
      messages: outlets.messages(),
      conflated: outlets.messages({ overflow: 'conflate' }),
      ticks: outlets.ticks(),
      conflatedTicks: outlets.ticks({ overflow: 'conflate' }),
      frames: outlets.rawFrames(),
      fullRaw: outlets.fullRaw(),
    };
    const heard: TickerMessage[] = [];
    const frames: RawFrame[] = [];
    hub.on('lagged', (message) => heard.push(message));
    hub.on('frame', (frame) => frames.push(frame));

    hub.frame(fullFrame([INFY]), 1);
    for (const channel of Object.values(channels)) await channel.recv();
    hub.text('{"type":"message","data":"in between"}', 2);
    hub.dropped(LAG, 2.5);
    hub.frame(fullFrame([INFY, RELIANCE]), 3);
    hub.frame(ltpFrame([INFY]), 4);

    expect(heard).toMatchObject([
      { type: 'lagged', dropped: 7, channelId: ChannelId.Connection2, receivedAt: 2.5 },
    ]);
    expect(frames.map(({ dropped }) => dropped)).toEqual([0, 2, 0]);
    expect((await taken(channels.messages)).map(({ type }) => type)).toEqual([
      'message',
      'lagged',
      'ticks',
      'ticks',
    ]);
    expect((await taken(channels.conflated)).map(({ type }) => type)).toContain('lagged');
    expect((await taken(channels.ticks)).map(({ dropped }) => dropped)).toEqual([7, 0]);
    // One more: the newer tick of INFY replaced the one before it.
    expect((await taken(channels.conflatedTicks)).map(({ dropped }) => dropped)).toEqual([8]);
    expect((await taken(channels.frames)).map(({ dropped }) => dropped)).toEqual([2, 0]);
    expect((await taken(channels.fullRaw)).map(({ dropped }) => dropped)).toEqual([3, 0]);
    expect(Object.values(channels).map(({ dropped }) => dropped)).toEqual([7, 8, 7, 8, 2, 3]);
  });

  test('counts as received and as dropped, once for all channels', () => {
    const { hub, outlets } = bench();
    outlets.ticks();
    outlets.messages();
    hub.frame(ltpFrame([INFY]), 1);
    hub.dropped(LAG, 1);
    expect(hub.stats(0)).toMatchObject({ messagesReceived: 3, ticksReceived: 8, droppedTicks: 7 });
  });

  test('is no message where no ticks were lost, or none are wanted', async () => {
    const lost = bench();
    const messages = lost.outlets.messages();
    lost.hub.dropped({ ticks: 0, fullTicks: 0, frames: 1 }, 1);
    expect(await taken(messages)).toEqual([]);

    const raw = bench({ rawOnly: true });
    const withoutTicks = raw.outlets.messages();
    raw.hub.dropped(LAG, 1);
    raw.hub.text('{"type":"message","data":"next"}', 1);
    expect((await taken(withoutTicks)).map(({ type }) => type)).toEqual(['message']);
  });

  test('shows that the connection lived then: a gap begins there, not at the last frame that came here', () => {
    const { hub } = bench();
    const gaps: TickerMessage[] = [];
    hub.on('gap', (message) => gaps.push(message));

    hub.state('open', 1000, undefined);
    hub.frame(fullFrame([INFY]), 2000);
    for (const at of [4500, 7000]) hub.dropped({ ticks: 0, fullTicks: 0, frames: 1 }, at);
    hub.frame(fullFrame([INFY]), 9000);
    hub.state('waiting', 9500, undefined);
    hub.state('open', 12_000, undefined);

    expect(gaps).toMatchObject([{ from: 9000, to: 12_000 }]);
  });
});

test('a gap stands on the next frame that a listener gets, and on no other', () => {
  const { hub } = bench();
  const frames: RawFrame[] = [];
  hub.on('frame', (frame) => frames.push(frame));
  const gap = { from: 1, to: 2, reason: 'lost' };
  hub.frame(ltpFrame([INFY]), 1);
  hub.missed(gap);
  hub.frame(ltpFrame([INFY]), 3);
  hub.frame(ltpFrame([INFY]), 4);
  expect(frames.map((frame) => frame.gap)).toEqual([undefined, gap, undefined]);
});

describe('frames that are read late, after the clock on the wall was set back', () => {
  test('leave the gap that follows as long as the outage', () => {
    const clock = new VirtualClock();
    const { hub } = bench({ clock });
    const gaps: Gap[] = [];
    hub.on('gap', ({ from, to, reason }) => gaps.push({ from, to, reason }));
    const opened = clock.now();
    hub.state('open', opened, undefined);
    clock.pass(16_000);
    clock.setBack(3_600_000);
    for (let at = opened + 500; at <= opened + 4000; at += 500) hub.frame(ltpFrame([INFY]), at);
    hub.state('waiting', clock.now(), new KiteError('KITE_CONNECTION_LOST', 'lost'));
    clock.pass(2000);
    hub.state('open', clock.now(), undefined);
    const outageMs = 16_000 - 4000 + 2000;
    expect(gaps).toEqual([{ from: clock.now() - outageMs, to: opened + 4000, reason: 'lost' }]);
  });
});
