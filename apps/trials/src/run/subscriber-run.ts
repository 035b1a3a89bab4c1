import type { SubscriberClient } from '../client/subscriber-client.js';
import { OwnWants } from '../oracle/own-wants.js';
import type { ConsumerPlan, SubscriberPlan } from '../plan/plan.js';
import { Consumer } from './consumer.js';
import type { TrialSystem } from './trial-system.js';

/** One subscriber at work: it comes, reads everything at once and some of it once more, slowly, and goes. */
export class SubscriberRun {
  readonly plan: SubscriberPlan;
  readonly own = new OwnWants();
  /** Reads everything at once. */
  readonly consumer: Consumer;
  /** Reads the same slowly, from a bounded channel; undefined: nobody does. */
  readonly slow: Consumer | undefined;
  readonly #system: TrialSystem;
  #client: SubscriberClient | undefined;

  constructor(plan: SubscriberPlan, system: TrialSystem) {
    this.plan = plan;
    this.#system = system;
    const { id, from, slow } = plan;
    this.consumer = this.#reader({ id, kind: 'messages', capacity: 1_000_000, from, takesMs: 0 });
    this.slow = slow && this.#reader({ id: `${id}, slowly`, kind: 'messages', from, ...slow });
  }

  /** All that read for it. */
  get readers(): readonly Consumer[] {
    return this.slow ? [this.consumer, this.slow] : [this.consumer];
  }

  /** The subscriber of the client; made when it is first needed. */
  get client(): SubscriberClient {
    return (this.#client ??= this.#system.client.subscriber!(this.plan.id, this.plan.exact));
  }

  open(): void {
    for (const reader of this.readers) reader.open();
  }

  /** It gives up its instruments, and is read no more. */
  close(): Promise<void> {
    for (const reader of this.readers) reader.close();
    return this.client.close();
  }

  #reader(plan: ConsumerPlan): Consumer {
    const open = (consumer: ConsumerPlan) => this.client.open(consumer);
    return new Consumer(plan, { open }, this.#system.day.options.clock, () => this.#system.now);
  }
}
