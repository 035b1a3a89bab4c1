import type { Clock } from '@kite/protocol';

import type { Client, Item } from '../client/client.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import type { ConsumerPlan } from '../plan/plan.js';

/** One consumer at work: opens its channel, reads it at its own pace, and opens another one when the channel ends. */
export class Consumer {
  readonly records: StreamRecord[] = [];
  readonly #plan: ConsumerPlan;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #trueNow: () => number;
  #isOpen = false;
  #isWaiting = false;
  #hurries = false;
  #close: () => void = () => undefined;

  constructor(plan: ConsumerPlan, client: Client, clock: Clock, trueNow: () => number) {
    this.#plan = plan;
    this.#client = client;
    this.#clock = clock;
    this.#trueNow = trueNow;
  }

  get plan(): ConsumerPlan {
    return this.#plan;
  }

  /** Whether it is there, and has read everything that there is. */
  get hasCaughtUp(): boolean {
    return this.#isOpen && this.#isWaiting;
  }

  open(): void {
    this.#isOpen = true;
    void this.#read();
  }

  /** From now on it takes no time over anything. */
  hurry(): void {
    this.#hurries = true;
  }

  /** It goes, whatever still waits for it. */
  close(): void {
    this.#isOpen = false;
    this.#close();
  }

  async #read(): Promise<void> {
    const reading = this.#client.open(this.#plan);
    const record: StreamRecord = {
      consumer: this.#plan.id,
      from: this.#trueNow(),
      to: undefined,
      items: [],
    };
    this.records.push(record);
    this.#close = () => {
      record.to = this.#trueNow();
      reading.close();
    };
    const next = async (): Promise<readonly Item[] | undefined> => {
      this.#isWaiting = true;
      const items = await reading.next();
      this.#isWaiting = false;
      return items;
    };
    for (let items = await next(); items; items = await next()) {
      for (const item of items) record.items.push({ at: this.#trueNow(), item });
      if (this.#plan.takesMs > 0 && this.#isOpen && !this.#hurries) await this.#pause(this.#plan.takesMs);
    }
    if (!this.#isOpen) return;
    // The program has stopped its manager, and will start it again.
    record.to = this.#trueNow();
    void this.#read();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.setTimeout(resolve, ms));
  }
}
