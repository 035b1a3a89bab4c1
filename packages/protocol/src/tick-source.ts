import type { Clock } from './clock.js';
import type { EventName, EventOf, TickerMessage } from './item.js';

/** Anything that brings messages: a ticker, a manager, a bus, a tape. What reads from it needs no more than this. */
export interface TickSource {
  /** Everything that it has to say, in order. */
  messages(): AsyncIterable<TickerMessage>;
  /** Calls the listener for each such event. Returns how to stop listening. */
  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** Where its time comes from. */
  readonly clock: Clock;
}
