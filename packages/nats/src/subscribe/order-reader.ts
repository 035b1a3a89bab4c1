import { Timer } from '@kite/kit';
import type { Clock, OrderUpdate } from '@kite/protocol';

import type { Bus, BusMessage } from '../bus/bus.js';
import { decodeOrder } from '../wire/order-message.js';
import type { Subjects } from '../wire/subjects.js';

/** Where an order reader's results go. */
export interface OrderSink {
  /** An order; `account` is undefined for a feed without ids. */
  order(order: OrderUpdate, account: string | undefined): void;
  /** A message that is no order. */
  stranger(subject: string, flaw: string): void;
  /** Orders cannot be read yet, for the first time. */
  failed(cause: unknown): void;
}

const AGAIN_AFTER_MS = 1000;

/** Reads orders from their stream, each once, from now on. */
export class OrderReader {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #subjects: Subjects;
  readonly #sink: OrderSink;
  readonly #timer: Timer;
  #stop: () => void = () => undefined;
  #hasFailed = false;

  constructor(bus: Bus, subjects: Subjects, clock: Clock, sink: OrderSink) {
    this.#bus = bus;
    this.#clock = clock;
    this.#subjects = subjects;
    this.#sink = sink;
    this.#timer = new Timer(clock);
    this.#follow();
  }

  /** Reads nothing more. */
  close(): void {
    this.#timer.clear();
    this.#stop();
  }

  /** @param since undefined: from now on */
  #follow(since?: number): void {
    const again = (cause: unknown): void => {
      // The stream does not exist until the first publisher has started.
      if (!this.#hasFailed) this.#sink.failed(cause);
      this.#hasFailed = true;
      const from = since ?? this.#clock.now();
      this.#timer.set(AGAIN_AFTER_MS, () => {
        this.#follow(from);
      });
    };
    const { orders } = this.#subjects.streams;
    this.#stop = this.#bus.follow(orders, since, (message) => this.#hear(message), again);
  }

  #hear({ subject, data }: BusMessage): void {
    const order = decodeOrder(data);
    // An order may have a field of this name, too.
    if ('order_id' in order) this.#sink.order(order, this.#subjects.accountOf(subject));
    else this.#sink.stranger(subject, order.flaw);
  }
}
