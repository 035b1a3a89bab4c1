import { type Clock, isKiteError } from '@kite/protocol';

import type { Client, Item, Reading } from '../client/client.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import type { ConsumerPlan } from '../plan/plan.js';

/** A channel whose connections have all failed ends with their error, and so does the next one: it is opened this much later. */
const REOPENS_AFTER_MS = 1000;

/** One consumer at work: opens its channel, reads it at its own pace, and opens another one when the channel ends. */
export class Consumer {
  readonly records: StreamRecord[] = [];
  readonly plan: ConsumerPlan;
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #trueNow: () => number;
  #isOpen = false;
  #isReading = false;
  #isWaiting = false;
  #isHurried = false;
  #isFinished = false;
  #goOn: () => void = () => undefined;
  #close: () => void = () => undefined;

  constructor(plan: ConsumerPlan, client: Client, clock: Clock, trueNow: () => number) {
    this.plan = plan;
    this.#client = client;
    this.#clock = clock;
    this.#trueNow = trueNow;
  }

  /** Whether it is there, and has read everything that there is. */
  get hasCaughtUp(): boolean {
    return this.#isOpen && this.#isWaiting;
  }

  /** Whether a read of it has not ended. */
  get isReading(): boolean {
    return this.#isReading;
  }

  open(): void {
    this.#isOpen = true;
    void this.#work();
  }

  /** The program stops its manager: nothing more comes into the channel. */
  stopped(): void {
    const record = this.records.at(-1);
    if (record) record.stoppedAt ??= this.#trueNow();
  }

  /** From now on it reads what waits at once. */
  hurry(): void {
    this.#isHurried = true;
    this.#goOn();
  }

  /** It goes, whatever still waits for it. */
  close(): void {
    this.#isOpen = false;
    this.#goOn();
    this.#close();
  }

  /** It reads what waits, and opens no other channel. */
  finish(): void {
    this.#isOpen = false;
    this.#isFinished = true;
    this.hurry();
  }

  async #work(): Promise<void> {
    this.#isReading = true;
    while (this.#isOpen) {
      const record: StreamRecord = {
        consumer: this.plan.id,
        plan: this.plan,
        from: this.#trueNow(),
        to: undefined,
        endedBy: undefined,
        stoppedAt: undefined,
        items: [],
      };
      this.records.push(record);
      const reading = this.#client.open(this.plan);
      this.#close = () => {
        end(record, 'consumer', this.#trueNow());
        reading.close();
      };
      try {
        await this.#read(reading, record);
        // What is read after finish() is read to the end of the trial.
        if (!this.#isFinished) end(record, 'stop', this.#trueNow());
      } catch (error) {
        const isFull = isKiteError(error, 'KITE_CONNECTION_CHANNEL_OVERFLOW');
        end(record, isFull ? 'overflow' : 'stop', this.#trueNow());
        if (!isFull) await this.#pause(REOPENS_AFTER_MS);
      }
    }
    this.#isReading = false;
  }

  async #read(reading: Reading, { items: taken }: StreamRecord): Promise<void> {
    const next = async (): Promise<readonly Item[] | undefined> => {
      this.#isWaiting = true;
      const items = await reading.next();
      this.#isWaiting = false;
      return items;
    };
    for (let items = await next(); items; items = await next()) {
      const at = this.#trueNow();
      for (const item of items) taken.push({ at, item });
      if (this.plan.takesMs > 0 && !this.#isHurried) await this.#pause(this.plan.takesMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(resolve, ms);
      this.#goOn = () => {
        this.#clock.clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The first end counts. */
function end(record: StreamRecord, endedBy: StreamRecord['endedBy'], at: number): void {
  record.endedBy ??= endedBy;
  record.to ??= at;
}
