import { expect, test } from 'vitest';
import { type Bar, barsOf, type TickerMessage, type TickSource } from '@kite/bars';
import { settled, VirtualClock } from '@kite/testkit';

import { at, full } from '../support/ticks.js';

/** A feed of one channel, by hand. */
class FakeSource implements TickSource {
  readonly clock = new VirtualClock(at('09:14'));
  isClosed = false;
  #items: TickerMessage[] = [];
  #wake: (() => void) | undefined;
  #error: Error | undefined;
  #isEnded = false;

  messages(): AsyncIterable<TickerMessage> & { close(): void } {
    return { [Symbol.asyncIterator]: () => this.#read(), close: () => void (this.isClosed = true) };
  }

  on(): () => void {
    return () => undefined;
  }

  send(time: string, price: number, volume: number): void {
    this.#items.push({
      type: 'ticks',
      channelId: 0,
      receivedAt: this.clock.now(),
      ticks: [full(time, price, volume)],
    });
    this.#wake?.();
  }

  end(error?: Error): void {
    this.#error = error;
    this.#isEnded = true;
    this.#wake?.();
  }

  async *#read(): AsyncGenerator<TickerMessage, void> {
    for (;;) {
      const item = this.#items.shift();
      if (item) yield item;
      else if (this.#error) throw this.#error;
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Reads the bars of a source into a list. */
function reading(source: FakeSource) {
  const bars: Bar[] = [];
  const done = (async () => {
    for await (const bar of barsOf(source, { interval: '1m' })) bars.push(bar);
  })();
  done.catch(() => undefined);
  return { bars, done };
}

test('each bar comes two seconds after its end, by the clock of the feed, though no tick follows', async () => {
  const source = new FakeSource();
  const { bars } = reading(source);
  source.send('09:13', 100, 0);
  source.send('09:15:10', 101, 10);
  await settled();
  await source.clock.advance(at('09:16:01.999') - source.clock.now());
  expect(bars).toEqual([]);
  await source.clock.advance(1);
  expect(bars).toMatchObject([{ start: at('09:15'), close: 101, state: 'closed' }]);
  expect(source.clock.pending).toBe(0);
});

test('the end of the feed brings what has not ended, as it is, and leaves nothing behind', async () => {
  const source = new FakeSource();
  const { bars, done } = reading(source);
  source.send('09:13', 100, 0);
  source.send('09:15:10', 101, 10);
  await settled();
  source.end();
  await done;
  expect(bars).toMatchObject([{ start: at('09:15'), state: 'forming' }]);
  expect(source.clock.pending).toBe(0);
  expect(source.isClosed).toBe(true);
});

test('the end of the feed closes a bar that waits for late ticks', async () => {
  const source = new FakeSource();
  const { bars, done } = reading(source);
  source.send('09:13', 100, 0);
  source.send('09:15:10', 101, 10);
  await settled();
  await source.clock.advance(at('09:16:01') - source.clock.now());
  source.send('09:16:01', 101, 20);
  await settled();
  source.end();
  await done;
  expect(bars).toMatchObject([
    { start: at('09:15'), state: 'closed' },
    { start: at('09:16'), state: 'forming' },
  ]);
});

test('an error of the feed is the error of the loop', async () => {
  const source = new FakeSource();
  const { done } = reading(source);
  await settled();
  source.end(new Error('all failed'));
  await expect(done).rejects.toThrow('all failed');
  expect(source.clock.pending).toBe(0);
});

test('leaving the loop closes the channel and takes the timer back', async () => {
  const source = new FakeSource();
  const done = (async () => {
    for await (const bar of barsOf(source, { interval: '1m' })) return bar;
    return undefined;
  })();
  source.send('09:13', 100, 0);
  source.send('09:15:10', 101, 10);
  source.send('09:16:10', 101, 20);
  await settled();
  await source.clock.advance(at('09:16:02') - source.clock.now());
  expect(await done).toMatchObject({ start: at('09:15') });
  expect(source.isClosed).toBe(true);
  expect(source.clock.pending).toBe(0);
});

test('a clock that was set back delays a bar, and a minute later it comes', async () => {
  const source = new FakeSource();
  const { bars } = reading(source);
  source.send('09:13', 100, 0);
  source.send('09:15:10', 101, 10);
  await settled();
  source.clock.setBack(3_600_000);
  await source.clock.advance(3_600_000 + at('09:17:02') - at('09:14'));
  expect(bars).toHaveLength(1);
});
