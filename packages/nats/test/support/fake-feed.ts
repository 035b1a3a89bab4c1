import type { Feed } from '@kite/connection';
import { Listeners } from '@kite/kit';
import type { Clock, EventName, EventOf } from '@kite/protocol';
import { VirtualClock } from '@kite/testkit';

type FeedEvents = { [Type in EventName]: EventOf<Type> };

/** A feed that brings what a test says. */
export class FakeFeed<C extends Clock = VirtualClock> {
  readonly clock: C;
  readonly #types = new Set<EventName>();
  readonly #listeners = new Listeners<FeedEvents>((cause) => {
    throw cause;
  });

  /** @param clock a virtual one unless given */
  constructor(clock?: C) {
    this.clock = clock ?? (new VirtualClock() as Clock as C);
  }

  get asFeed(): Feed {
    return this as unknown as Feed;
  }

  /** What somebody listens to. */
  get listenedTo(): string[] {
    return [...this.#types].filter((type) => this.#listeners.has(type));
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    this.#types.add(type);
    return this.#listeners.on(type, listener);
  }

  emit<Type extends EventName>(type: Type, event: Omit<EventOf<Type>, 'channelId' | 'receivedAt'>): void {
    const received = { channelId: 0, receivedAt: this.clock.now() };
    this.#listeners.emit(type, { ...received, ...event } as FeedEvents[Type]);
  }

  frame(bytes: Uint8Array): void {
    this.emit('frame', { bytes, dropped: 0 });
  }
}
