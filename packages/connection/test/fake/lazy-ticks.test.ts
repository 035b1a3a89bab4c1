import fc from 'fast-check';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import {
  type Channel,
  decodeFrame,
  encodeFrame,
  FrameDecoder,
  type LazyTick,
  type LazyTickBatch,
  type Tick,
  type TickBatch,
} from '@kite/connection';
import { fullFrame, fullTick, INFY, ltpFrame, RELIANCE, TICKS_OF_EACH_KIND } from '@kite/testkit';

import { ChannelBench } from '../support/channel-bench.js';
import { bench } from '../support/ticker-bench.js';

/** Of a segment that no table knows. */
const NEW_SEGMENT = (5000 << 8) | 13;

const LAZY = { form: 'lazy' } as const;

function plain({ ticks }: TickBatch): Tick[] {
  return (ticks as LazyTick[]).map((tick) => tick.toTick());
}

/** A batch of lazy ticks as a batch of plain ones. */
function inPlainForm(batch: TickBatch | undefined): TickBatch | undefined {
  return batch && { ...batch, ticks: plain(batch) };
}

describe('a channel of lazy ticks', () => {
  test('hands over the same ticks as a plain one, of every kind', () => {
    const b = new ChannelBench();
    const [lazy, ticks] = [b.outlets.ticks(LAZY), b.outlets.ticks()];
    const frame = encodeFrame(TICKS_OF_EACH_KIND);
    b.hubs[0]!.frame(frame, 7);
    const batch = lazy.tryRecv()!;
    expect(plain(batch)).toEqual(decodeFrame(frame));
    expect(ticks.tryRecv()!.ticks).toEqual(decodeFrame(frame));
    expect(batch).toMatchObject({ channelId: 0, receivedAt: 7, dropped: 0 });
  });

  test('is the plain channel in another form, whatever frames come, broken ones too, and whatever is lost', () => {
    const frames = fc
      .record({
        ticks: fc.subarray([...TICKS_OF_EACH_KIND], { minLength: 1 }),
        cut: fc.nat(30),
        broken: fc.boolean(),
      })
      .map(({ ticks, cut, broken }) => {
        const frame = encodeFrame(ticks);
        return broken ? frame.subarray(0, Math.max(0, frame.length - cut)) : frame;
      });
    const options = fc.record(
      {
        capacity: fc.integer({ min: 1, max: 3 }),
        capacityTicks: fc.integer({ min: 1, max: 12 }),
        overflow: fc.constantFrom('drop-oldest', 'drop-newest', 'conflate'),
        tokens: fc.subarray(
          TICKS_OF_EACH_KIND.map(({ instrumentToken }) => instrumentToken),
          { minLength: 1 },
        ),
      },
      { requiredKeys: [] },
    );
    const steps = fc.array(fc.option(frames, { nil: 'read' as const, freq: 3 }), { maxLength: 30 });
    fc.assert(
      fc.property(options, steps, (channelOptions, all) => {
        const b = new ChannelBench();
        const [lazy, ticks] = [
          b.outlets.ticks({ ...channelOptions, ...LAZY }),
          b.outlets.ticks(channelOptions),
        ];
        for (const [at, step] of [...all, ...all.map(() => 'read' as const)].entries()) {
          if (step === 'read') expect(inPlainForm(lazy.tryRecv())).toEqual(ticks.tryRecv());
          else b.hubs[0]!.frame(step, at);
        }
        expect([lazy.size, lazy.dropped]).toEqual([ticks.size, ticks.dropped]);
      }),
      { numRuns: 300 },
    );
  });

  test('has memory of its own: what becomes of the bytes of the socket changes nothing', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks(LAZY);
    const chunk = Buffer.from(ltpFrame([INFY, RELIANCE], 100));
    b.hubs[0]!.frame(chunk, 1);
    b.hubs[0]!.frame(chunk.subarray(), 2);
    const before = lazy.tryRecv()!;
    chunk.fill(0xff);
    for (const batch of [before, lazy.tryRecv()!])
      expect(batch.ticks.map(({ instrumentToken, lastPrice }) => [instrumentToken, lastPrice])).toEqual([
        [INFY, 100],
        [RELIANCE, 100],
      ]);
  });

  test('alone decodes nothing, whatever it loses', () => {
    const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
    const b = new ChannelBench();
    const lazy = b.outlets.ticks({ ...LAZY, capacity: 1 });
    for (let price = 1; price <= 3; price++) b.tick(price, [INFY, RELIANCE]);
    expect([lazy.size, lazy.dropped]).toEqual([1, 4]);
    expect(lazy.tryRecv()).toMatchObject({ dropped: 4, ticks: [{ lastPrice: 3 }, { lastPrice: 3 }] });
    expect(decode).not.toHaveBeenCalled();
    expect(b.hubs[0]!.stats(0)).toMatchObject({ ticksReceived: 6, messagesParsed: 3, droppedTicks: 4 });
    decode.mockRestore();
  });

  test('is full when its ticks reach capacityTicks', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks({ ...LAZY, capacityTicks: 3, overflow: 'drop-newest' });
    for (let price = 1; price <= 3; price++) b.tick(price, [INFY, RELIANCE]);
    expect([lazy.size, lazy.dropped]).toEqual([1, 4]);
  });

  test('with tokens keeps the packets of those alone', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks({ ...LAZY, tokens: [RELIANCE] });
    b.hubs[0]!.frame(fullFrame([INFY, RELIANCE]), 1);
    b.hubs[0]!.frame(fullFrame([INFY]), 1);
    const batch = lazy.tryRecv()!;
    expect(plain(batch)).toEqual(decodeFrame(fullFrame([RELIANCE])));
    expect(lazy.size).toBe(0);
  });

  test('with conflate keeps the newest of each instrument', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks({ ...LAZY, overflow: 'conflate' });
    b.tick(1, [INFY, RELIANCE]);
    b.tick(2, [INFY]);
    const batch = lazy.tryRecv()!;
    expect(plain(batch).map(({ lastPrice }) => lastPrice)).toEqual([2, 1]);
    expect(batch.dropped).toBe(1);
  });

  test('has gaps and losses in their place', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks(LAZY);
    b.gap(1, 2);
    b.hubs[0]!.dropped({ frames: 1, ticks: 5, fullTicks: 0 }, 1);
    b.tick(3);
    expect(lazy.tryRecv()).toMatchObject({ dropped: 5, gap: { from: 1, to: 2, reason: 'lost' } });
  });

  test('brings no ticks of an instrument that has gone to another connection', () => {
    const b = new ChannelBench();
    const lazy = b.outlets.ticks(LAZY);
    b.hubs[0]!.leave([INFY]);
    b.tick(1, [INFY]);
    b.tick(2, [INFY, RELIANCE]);
    expect(plain(lazy.tryRecv()!).map(({ instrumentToken }) => instrumentToken)).toEqual([RELIANCE]);
  });

  test('is told of a broken frame as others are, once for all of them', async () => {
    await using b = bench();
    const socket = await b.open();
    const cut = ltpFrame([INFY]).subarray(0, 6);
    b.ticker.ticks(LAZY);
    socket.binary(cut);
    b.ticker.ticks();
    socket.binary(cut);
    expect(b.messages.filter(({ type }) => type === 'issue')).toHaveLength(2);
  });
});

