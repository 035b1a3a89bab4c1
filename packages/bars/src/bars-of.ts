import type { TickerMessage, TickSource } from '@kite/protocol';

import type { Bar } from './bar.js';
import { BarBuilder } from './bar-builder.js';
import { type BarOptions, CLOSE_AFTER_MS } from './options.js';

/** A clock set back is noticed after this, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/**
 * The bars of a feed, each as soon as it closes, by the feed's clock; a bar that changes later comes again with a
 * higher revision.
 *
 * When the feed ends, ended bars are closed at once, and the others come as `forming`. When the feed fails, this fails
 * with its error. Leaving the loop closes the channel that it reads.
 *
 * @throws KiteInputError like {@link BarBuilder}, at the call
 */
export function barsOf(source: TickSource, options: BarOptions): AsyncIterable<Bar> {
  const builder = new BarBuilder(options);
  return { [Symbol.asyncIterator]: () => read(source, builder, options.closeAfterMs ?? CLOSE_AFTER_MS) };
}

async function* read(
  source: TickSource,
  builder: BarBuilder,
  closeAfterMs: number,
): AsyncGenerator<Bar, void, undefined> {
  const { clock } = source;
  const channel: AsyncIterable<TickerMessage> & { close?: () => void } = source.messages();
  const messages = channel[Symbol.asyncIterator]();
  let timer: unknown;
  try {
    let next: Promise<IteratorResult<TickerMessage, unknown>> = messages.next();
    // Awaited below, perhaps after it has rejected.
    next.catch(() => undefined);
    for (;;) {
      yield* builder.poll(clock.now());
      const due = builder.dueAt(clock.now());
      const result = await (due === null
        ? next
        : Promise.race([
            next,
            new Promise<undefined>((resolve) => {
              const wait = Math.min(Math.max(0, due - clock.now()), LONGEST_WAIT_MS);
              timer = clock.setTimeout(() => resolve(undefined), wait);
            }),
          ]));
      clock.clearTimeout(timer);
      if (result === undefined) continue;
      if (result.done) break;
      yield* builder.push(result.value);
      next = messages.next();
      next.catch(() => undefined);
    }
    // No late tick can come any more.
    yield* builder.poll(clock.now() + closeAfterMs);
    for (const token of builder.formingTokens()) {
      const bar = builder.forming(token);
      if (bar) yield bar;
    }
  } finally {
    clock.clearTimeout(timer);
    channel.close?.();
    // Not awaited: a generator that waits for its next item would end only after it.
    void Promise.resolve(messages.return?.()).catch(() => undefined);
  }
}
