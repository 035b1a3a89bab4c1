import type { Clock } from './clock.js';
import type { EventName, EventOf, TickerMessage } from './item.js';

/** Anything that delivers messages: a ticker, a manager, a bus, a tape. Readers need no more than this. */
export interface TickSource {
  /** All its messages, in order. */
  messages(): AsyncIterable<TickerMessage>;
  /** Calls the listener for each such event. Returns a function that stops it. */
  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void;
  /** Its source of time. */
  readonly clock: Clock;
}
