import { connectionSeam, KiteTicker } from '@kite/connection';

// The parts of a feed over the bus, under their names in the connection package.
type ConnectionParts = (typeof KiteTicker)[typeof connectionSeam];
const connection: ConnectionParts = KiteTicker[connectionSeam];

export const assertListener: ConnectionParts['assertListener'] = connection.assertListener;
export const CONNECTION_DEFAULTS: ConnectionParts['CONNECTION_DEFAULTS'] = connection.CONNECTION_DEFAULTS;
export const FanOut: ConnectionParts['FanOut'] = connection.FanOut;
export const FeedEnd: ConnectionParts['FeedEnd'] = connection.FeedEnd;
export const frameOf: ConnectionParts['frameOf'] = connection.frameOf;
export const listenerFailed: ConnectionParts['listenerFailed'] = connection.listenerFailed;
export const Merger: ConnectionParts['Merger'] = connection.Merger;
export const Outlets: ConnectionParts['Outlets'] = connection.Outlets;
export const Registrations: ConnectionParts['Registrations'] = connection.Registrations;
export const systemRandom: ConnectionParts['systemRandom'] = connection.systemRandom;
export const TICK_STATES: ConnectionParts['TICK_STATES'] = connection.TICK_STATES;
export const TICKER_EVENTS: ConnectionParts['TICKER_EVENTS'] = connection.TICKER_EVENTS;

type Types = NonNullable<ConnectionParts['types']>;

export type FanOut = Types['FanOut'];
export type FeedEnd = Types['FeedEnd'];
export type FrameConsumer = Types['FrameConsumer'];
export type MessageConsumer = Types['MessageConsumer'];
export type Outlets = Types['Outlets'];
export type Registrations = Types['Registrations'];
export type SourceTag = Types['SourceTag'];
