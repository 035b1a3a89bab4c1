import type { Subscriber, TickerMessage } from '@kite/manager';
import type { Mode } from '@kite/protocol';

import type { ConsumerPlan } from '../plan/plan.js';
import { optionsOf, readingOf } from './channel-reading.js';
import type { Item, Reading } from './client.js';

/** One part of the program, with instruments and a stream of its own. */
export interface SubscriberClient {
  subscribe(tokens: readonly number[], mode: Mode): Promise<void>;
  unsubscribe(tokens: readonly number[]): Promise<void>;
  changeMode(tokens: readonly number[], mode: Mode): Promise<void>;
  /** These from now on, and no others. */
  replace(tokens: readonly number[], mode: Mode): Promise<void>;
  open(consumer: ConsumerPlan): Reading;
  close(): Promise<void>;
}

/** A subscriber of a manager of one account or of many. */
export function subscriberClient(
  subscriber: Subscriber,
  itemOf: (message: TickerMessage) => Item,
): SubscriberClient {
  return {
    subscribe: (tokens, mode) => subscriber.subscribeSymbols(tokens, mode),
    unsubscribe: (tokens) => subscriber.unsubscribeSymbols(tokens),
    changeMode: (tokens, mode) => subscriber.changeMode(tokens, mode),
    replace: (tokens, mode) => subscriber.replaceSymbols(new Map(tokens.map((token) => [token, mode]))),
    open: (consumer) => readingOf(subscriber.messages(optionsOf(consumer)), (message) => [itemOf(message)]),
    close: () => subscriber.close(),
  };
}
