import { type Clock, isKiteError } from '@kite/protocol';

import type { Client, Item, Reading } from '../client/client.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import type { ConsumerPlan } from '../plan/plan.js';

/** If all connections have failed, a channel ends with their error, and a new one would too. Wait this long before opening it. */
const REOPENS_AFTER_MS = 1000;

/** One consumer at work: opens its channel, reads it at its own pace, and opens another one when the channel ends. */
export class Consumer {
  readonly records: StreamRecord[] = [];
  readonly plan: ConsumerPlan;
  /** Called when its channel ends with an error other than its own overflow: nothing more comes into any channel. */
  onFeedEnded: () => void = () => undefined;
  readonly #client: Pick<Client, 'open'>;
  readonly #clock: Clock;
  readonly #trueNow: () => number;
  #isOpen = false;
  #isReading = false;
  #isWaiting = false;
  #isHurried = false;
  /** Whether it waits to open its next channel: its feed has failed. */
  #isReopening = false;
  #isFinished = false;
  #goOn: () => void = () => undefined;
  #end: () => void = () => undefined;
  #close: () => void = () => undefined;
  #dropped: () => number = () => 0;

  constructor(plan: ConsumerPlan, client: Pick<Client, 'open'>, clock: Clock, trueNow: () => number) {
    this.plan = plan;
    this.#client = client;
    this.#clock = clock;
    this.#trueNow = trueNow;
  }

  /** Whether it is open and has read everything so far. */
  get hasCaughtUp(): boolean {
    return this.#isOpen && this.#isWaiting;
  }

  /** Ticks that its channel says it has lost so far. */
  get dropped(): number {
    return this.#dropped();
  }

  /** Whether it still reads. */
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
    this.#end();
  }

  /** All connections have failed: nothing more comes into its channel, which it may still read. A listener has none. */
  feedEnded(): void {
    const record = this.records.at(-1);
    if (this.plan.kind !== 'listener' && record && record.to === undefined)
      record.stoppedAt ??= this.#trueNow();
  }

  /** The program has brought new credentials: something may come again. */
  revived(): void {
    if (this.#isReopening) this.#goOn();
  }

  /** From now on it reads without pauses. */
  hurry(): void {
    this.#isHurried = true;
    this.#goOn();
  }

  /** Closes its channel, whatever is left in it. */
  close(): void {
    this.#isOpen = false;
    this.#goOn();
    this.#close();
  }

  /** Reads what is left in its channel, and opens no other one. */
  finish(): void {
    this.#isOpen = false;
    this.#isFinished = true;
    this.#end();
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
      this.#end = () => reading.end?.();
      this.#dropped = () => reading.dropped?.() ?? 0;
      this.#close = () => {
        end(record, 'consumer', this.#trueNow());
        reading.close();
      };
      try {
        await this.#read(reading, record);
        // After finish() the record lasts to the end of the trial.
        if (!this.#isFinished) end(record, 'stop', this.#trueNow());
      } catch (error) {
        const isFull = isKiteError(error, 'KITE_CONNECTION_CHANNEL_OVERFLOW');
        end(record, isFull ? 'overflow' : 'stop', this.#trueNow());
        if (isFull) continue;
        this.onFeedEnded();
        this.#isReopening = true;
        await this.#pause(REOPENS_AFTER_MS);
        this.#isReopening = false;
      }
    }
    this.#isReading = false;
  }

  async #read(reading: Reading, { items: taken }: StreamRecord): Promise<void> {
    const next = async (): Promise<readonly Item[] | undefined> => {
      this.#isWaiting = true;
      try {
        return await reading.next();
      } finally {
        this.#isWaiting = false;
      }
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

/** Notes how a record ended. The first end counts. */
function end(record: StreamRecord, endedBy: StreamRecord['endedBy'], at: number): void {
  record.endedBy ??= endedBy;
  record.to ??= at;
}
