import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type TickBatch, type TickerMessage } from '@kite/connection';
import { encodeFrame } from '@kite/protocol';
import { ltpFrame, quoteTick, VirtualClock } from '@kite/testkit';

import { joined, Outlets } from '../../src/channel/outlets.js';
import { Hub } from '../../src/feed/hub.js';

const INSTRUMENTS = [257, 513];

const connection = fc.integer({ min: 0, max: 2 });
const step = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('ticks' as const),
      connection,
      tokens: fc.uniqueArray(fc.constantFrom(...INSTRUMENTS), { minLength: 1 }),
      isQuote: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('gap' as const), connection }) },
  fc.record({ does: fc.constantFrom('state' as const, 'read' as const, 'pass' as const), connection }),
);

test('conflation counts each tick once, turns nothing back, and gives nothing of before a gap after it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.option(fc.constant(5)),
      async (steps, throttle) => {
        const clock = new VirtualClock();
        const hubs = ([0, 1, 2] as const).map((channelId) => new Hub({ channelId, clock }));
        const outlets = new Outlets(joined(hubs), {
          ...{
            clock,
            rawOnly: false,
            divisors: {},
            parserBufferSize: 1000,
            connectionBufferSize: 9,
            capacityTicks: 100_000,
            capacityBytes: 1e9,
          },
        });
        const options = throttle === null ? { overflow: 'conflate' as const } : { throttleMs: throttle };
        const messages = outlets.messages(options);
        const batches = outlets.ticks(options);
        const ofMessages = new Reading();
        const ofBatches = new Reading();
        const read = async (): Promise<void> => {
          const message = messages.size > 0 ? await messages.recv() : undefined;
          if (message) ofMessages.message(message);
          const batch = batches.size > 0 ? await batches.recv() : undefined;
          if (batch) ofBatches.batch(batch);
        };

        let now = 0;
        let received = 0;
        for (const { does, connection, ...rest } of steps) {
          now++;
          const hub = hubs[connection]!;
          if (does === 'ticks' && 'tokens' in rest) {
            // The price says when it came.
            const { tokens, isQuote } = rest;
            hub.frame(isQuote ? quoteFrame(tokens, now) : ltpFrame(tokens, now), now);
            received += rest.tokens.length;
          } else if (does === 'gap') hub.missed({ from: now - 1, to: now, reason: 'lost' });
          else if (does === 'state') hub.state('waiting', 0, undefined);
          else if (does === 'pass') clock.pass(5);
          else await read();
        }
        for (const hub of hubs) hub.ending()();
        while (messages.size > 0 || batches.size > 0) await read();
        expect([ofMessages.ticks + messages.dropped, ofMessages.lost]).toEqual([received, messages.dropped]);
        expect([ofBatches.ticks + batches.dropped, ofBatches.lost]).toEqual([received, batches.dropped]);
      },
    ),
    { numRuns: 300 },
  );
});

function quoteFrame(tokens: readonly number[], price: number): Uint8Array {
  return encodeFrame(tokens.map((token) => quoteTick(price, price, token)));
}

/** What a consumer has read, and that it was in order. */
class Reading {
  ticks = 0;
  lost = 0;
  readonly #newest = new Map<number, number>();
  /** By connection, when its last gap ended. */
  readonly #gapEnds = new Map<number, number>();

  message(message: TickerMessage): void {
    if (message.type === 'gap') this.#gapEnds.set(message.channelId, message.to);
    else if (message.type === 'lagged') this.lost += message.dropped;
    else if (message.type === 'ticks') this.#read(message);
  }

  batch(batch: TickBatch): void {
    if (batch.gap) this.#gapEnds.set(batch.channelId, batch.gap.to);
    this.lost += batch.dropped;
    this.#read(batch);
  }

  #read({ ticks, channelId }: Pick<TickBatch, 'ticks' | 'channelId'>): void {
    expect(ticks.length).toBeGreaterThan(0);
    this.ticks += ticks.length;
    for (const { instrumentToken, lastPrice } of ticks) {
      expect(lastPrice).toBeGreaterThan(this.#newest.get(instrumentToken) ?? 0);
      expect(lastPrice).toBeGreaterThanOrEqual(this.#gapEnds.get(channelId) ?? 0);
      this.#newest.set(instrumentToken, lastPrice);
    }
  }
}
