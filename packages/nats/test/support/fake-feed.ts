import type { Feed } from '@kite/connection';
import type { Clock, EventName, EventOf } from '@kite/protocol';
import { VirtualClock } from '@kite/testkit';

/** A feed that brings what a test says. */
export class FakeFeed<C extends Clock = VirtualClock> {
  readonly clock: C;
  readonly #listeners = new Map<EventName, Set<(event: never) => unknown>>();

  /** @param clock a virtual one unless given */
  constructor(clock?: C) {
    this.clock = clock ?? (new VirtualClock() as Clock as C);
  }

  get asFeed(): Feed {
    return this as unknown as Feed;
  }

  /** What somebody listens to. */
  get listenedTo(): string[] {
    return [...this.#listeners].filter(([, listeners]) => listeners.size > 0).map(([type]) => type);
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<Type extends EventName>(type: Type, event: Omit<EventOf<Type>, 'channelId' | 'receivedAt'>): void {
    const received = { channelId: 0, receivedAt: this.clock.now() };
    for (const listener of this.#listeners.get(type) ?? []) listener({ ...received, ...event } as never);
  }

  frame(bytes: Uint8Array): void {
    this.emit('frame', { bytes, dropped: 0 });
  }
}
