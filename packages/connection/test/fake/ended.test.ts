import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type Channel, isKiteError, type TickBatch } from '@kite/connection';
import { ltpFrame, settled, standing } from '@kite/testkit';

import { bench, type TickerBench } from '../support/ticker-bench.js';

const INFY = 408_065;

/** The server refuses the fixed token for good. */
async function failForGood({ clock, transport, ticker }: TickerBench): Promise<void> {
  transport.last.drop(1006, '');
  for (let attempt = 0; attempt < 5 && ticker.state !== 'failed'; attempt++) {
    await clock.advance(60_000);
    transport.last.refuse(400);
    await settled();
  }
  expect(ticker.state).toBe('failed');
}

/** A ticker that has opened once. */
async function opened(): Promise<TickerBench> {
  const b = bench({ maxReconnectAttempts: 2 });
  await b.open();
  return b;
}

describe('a ticker that has failed for good', () => {
  test('hands over what waits, then throws the reason once, in every channel', async () => {
    await using b = await opened();
    const [messages, ticks, frames] = [b.ticker.messages(), b.ticker.ticks(), b.ticker.rawFrames()];
    b.transport.last.binary(ltpFrame([INFY]));
    await failForGood(b);
    const read = async (): Promise<unknown[]> => {
      const types: unknown[] = [];
      for await (const { type } of messages) types.push(type);
      return types;
    };
    await expect(read()).rejects.toMatchObject({ code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' });
    expect(await ticks.recv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
    await expect(ticks.recv()).rejects.toSatisfy((error) => isKiteError(error));
    expect(await ticks.recv()).toBeUndefined();
    expect(await frames.recv()).toMatchObject({ dropped: 0 });
    await expect(frames.recv()).rejects.toSatisfy((error) => isKiteError(error));
  });

  test('rejects `ended` and what waits for an event; after a revival both are new', async () => {
    await using b = await opened();
    const { ended } = b.ticker;
    const reason = { code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' };
    const tick = expect(b.ticker.once('ticks')).rejects.toMatchObject(reason);
    await failForGood(b);
    await expect(ended).rejects.toMatchObject(reason);
    await tick;
    await b.ticker.updateCredentials({ accessToken: 'another' });
    await settled();
    b.transport.last.open();
    expect(b.ticker.ended).not.toBe(ended);
    const revived = b.ticker.ticks();
    b.transport.last.binary(ltpFrame([INFY]));
    expect(await revived.recv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
  });

  test('ends what is opened after it at once, with the reason', async () => {
    await using b = await opened();
    await failForGood(b);
    const reason = { code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED' };
    const reads = [b.ticker.messages(), b.ticker.ticks(), b.ticker.rawFrames()].map((one) => one.recv());
    for (const read of [...reads, b.ticker.once('ticks')]) await expect(read).rejects.toMatchObject(reason);
  });

  test.each(['updateCredentials', 'connect'] as const)(
    'ends nothing where a listener that hears of it calls %s()',
    async (call) => {
      await using b = await opened();
      const before = b.ticker.ticks();
      const { ended } = b.ticker;
      const channels: Channel<TickBatch>[] = [];
      b.ticker.on('state', ({ state }) => {
        if (state !== 'failed') return;
        channels.push(b.ticker.ticks());
        if (call === 'connect') b.begin();
        else void b.ticker.updateCredentials({ accessToken: 'another' });
      });
      b.transport.last.drop();
      while (channels.length === 0) {
        await b.clock.advance(60_000);
        b.transport.last.refuse(503);
      }
      await settled();
      expect(b.ticker.state).toBe('connecting');
      b.transport.last.open();
      b.transport.last.binary(ltpFrame([INFY]));
      for (const channel of [before, channels[0]!])
        expect(await channel.recv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
      expect(b.ticker.ended).toBe(ended);
      expect(await standing(ended)).toBe('pending');
    },
  );

  test('ends nothing where connect() itself is what fails', async () => {
    await using b = bench();
    const channel = b.ticker.messages();
    const connected = b.ticker.connect();
    await settled();
    b.transport.last.refuse(403);
    await expect(connected).rejects.toMatchObject({ code: 'KITE_CONNECTION_UNAUTHORIZED' });
    expect(channel.isClosed).toBe(false);
    expect(await channel.recv()).toMatchObject({ state: 'connecting' });
  });
});

describe('a ticker that is closed', () => {
  test('resolves `ended`, and rejects what waits for an event', async () => {
    const b = await opened();
    const { ended } = b.ticker;
    const gap = expect(b.ticker.once('gap')).rejects.toMatchObject({ code: 'KITE_CONNECTION_CLOSED' });
    await b[Symbol.asyncDispose]();
    await expect(ended).resolves.toBeUndefined();
    await gap;
  });
});

describe('an event', () => {
  test("is heard once by Node's own events.once, which leaves nothing behind", async () => {
    await using b = await opened();
    const heard = once(b.ticker as never, 'ticks');
    b.transport.last.binary(ltpFrame([INFY]));
    expect(await heard).toMatchObject([{ type: 'ticks' }]);
  });
});

test.each(['closing', 'closed'])(
  'a channel that is opened while hearing of `%s` is for the next connect, and so is `ended`',
  async (heard) => {
    await using b = await opened();
    const before = b.ticker.ticks();
    const { ended } = b.ticker;
    const channels: Channel<TickBatch>[] = [];
    b.ticker.on('state', ({ state }) => {
      if (state !== heard || channels.length > 0) return;
      channels.push(b.ticker.ticks());
      b.begin();
    });
    await b.ticker.close();
    await ended;
    expect([before.isClosed, channels[0]!.isClosed]).toEqual([true, false]);
    await settled();
    b.transport.last.open();
    b.transport.last.binary(ltpFrame([INFY]));
    expect(channels[0]!.tryRecv()).toMatchObject({ ticks: [{ instrumentToken: INFY }] });
    expect(await standing(b.ticker.ended)).toBe('pending');
  },
);
