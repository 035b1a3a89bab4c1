import { connectionSeam, KiteTicker } from '@kite/connection';

// What a manager is built from, under the connection package's names.
type ConnectionParts = (typeof KiteTicker)[typeof connectionSeam];
const connection: ConnectionParts = KiteTicker[connectionSeam];

export const Account: ConnectionParts['Account'] = connection.Account;
export const assertListener: ConnectionParts['assertListener'] = connection.assertListener;
export const backoffDelay: ConnectionParts['backoffDelay'] = connection.backoffDelay;
export const checkCredentials: ConnectionParts['checkCredentials'] = connection.checkCredentials;
export const checkNewCredentials: ConnectionParts['checkNewCredentials'] = connection.checkNewCredentials;
export const Connection: ConnectionParts['Connection'] = connection.Connection;
export const CONNECTION_DEFAULTS: ConnectionParts['CONNECTION_DEFAULTS'] = connection.CONNECTION_DEFAULTS;
export const CONNECTION_RULES: ConnectionParts['CONNECTION_RULES'] = connection.CONNECTION_RULES;
export const CREDENTIAL_RULES: ConnectionParts['CREDENTIAL_RULES'] = connection.CREDENTIAL_RULES;
export const Endpoint: ConnectionParts['Endpoint'] = connection.Endpoint;
export const FanOut: ConnectionParts['FanOut'] = connection.FanOut;
export const FeedEnd: ConnectionParts['FeedEnd'] = connection.FeedEnd;
export const frameOf: ConnectionParts['frameOf'] = connection.frameOf;
export const Hub: ConnectionParts['Hub'] = connection.Hub;
export const LinkControl: ConnectionParts['LinkControl'] = connection.LinkControl;
export const LONG_SILENCE_MS: ConnectionParts['LONG_SILENCE_MS'] = connection.LONG_SILENCE_MS;
export const notSubscribed: ConnectionParts['notSubscribed'] = connection.notSubscribed;
export const Outlets: ConnectionParts['Outlets'] = connection.Outlets;
export const processSlots: ConnectionParts['processSlots'] = connection.processSlots;
export const Reading: ConnectionParts['Reading'] = connection.Reading;
export const Registrations: ConnectionParts['Registrations'] = connection.Registrations;
export const resolveConnectionConfig: ConnectionParts['resolveConnectionConfig'] =
  connection.resolveConnectionConfig;
export const resolvedNetwork: ConnectionParts['resolvedNetwork'] = connection.resolvedNetwork;
export const systemRandom: ConnectionParts['systemRandom'] = connection.systemRandom;
export const TICK_STATES: ConnectionParts['TICK_STATES'] = connection.TICK_STATES;
export const TICKER_EVENTS: ConnectionParts['TICKER_EVENTS'] = connection.TICKER_EVENTS;

type Types = NonNullable<ConnectionParts['types']>;

export type Account = Types['Account'];
export type BackoffOptions = Types['BackoffOptions'];
export type Beginning = Types['Beginning'];
export type Connection = Types['Connection'];
export type Dropped = Types['Dropped'];
export type Endpoint = Types['Endpoint'];
export type FanOut = Types['FanOut'];
export type FeedEnd = Types['FeedEnd'];
export type FeedEvents = Types['FeedEvents'];
export type FrameConsumer = Types['FrameConsumer'];
export type Hub = Types['Hub'];
export type Link = Types['Link'];
export type LinkControl = Types['LinkControl'];
export type MessageConsumer = Types['MessageConsumer'];
export type Outage = Types['Outage'];
export type OutletConfig = Types['OutletConfig'];
export type Outlets = Types['Outlets'];
export type Reading = Types['Reading'];
export type Registrations = Types['Registrations'];
export type ResolvedConnectionConfig = Types['ResolvedConnectionConfig'];
export type Rule = Types['Rule'];
export type SourceListener = Types['SourceListener'];
export type SourceStatus = Types['SourceStatus'];
export type SourceTag = Types['SourceTag'];
export type Wanted = Types['Wanted'];
export type WantedCredentials = Types['WantedCredentials'];
