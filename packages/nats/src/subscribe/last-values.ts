import { Timer } from '@kite/kit';
import type { Clock } from '@kite/protocol';

import type { Bus, BusMessage } from '../bus/bus.js';
import type { TickMessage } from '../wire/head.js';
import { type Subjects, tokenOf } from '../wire/subjects.js';
import type { Subscription } from './subscription.js';

/** What the reading of last values needs from the reader. */
export interface LastValuesHost {
  subscriptionOf(token: number): Subscription | undefined;
  isClosed(): boolean;
  /** The last message that the server has of an instrument. */
  found(subscription: Subscription, message: BusMessage): void;
  /** A packet that waited while the last value was read. */
  waited(subscription: Subscription, message: TickMessage): void;
  /** The last values cannot be read yet: called once until they can be read again. */
  failed(cause: unknown): void;
}

/** After a restart the server is reachable before its streams are; before the first publisher there are none. */
const AGAIN_AFTER_MS = 1000;

/** Reads the last values of instruments out of the stream of ticks, and tries again until the server answers. */
export class LastValues {
  readonly #bus: Bus;
  readonly #subjects: Subjects;
  readonly #host: LastValuesHost;
  readonly #timer: Timer;
  /** Instruments whose last value could not be read. */
  readonly #unread = new Set<number>();
  #hasFailed = false;

  constructor(bus: Bus, subjects: Subjects, clock: Clock, host: LastValuesHost) {
    this.#bus = bus;
    this.#subjects = subjects;
    this.#host = host;
    this.#timer = new Timer(clock);
  }

  /** Reads them again; what comes live meanwhile waits. */
  readAgain(tokens: readonly number[]): void {
    const subscriptions = tokens.flatMap((token) => this.#host.subscriptionOf(token) ?? []);
    if (subscriptions.length === 0 || this.#bus.state !== 'up') return;
    for (const subscription of subscriptions) subscription.hold();
    void this.read(subscriptions);
  }

  /** Live packets wait; the last values are read; then what waited and is newer. Resolves after the first attempt. */
  async read(subscriptions: readonly Subscription[]): Promise<void> {
    const host = this.#host;
    const wanted = new Set(subscriptions);
    try {
      // The server has the subscriptions: everything later than the last values now comes live.
      await this.#bus.flush();
      const subjects = subscriptions.map(({ token }) => this.#subjects.anyShard(token));
      for (const message of await this.#bus.lastOf(this.#subjects.streams.ticks, subjects)) {
        const subscription = host.subscriptionOf(tokenOf(message.subject));
        if (subscription && wanted.has(subscription)) host.found(subscription, message);
      }
      for (const { token } of subscriptions) this.#unread.delete(token);
      if (this.#unread.size === 0) this.#hasFailed = false;
    } catch (cause) {
      // When the server is back, all of them are read again.
      if (this.#bus.state !== 'up' || host.isClosed()) return;
      this.#readLater(subscriptions, cause);
    }
    for (const subscription of subscriptions)
      for (const message of subscription.release()) host.waited(subscription, message);
  }

  /** Reads nothing more. */
  close(): void {
    this.#timer.clear();
  }

  #readLater(subscriptions: readonly Subscription[], cause: unknown): void {
    for (const { token } of subscriptions) this.#unread.add(token);
    this.#timer.set(AGAIN_AFTER_MS, () => {
      this.#readUnread();
    });
    if (!this.#hasFailed) this.#host.failed(cause);
    this.#hasFailed = true;
  }

  /** The last value in the stream may be newer than packets under way: only what has not come live needs it. */
  #readUnread(): void {
    for (const token of this.#unread)
      if (this.#host.subscriptionOf(token)?.hasCome !== false) this.#unread.delete(token);
    if (this.#unread.size === 0) this.#hasFailed = false;
    this.readAgain([...this.#unread]);
  }
}
