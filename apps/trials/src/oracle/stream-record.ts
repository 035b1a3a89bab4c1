import type { Item } from '../client/client.js';
import type { ConsumerPlan } from '../plan/plan.js';

/** What one consumer received, from the opening of its channel to its end. */
export interface StreamRecord {
  readonly consumer: string;
  readonly plan: ConsumerPlan;
  /** Virtual milliseconds since the trial began. */
  readonly from: number;
  /** When it ended. */
  to: number | undefined;
  /**
   * What ended it: the consumer itself, which discards waiting items; the program, by a stop, after which waiting items
   * are still read; or its own overflow. Undefined: it was read to the end of the trial.
   */
  endedBy: 'consumer' | 'stop' | 'overflow' | undefined;
  /**
   * When the program stopped its manager. After that the channel got only what was on its way from the I/O worker, and
   * the connections' final states. A slow consumer reads on.
   */
  stoppedAt: number | undefined;
  readonly items: { readonly at: number; readonly item: Item }[];
}

/** The last time at which something could enter the channel. */
export function fedUntil({ to = Infinity, stoppedAt = Infinity }: StreamRecord): number {
  return Math.min(to, stoppedAt);
}

/**
 * Whether it reached the main thread after the last listener was gone: removing a listener gives up what is still on
 * its way from the I/O worker.
 */
export function wasUnheard(record: StreamRecord, cameAt: number | undefined): boolean {
  return record.plan.kind === 'listener' && cameAt !== undefined && cameAt >= fedUntil(record);
}

/** When something was noticed; `Infinity`: at the end. */
export function timeOf({ to, items }: StreamRecord, noticedAt: number): number {
  return noticedAt === Infinity ? (to ?? items.at(-1)?.at ?? 0) : noticedAt;
}

/** A connection in words. */
export function sourceOf({ account, channelId }: { account: string; channelId: number }): string {
  return `${account}, connection ${channelId + 1}`;
}
