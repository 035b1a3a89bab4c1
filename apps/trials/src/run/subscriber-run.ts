import type { SubscriberClient } from '../client/subscriber-client.js';
import { OwnWants } from '../oracle/own-wants.js';
import type { ConsumerPlan, SubscriberPlan } from '../plan/plan.js';
import { Consumer } from './consumer.js';
import type { TrialSystem } from './trial-system.js';

/** One subscriber at work: it comes, reads everything at once, and goes. */
export class SubscriberRun {
  readonly plan: SubscriberPlan;
  readonly own = new OwnWants();
  readonly consumer: Consumer;
  readonly #system: TrialSystem;
  #client: SubscriberClient | undefined;

  constructor(plan: SubscriberPlan, system: TrialSystem) {
    this.plan = plan;
    this.#system = system;
    const reading: ConsumerPlan = {
      id: plan.id,
      kind: 'messages',
      capacity: 1_000_000,
      from: plan.from,
      takesMs: 0,
    };
    const open = (consumer: ConsumerPlan) => this.client.open(consumer);
    this.consumer = new Consumer(reading, { open }, system.day.options.clock, () => system.now);
  }

  /** The subscriber of the client; made when it is first needed. */
  get client(): SubscriberClient {
    return (this.#client ??= this.#system.client.subscriber!(this.plan.id, this.plan.exact));
  }

  /** It gives up its instruments, and is read no more. */
  close(): Promise<void> {
    this.consumer.close();
    return this.client.close();
  }
}
