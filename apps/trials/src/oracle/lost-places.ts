import { countWhile } from './count-while.js';
import type { Facts } from './facts.js';
import type { Delivery, OwnDelivery } from './read-stream.js';
import type { SentState } from './sent-states.js';
import type { StreamRecord } from './stream-record.js';

/** Where in a stream a drop may account for an undelivered state. */
export class LostPlaces {
  readonly #record: StreamRecord;
  readonly #facts: Pick<Facts, 'channels' | 'lostOnTheWay'>;
  readonly #deliveriesOf: ReadonlyMap<number, readonly OwnDelivery[]>;
  /** By connection, the newest delivered packet, and where. */
  readonly #newest = new Map<number, { order: number; position: number }[]>();

  /** @param deliveriesOf the same deliveries by instrument */
  constructor(
    record: StreamRecord,
    facts: Pick<Facts, 'channels' | 'lostOnTheWay'>,
    deliveries: readonly Delivery[],
    deliveriesOf: ReadonlyMap<number, readonly OwnDelivery[]>,
  ) {
    this.#record = record;
    this.#facts = facts;
    this.#deliveriesOf = deliveriesOf;
    for (const { state, position } of deliveries) {
      const { connectionId, order } = state;
      let newest = this.#newest.get(connectionId);
      if (!newest) this.#newest.set(connectionId, (newest = []));
      if (order > (newest.at(-1)?.order ?? -1)) newest.push({ order, position });
    }
  }

  /** Between which items a drop may account for a lost state: after what is older, and before what is newer. */
  of(lost: SentState): { after: number; before: number } {
    const { token, index, twins, arrival, connectionId, order } = lost;
    const { first, last } = twins ?? { first: index, last: index };
    const deliveries = this.#deliveriesOf.get(token) ?? [];
    let older = countWhile(deliveries, ({ state }) => state.index < first);
    let newer = countWhile(deliveries, ({ state }) => state.index <= last);
    // A delivery that matches several states of that millisecond may be on either side.
    const isUnclear = (delivery: Delivery | undefined): boolean =>
      delivery?.state.twins !== undefined && delivery.state.arrival?.wall === arrival?.wall;
    while (isUnclear(deliveries[older - 1])) older--;
    // The same for a delivery that may have been this state, or an earlier one.
    const mayBeOlder = (delivery: OwnDelivery | undefined): boolean =>
      (delivery?.earlier[0]?.index ?? Infinity) <= index;
    while (isUnclear(deliveries[newer]) || mayBeOlder(deliveries[newer])) newer++;
    const after = this.#behind(deliveries[older - 1], lost);
    const before = deliveries[newer]?.position ?? Infinity;
    // Batches of the newest states are not in the order of their connection.
    if (this.#record.plan.overflow === 'conflate') return { after: this.#beforeDropsOf(after), before };
    if (twins) return { after, before };
    const newest = this.#newest.get(connectionId) ?? [];
    const overtaken = newest[countWhile(newest, (one) => one.order <= order)];
    return { after, before: Math.min(before, overtaken?.position ?? Infinity) };
  }

  /**
   * The place of the last delivery that is older. If it stands on a batch of ticks that nothing waits behind, the count of
   * that batch includes what other connections have lost since.
   */
  #behind(delivery: Delivery | undefined, lost: SentState): number {
    if (!delivery) return -1;
    const { position, state } = delivery;
    const isOther = state.account !== lost.account || this.#channelOf(state) !== this.#channelOf(lost);
    if (this.#record.plan.kind !== 'ticks' || !isOther) return position;
    let before = position;
    while (this.#isBesideBatch(before - 1)) before--;
    return before - 1;
  }

  #channelOf({ connectionId }: SentState): number | undefined {
    return this.#facts.channels.get(connectionId);
  }

  /** Whether this item is the count or the gap of the batch behind it. */
  #isBesideBatch(position: number): boolean {
    const type = this.#record.items[position]?.item.type;
    return type === 'dropped' || type === 'gap';
  }

  /** A loss on the way while a batch of the newest states is gathered is counted in front of the batch. */
  #beforeDropsOf(batch: number): number {
    const { items } = this.#record;
    if (!this.#facts.lostOnTheWay?.length || items[batch - 1]?.item.type !== 'dropped') return batch;
    return batch - 2;
  }
}
