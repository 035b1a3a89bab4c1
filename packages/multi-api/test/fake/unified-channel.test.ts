import { describe, expect, test } from 'vitest';
import { type ChannelId, type ChannelOptions, type Tick, type TickerMessage } from '@kite/multi-api';
import { INFY, ltpTick, VirtualClock } from '@kite/testkit';

import { type AccountNumber, UnifiedChannel } from '../../src/feed/unified-channel.js';

function account(apiKeyId: string, number: number): AccountNumber & { dropped: number[] } {
  const dropped = [0, 0, 0];
  return {
    apiKeyId,
    number,
    dropped,
    countDropped: (channelId, weight) => {
      dropped[channelId]! += weight;
    },
  };
}

const A = account('a', 0);
const B = account('b', 1);

function open(options: ChannelOptions = {}): UnifiedChannel {
  return new UnifiedChannel(options, 100, true, {
    clock: new VirtualClock(),
    onClosed: () => undefined,
  });
}

function ticks(channelId: ChannelId, ...list: Tick[]): TickerMessage {
  return { type: 'ticks', ticks: list, channelId, receivedAt: 1 };
}

/** What can be read without waiting, in short. */
async function drain(channel: UnifiedChannel): Promise<string[]> {
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
    const channel = open();
    channel.push(A, ticks(0, ltpTick(1)));
    channel.push(B, ticks(2, ltpTick(2)));
    channel.push(B, { type: 'gap', from: 1, to: 2, reason: 'lost', channelId: 1, receivedAt: 1 });
    channel.push(account('c', 7), ticks(2, ltpTick(3)));
    expect(await drain(channel)).toEqual(['a0 1', 'b2 2', 'b1 gap', 'c2 3']);
  });

  test('keeps of an account that has left its name alone, for what it brought before', async () => {
    const channel = open({ capacity: 2 });
    const leaver = account('c', 7);
    channel.push(leaver, ticks(1, ltpTick(2)));
    channel.push(leaver, ticks(2, ltpTick(3)));
    channel.left(leaver);
    channel.push(A, ticks(0, ltpTick(1)));
    expect(channel.dropped).toBe(1);
    expect(leaver.dropped).toEqual([0, 0, 0]);
    expect((await drain(channel)).slice(-2)).toEqual(['c2 3', 'a0 1']);
  });

  test('conflates by connection of an account, and says what it cost', async () => {
    const channel = open({ overflow: 'conflate' });
    const other = 738561;
    channel.push(A, ticks(1, ltpTick(1), ltpTick(5, other)));
    channel.push(A, ticks(1, ltpTick(2)));
    channel.push(B, ticks(1, ltpTick(9, 256265)));
    expect(await drain(channel)).toEqual(['a1 lagged 1', 'a1 2+5', 'b1 9']);
    expect(channel.dropped).toBe(1);
  });

  test('never hands over an older tick of a replicated instrument after a newer one', async () => {
    const channel = open({ overflow: 'conflate' });
    channel.push(B, ticks(0, ltpTick(1, 738561)));
    channel.push(A, ticks(0, ltpTick(1)));
    channel.push(B, ticks(0, ltpTick(2)));
    channel.push(A, ticks(0, ltpTick(3)));
    expect((await drain(channel)).filter((line) => !line.includes('lagged'))).toEqual(['b0 1', 'a0 3']);
  });

  test('counts what a slow consumer has lost to the connection that brought it', () => {
    const [first, second] = [account('a', 4), account('b', 5)];
    const channel = open({ capacity: 1 });
    channel.push(first, ticks(2, ltpTick(1), ltpTick(2)));
    channel.push(second, ticks(1, ltpTick(3)));
    channel.push(second, ticks(0, ltpTick(4)));
    expect([first.dropped, second.dropped]).toEqual([
      [0, 0, 2],
      [0, 1, 0],
    ]);
  });

  test('marks what a slow consumer has lost, whatever account it came from', async () => {
    const channel = open({ capacity: 2 });
    for (const [index, account] of [A, B, A, B].entries()) channel.push(account, ticks(0, ltpTick(index)));
    expect(channel).toMatchObject({ size: 2, capacity: 2, dropped: 2 });
    expect(await drain(channel)).toEqual(['a0 lagged 2', 'a0 2', 'b0 3']);
  });

  test('is closed by leaving its loop, and gives no more', async () => {
    const channel = open();
    channel.push(A, ticks(0, ltpTick(1)));
    channel.push(A, ticks(0, ltpTick(2)));
    for await (const item of channel) {
      expect(item.apiKeyId).toBe('a');
      break;
    }
    channel.push(A, ticks(0, ltpTick(3)));
    expect(await channel.recv()).toBeUndefined();
    {
      await using another = open();
      another.push(A, ticks(0, ltpTick(1)));
      expect(another.size).toBe(1);
    }
  });

  test('takes only what was asked for', async () => {
    const channel = open({ tokens: [INFY] });
    channel.push(A, ticks(0, ltpTick(1), ltpTick(2, 738561)));
    channel.push(B, ticks(0, ltpTick(3, 738561)));
    expect(await drain(channel)).toEqual(['a0 1']);
  });
});
