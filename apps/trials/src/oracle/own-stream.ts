import type { Gap, Mode } from '@kite/protocol';

import type { Item } from '../client/client.js';
import type { Delivery, ReadStream } from './read-stream.js';
import type { SentState } from './sent-states.js';
import { sourceOf, type StreamRecord } from './stream-record.js';

/** Something that came into all channels of a subscriber. */
export interface Came {
  readonly at: number;
  readonly item: Item;
  /** Distinguishes it from others. */
  readonly key: string;
  /** What it counts for as dropped; of a drop, its own count. */
  readonly weight: number;
  /** Of its ticks. */
  readonly states: readonly CameState[];
}

/** A tick that came into all channels of a subscriber. */
export interface CameState extends SentState {
  /** Its item's place in the stream. */
  readonly position: number;
  /** What it shows, and its source. */
  readonly look: string;
}

/** A gap that was told to all channels of a subscriber. */
export interface OwnGap {
  readonly gap: Gap;
  readonly at: number;
  /** Its place in the stream. */
  readonly position: number;
  readonly source: string;
}

/** Packets are told apart by their length alone. */
const PACKET_OF: Readonly<Record<Mode, Uint8Array>> = {
  ltp: new Uint8Array(8),
  quote: new Uint8Array(44),
  full: new Uint8Array(184),
};

/** What a subscriber's channel without losses received, as the stream that its other channels are judged by. */
export class OwnStream {
  readonly record: StreamRecord;
  readonly came: readonly Came[];
  /** Its gaps, in order. */
  readonly gaps: readonly OwnGap[];
  /** Its ticks by instrument, in order. */
  readonly states = new Map<number, CameState[]>();
  readonly #deliveries: Delivery[] = [];
  readonly #sources = new Map<string, number>();
  #count = 0;

  constructor(record: StreamRecord) {
    this.record = record;
    this.came = record.items.map(({ at, item }, position) => {
      const states = item.type === 'ticks' ? this.#statesOf(item, at, position) : [];
      const weight = item.type === 'dropped' ? item.count : Math.max(1, states.length);
      return { at, item, key: JSON.stringify(item), weight, states };
    });
    this.gaps = record.items.flatMap(({ at, item }, position): OwnGap[] =>
      item.type === 'gap' ? [{ gap: item.gap, at, position, source: JSON.stringify(item.from) }] : [],
    );
  }

  /** The same for the rules that slow consumers are judged by. */
  get read(): ReadStream {
    const none = new Set<SentState>();
    return {
      ...{ record: this.record, deliveries: this.#deliveries, gaps: [], lost: [], failures: [] },
      ...{ unowed: none, movedAway: none },
    };
  }

  #statesOf({ ticks, from }: Extract<Item, { type: 'ticks' }>, at: number, position: number) {
    const source = sourceOf(from);
    let connectionId = this.#sources.get(source);
    if (connectionId === undefined) this.#sources.set(source, (connectionId = this.#sources.size));
    return ticks.map((tick): CameState => {
      const token = tick.instrumentToken;
      const states = this.states.get(token) ?? [];
      this.states.set(token, states);
      const order = this.#count++;
      const state: CameState = {
        ...{ token, at, position, connectionId: connectionId, order, change: order, index: states.length },
        ...{ account: from.account, packet: PACKET_OF[tick.mode] },
        look: JSON.stringify([from, tick]),
        ...{ socket: undefined, arrival: undefined, twins: undefined },
      };
      states.push(state);
      this.#deliveries.push({ state, position, at });
      return state;
    });
  }
}
