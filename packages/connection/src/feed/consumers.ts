import type { KiteError } from '@kite/protocol';

import type { FrameConsumer, MessageConsumer } from './consumer.js';

/** The consumers of a fan-out. */
export class Consumers {
  #messages: readonly MessageConsumer[] = [];
  #frames: readonly FrameConsumer[] = [];

  /** The consumers of messages. The list is replaced, never changed: they come and go while a loop runs over it. */
  get messages(): readonly MessageConsumer[] {
    return this.#messages;
  }

  /** The consumers of frames. Replaced, never changed. */
  get frames(): readonly FrameConsumer[] {
    return this.#frames;
  }

  /** All of them: those of messages first. */
  get all(): readonly (MessageConsumer | FrameConsumer)[] {
    return [...this.#messages, ...this.#frames];
  }

  add(consumer: MessageConsumer | FrameConsumer): void {
    if ('frame' in consumer) this.#frames = [...this.#frames, consumer];
    else this.#messages = [...this.#messages, consumer];
  }

  remove(consumer: MessageConsumer | FrameConsumer): void {
    if ('frame' in consumer) this.#frames = this.#frames.filter((one) => one !== consumer);
    else this.#messages = this.#messages.filter((one) => one !== consumer);
  }

  /** How to end those that are here now; those that come later stay. */
  ending(): (error?: KiteError) => void {
    const ends = this.all.map(
      (consumer) =>
        consumer.ending?.() ??
        ((error?: KiteError) => {
          consumer.end(error);
        }),
    );
    return (error) => {
      for (const end of ends) end(error);
    };
  }

  /** Whether one takes ticks in this form. */
  want(form: 'plain' | 'lazy'): boolean {
    for (const { takesTicks, form: taken = 'plain' } of this.#messages)
      if (takesTicks && taken === form) return true;
    return false;
  }

  /** The kinds of those that have been full and unread since this time of the monotonic clock, each once. */
  stuckSince(since: number): string[] {
    const stuck = this.all.filter(({ stuckSince }) => stuckSince !== undefined && stuckSince <= since);
    return [...new Set(stuck.map(({ kind = 'items' }) => kind))];
  }
}