test('both forms at once decode a frame once each, for any number of channels', async () => {
  const decode = vi.spyOn(FrameDecoder.prototype, 'decode');
  await using b = bench();
  const socket = await b.open();
  const [one, other] = [b.ticker.ticks(LAZY), b.ticker.ticks(LAZY)];
  b.ticker.ticks();
  b.ticker.messages();
  socket.binary(ltpFrame([INFY]));
  expect(decode).toHaveBeenCalledOnce();
  expect(one.tryRecv()!.ticks).toBe(other.tryRecv()!.ticks);
  decode.mockRestore();
});

test('prices of a segment with a divisor of the user are the same in every form', async () => {
  const divisors = { 13: 10_000 };
  await using b = bench({ divisors });
  const socket = await b.open();
  const [plainly, lazily, raw] = [b.ticker.ticks(), b.ticker.ticks(LAZY), b.ticker.subscribeFullRaw()];
  const few = b.ticker.ticks({ ...LAZY, tokens: [NEW_SEGMENT] });
  const heard: Tick[] = [];
  b.ticker.on('ticks', ({ ticks }) => heard.push(...ticks));
  const ticks = [
    { ...fullTick(378.2, 1, 1), instrumentToken: NEW_SEGMENT, segment: 13 },
    fullTick(100, 1, 1),
  ];
  const frame = encodeFrame(ticks, { divisors });
  socket.binary(frame);
  const expected = decodeFrame(frame, { divisors });
  expect(expected[0]!.lastPrice).toBe(378.2);
  expect(heard).toEqual(expected);
  expect(plainly.tryRecv()!.ticks).toEqual(expected);
  expect(plain(lazily.tryRecv()!)).toEqual(expected);
  expect(plain(few.tryRecv()!)).toEqual(expected.slice(0, 1));
  expect(raw.tryRecv()).toMatchObject({ header: { lastPrice: 378.2 } });
  expect(b.messages.filter(({ type }) => type === 'issue')).toEqual([]);
});

test('the form says what a batch holds', async () => {
  await using b = bench();
  expectTypeOf(b.ticker.ticks({ form: 'lazy' })).toEqualTypeOf<Channel<LazyTickBatch>>();
  expectTypeOf(b.ticker.ticks({ form: 'lazy', overflow: 'conflate' })).toEqualTypeOf<
    Channel<LazyTickBatch>
  >();
  expectTypeOf(b.ticker.ticks()).toEqualTypeOf<Channel<TickBatch>>();
  expectTypeOf(b.ticker.ticks({ form: 'plain' })).toEqualTypeOf<Channel<TickBatch>>();
  expectTypeOf<LazyTickBatch['ticks']>().toEqualTypeOf<LazyTick[]>();
  expectTypeOf<Channel<LazyTickBatch>>().toExtend<Channel<TickBatch>>();
});

test('a channel of messages refuses it, and so does a ticker that decodes nothing', async () => {
  await using b = bench();
  expect(() => b.ticker.messages(LAZY)).toThrow(
    expect.objectContaining({ code: 'KITE_CONNECTION_INVALID_OPTION', field: 'form', value: 'lazy' }),
  );
  expect(b.ticker.messages({ form: 'plain' }).size).toBe(0);
  await using raw = bench({ rawOnly: true });
  expect(() => raw.ticker.ticks(LAZY)).toThrow(expect.objectContaining({ code: 'KITE_CONNECTION_RAW_ONLY' }));
});
