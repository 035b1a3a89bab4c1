import type { Channel, ChannelOptions } from '@kite/manager';

import type { ConsumerPlan } from '../plan/plan.js';
import type { Item, Reading } from './client.js';

/** Reads a channel. */
export function readingOf<T>(channel: Channel<T>, itemsOf: (read: T) => readonly Item[]): Reading {
  return {
    next: async () => {
      const read = await channel.recv();
      return read === undefined ? undefined : itemsOf(read);
    },
    dropped: () => channel.dropped,
    close: () => channel.close(),
  };
}

/** What a channel is opened with. */
export function optionsOf({ overflow, capacity, throttleMs, tokens }: ConsumerPlan): ChannelOptions {
  return {
    ...(overflow && { overflow }),
    ...(capacity !== undefined && { capacity }),
    ...(throttleMs !== undefined && { throttleMs }),
    ...(tokens && { tokens }),
  };
}
