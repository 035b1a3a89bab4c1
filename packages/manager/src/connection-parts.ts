import { connectionSeam, KiteTicker } from '@kite/connection';

// What a manager is built from, under the names that it has in the connection package.
type ConnectionParts = (typeof KiteTicker)[typeof connectionSeam];
const connection: ConnectionParts = KiteTicker[connectionSeam];

export const assertListener: ConnectionParts['assertListener'] = connection.assertListener;
export const backoffDelay: ConnectionParts['backoffDelay'] = connection.backoffDelay;
export const checkCredentials: ConnectionParts['checkCredentials'] = connection.checkCredentials;
export const checkNewCredentials: ConnectionParts['checkNewCredentials'] = connection.checkNewCredentials;
export const Connection: ConnectionParts['Connection'] = connection.Connection;
export const CONNECTION_DEFAULTS: ConnectionParts['CONNECTION_DEFAULTS'] = connection.CONNECTION_DEFAULTS;
export const CONNECTION_RULES: ConnectionParts['CONNECTION_RULES'] = connection.CONNECTION_RULES;
export const CREDENTIAL_RULES: ConnectionParts['CREDENTIAL_RULES'] = connection.CREDENTIAL_RULES;
export const Endpoint: ConnectionParts['Endpoint'] = connection.Endpoint;
export const Hub: ConnectionParts['Hub'] = connection.Hub;
export const listenerFailed: ConnectionParts['listenerFailed'] = connection.listenerFailed;
export const notSubscribed: ConnectionParts['notSubscribed'] = connection.notSubscribed;
export const Outlets: ConnectionParts['Outlets'] = connection.Outlets;
export const processSlots: ConnectionParts['processSlots'] = connection.processSlots;
export const resolveConnectionConfig: ConnectionParts['resolveConnectionConfig'] =
  connection.resolveConnectionConfig;
export const SlotHolder: ConnectionParts['SlotHolder'] = connection.SlotHolder;
export const Subscriptions: ConnectionParts['Subscriptions'] = connection.Subscriptions;
export const systemRandom: ConnectionParts['systemRandom'] = connection.systemRandom;
export const TICKER_EVENTS: ConnectionParts['TICKER_EVENTS'] = connection.TICKER_EVENTS;
export const uncountedSlots: ConnectionParts['uncountedSlots'] = connection.uncountedSlots;

type Types = NonNullable<ConnectionParts['types']>;

export type BackoffOptions = Types['BackoffOptions'];
export type Connection = Types['Connection'];
export type ConnectionListener = Types['ConnectionListener'];
export type ConnectionSlots = Types['ConnectionSlots'];
export type Endpoint = Types['Endpoint'];
export type FeedEvents = Types['FeedEvents'];
export type FrameConsumer = Types['FrameConsumer'];
export type Hub = Types['Hub'];
export type Lag = Types['Lag'];
export type MessageConsumer = Types['MessageConsumer'];
export type Outlets = Types['Outlets'];
export type ResolvedConnectionConfig = Types['ResolvedConnectionConfig'];
export type Rule = Types['Rule'];
export type SlotHolder = Types['SlotHolder'];
export type Subscriptions = Types['Subscriptions'];
