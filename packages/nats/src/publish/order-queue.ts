import { Timer } from '@kite/kit';
import type { Clock, OrderUpdate } from '@kite/protocol';

import type { Bus } from '../bus/bus.js';
import { encodeOrder, orderMessageId } from '../wire/order-message.js';

interface WaitingOrder {
  readonly subject: string;
  readonly order: OrderUpdate;
}

/** At most this many orders wait. */
const CAPACITY = 10_000;
const RETRY_AFTER_MS = 1000;

/** Stores orders one after the other; each waits for the server's acknowledgement. */
export class OrderQueue {
  readonly #bus: Bus;
  readonly #timer: Timer;
  readonly #onLost: (count: number, cause: unknown) => void;
  readonly #capacity: number;
  readonly #waiting: WaitingOrder[] = [];
  #isStoring = false;
  #isStopped = false;
  #stored = 0;
  #lastFailure: unknown;

  /** @param onLost called with the number of orders that will never be stored */
  constructor(bus: Bus, clock: Clock, onLost: (count: number, cause: unknown) => void, capacity = CAPACITY) {
    this.#bus = bus;
    this.#timer = new Timer(clock);
    this.#onLost = onLost;
    this.#capacity = capacity;
  }

  /** Orders that the server has. */
  get stored(): number {
    return this.#stored;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  push(subject: string, order: OrderUpdate): void {
    if (this.#isStopped) return;
    this.#waiting.push({ subject, order });
    if (this.#waiting.length > this.#capacity) {
      // The first one may be on its way: drop the next one.
      this.#waiting.splice(1, 1);
      this.#onLost(1, this.#lastFailure);
    }
    void this.#run();
  }

  /** The server is back: retry at once. */
  retry(): void {
    this.#timer.clear();
    void this.#run();
  }

  /** Resolves when nothing waits any more or the next order cannot be stored now. */
  async drain(): Promise<void> {
    this.#timer.clear();
    await this.#run();
  }

  /** Stores nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
    if (this.#waiting.length > 0) this.#onLost(this.#waiting.length, this.#lastFailure);
    this.#waiting.length = 0;
  }

  #retryLater(): void {
    if (this.#isStopped) return;
    this.#timer.set(RETRY_AFTER_MS, () => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isStoring || this.#isStopped) return;
    this.#isStoring = true;
    try {
      for (let first = this.#waiting[0]; first && this.#bus.state === 'up'; first = this.#waiting[0]) {
        await this.#bus.store(first.subject, encodeOrder(first.order), orderMessageId(first.order));
        if (this.#waiting[0] === first) this.#waiting.shift();
        this.#stored++;
      }
    } catch (cause) {
      this.#lastFailure = cause;
      this.#retryLater();
    } finally {
      this.#isStoring = false;
    }
  }
}
