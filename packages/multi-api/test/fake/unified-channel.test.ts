import { describe, expect, test } from 'vitest';
import {
  type AccountMessage,
  type Channel,
  ChannelId,
  type ChannelOptions,
  type Tick,
  type TickerMessage,
} from '@kite/multi-api';
import { INFY, ltpTick, VirtualClock } from '@kite/testkit';

import { type FeedAccount, UnifiedFeed } from '../../src/feed/unified-feed.js';

function account(apiKeyId: string): FeedAccount & { dropped: number[] } {
  const dropped = [0, 0, 0];
  return {
    apiKeyId,
    sources: ChannelId.all().map((channelId) => ({ channelId, apiKeyId })),
    dropped,
    heldBy: () => [],
    countDropped: (channelId, weight) => {
      dropped[channelId]! += weight;
    },
  };
}

const A = account('a');
const B = account('b');

function open(options: ChannelOptions = {}): { feed: UnifiedFeed; channel: Channel<AccountMessage> } {
  const feed = new UnifiedFeed({
    clock: new VirtualClock(),
    config: {
      parserBufferSize: 100,
      connectionBufferSize: 100,
      capacityTicks: 1000,
      capacityBytes: 1000,
      rawOnly: false,
      divisors: {},
    },
    replicas: 1,
    replicaWaitMs: 300,
    keepsLastOf: undefined,
    onFirstRead: () => undefined,
    onFramesWanted: () => undefined,
    onListenerFailed: () => undefined,
    failure: () => undefined,
  });
  return { feed, channel: feed.unified(options) };
}

function ticks(channelId: ChannelId, ...list: Tick[]): TickerMessage {
  return { type: 'ticks', ticks: list, channelId, receivedAt: 1 };
}

/** What can be read without waiting, in short. */
async function drain(channel: Channel<AccountMessage>): Promise<string[]> {
  const read: string[] = [];
  while (channel.size > 0) {
    const item = await channel.recv();
    if (!item) continue;
    const { apiKeyId, message } = item;
    const what =
      message.type === 'ticks'
        ? message.ticks.map(({ lastPrice }) => lastPrice).join('+')
        : message.type === 'lagged'
          ? `lagged ${message.dropped}`
          : message.type;
    read.push(`${apiKeyId}${message.channelId} ${what}`);
  }
  return read;
}

describe('a unified channel', () => {
  test('gives each message with its account and connection', async () => {
    const { feed, channel } = open();
    feed.deliver(A, ticks(0, ltpTick(1)));
    feed.deliver(B, ticks(2, ltpTick(2)));
    feed.deliver(B, { type: 'gap', from: 1, to: 2, reason: 'lost', channelId: 1, receivedAt: 1 });
    feed.deliver(account('c'), ticks(2, ltpTick(3)));
    expect(await drain(channel)).toEqual(['a0 1', 'b2 2', 'b1 gap', 'c2 3']);
  });

  test('keeps of an account that has left its name alone, for what it brought before', async () => {
    const { feed, channel } = open({ capacity: 2 });
    const leaver = account('c');
    feed.deliver(leaver, ticks(1, ltpTick(2)));
    feed.deliver(leaver, ticks(2, ltpTick(3)));
    feed.left(leaver);
    feed.deliver(A, ticks(0, ltpTick(1)));
    expect(channel.dropped).toBe(1);
    expect(leaver.dropped).toEqual([0, 0, 0]);
    expect(await drain(channel)).toEqual(['c1 lagged 1', 'c2 3', 'a0 1']);
  });

  test('conflates by connection of an account, and says what it cost', async () => {
    const { feed, channel } = open({ overflow: 'conflate' });
    const other = 738561;
    feed.deliver(A, ticks(1, ltpTick(1), ltpTick(5, other)));
    feed.deliver(A, ticks(1, ltpTick(2)));
    feed.deliver(B, ticks(1, ltpTick(9, 256265)));
    expect(await drain(channel)).toEqual(['a1 lagged 1', 'a1 2+5', 'b1 9']);
    expect(channel.dropped).toBe(1);
  });

  test('never hands over an older tick of a replicated instrument after a newer one', async () => {
    const { feed, channel } = open({ overflow: 'conflate' });
    feed.deliver(B, ticks(0, ltpTick(1, 738561)));
    feed.deliver(A, ticks(0, ltpTick(1)));
    feed.deliver(B, ticks(0, ltpTick(2)));
    feed.deliver(A, ticks(0, ltpTick(3)));
    expect((await drain(channel)).filter((line) => !line.includes('lagged'))).toEqual(['b0 1', 'a0 3']);
  });

  test('counts what a slow consumer has lost to the connection that brought it', () => {
    const [first, second] = [account('a'), account('b')];
    const { feed } = open({ capacity: 1 });
    feed.deliver(first, ticks(2, ltpTick(1), ltpTick(2)));
    feed.deliver(second, ticks(1, ltpTick(3)));
    feed.deliver(second, ticks(0, ltpTick(4)));
    expect([first.dropped, second.dropped]).toEqual([
      [0, 0, 2],
      [0, 1, 0],
    ]);
  });

  test('marks what a slow consumer has lost, with the account and the connection that it came from', async () => {
    const { feed, channel } = open({ capacity: 2 });
    for (const [index, account] of [A, B, A, B].entries()) feed.deliver(account, ticks(0, ltpTick(index)));
    expect(channel).toMatchObject({ size: 2, capacity: 2, dropped: 2 });
    expect(await drain(channel)).toEqual(['b0 lagged 1', 'a0 lagged 1', 'a0 2', 'b0 3']);
  });

  test('is closed by leaving its loop, and gives no more', async () => {
    const { feed, channel } = open();
    feed.deliver(A, ticks(0, ltpTick(1)));
    feed.deliver(A, ticks(0, ltpTick(2)));
    for await (const item of channel) {
      expect(item.apiKeyId).toBe('a');
      break;
    }
    feed.deliver(A, ticks(0, ltpTick(3)));
    expect(await channel.recv()).toBeUndefined();
    {
      const { feed: other, channel: one } = open();
      await using another = one;
      other.deliver(A, ticks(0, ltpTick(1)));
      expect(another.size).toBe(1);
    }
  });

  test('takes only what was asked for', async () => {
    const { feed, channel } = open({ tokens: [INFY] });
    feed.deliver(A, ticks(0, ltpTick(1), ltpTick(2, 738561)));
    feed.deliver(B, ticks(0, ltpTick(3, 738561)));
    expect(await drain(channel)).toEqual(['a0 1']);
  });
});
