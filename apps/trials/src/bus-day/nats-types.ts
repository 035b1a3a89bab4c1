import type { BusFeed, natsSeam } from '@kite/nats';

type Types = NonNullable<(typeof BusFeed)[typeof natsSeam]['types']>;

// The types of the bus, under their names in the package nats.
export type Bus = Types['Bus'];
export type BusMessage = Types['BusMessage'];
export type BusState = Types['BusState'];
export type LeaseOptions = Types['LeaseOptions'];
export type Leases = Types['Leases'];
export type LeaseWatcher = Types['LeaseWatcher'];
export type ReplayReader = Types['ReplayReader'];
