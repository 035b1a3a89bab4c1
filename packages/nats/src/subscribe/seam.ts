import type { Bus, BusMessage, BusState, ReplayReader } from '../bus/bus.js';
import type { LeaseOptions, Leases, LeaseWatcher } from '../bus/leases.js';
import { BusReader } from './bus-reader.js';

/** The key under which {@link BusFeed} holds the parts that let it run on another bus: trials run it on one in memory. */
export const natsSeam: unique symbol = Symbol.for('@kite/nats') as never;

/** The types of the parts. */
interface NatsTypes {
  Bus: Bus;
  BusMessage: BusMessage;
  BusState: BusState;
  LeaseOptions: LeaseOptions;
  Leases: Leases;
  LeaseWatcher: LeaseWatcher;
  ReplayReader: ReplayReader;
}

/** What stands at {@link natsSeam}. */
export interface NatsParts {
  BusReader: typeof BusReader;
  /** Never set: names the types for code that spells them out. */
  types?: NatsTypes;
}

/** The value at {@link natsSeam}. */
export const NATS_PARTS: NatsParts = { BusReader };
