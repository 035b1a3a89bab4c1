import { connectionSeam, KiteTicker } from '@kite/connection';
import { KiteTickerManager, managerSeam } from '@kite/manager';

// What the multi-account manager is built from, under the names of the packages below.
type ConnectionParts = (typeof KiteTicker)[typeof connectionSeam];
const connection: ConnectionParts = KiteTicker[connectionSeam];

export const arrivalOf: ConnectionParts['arrivalOf'] = connection.arrivalOf;
export const assertDecoding: ConnectionParts['assertDecoding'] = connection.assertDecoding;
export const assertListener: ConnectionParts['assertListener'] = connection.assertListener;
export const checkCredentials: ConnectionParts['checkCredentials'] = connection.checkCredentials;
export const CREDENTIAL_RULES: ConnectionParts['CREDENTIAL_RULES'] = connection.CREDENTIAL_RULES;
export const FanOut: ConnectionParts['FanOut'] = connection.FanOut;
export const FeedEnd: ConnectionParts['FeedEnd'] = connection.FeedEnd;
export const listenerFailed: ConnectionParts['listenerFailed'] = connection.listenerFailed;
export const Merger: ConnectionParts['Merger'] = connection.Merger;
export const notSubscribed: ConnectionParts['notSubscribed'] = connection.notSubscribed;
export const Outlets: ConnectionParts['Outlets'] = connection.Outlets;
export const Registrations: ConnectionParts['Registrations'] = connection.Registrations;
export const spanOf: ConnectionParts['spanOf'] = connection.spanOf;
export const TICKER_EVENTS: ConnectionParts['TICKER_EVENTS'] = connection.TICKER_EVENTS;

type ManagerParts = (typeof KiteTickerManager)[typeof managerSeam];
const manager: ManagerParts = KiteTickerManager[managerSeam];

export const darkReason: ManagerParts['darkReason'] = manager.darkReason;
export const Announcements: ManagerParts['Announcements'] = manager.Announcements;
export const ioWorkerKey: ManagerParts['ioWorkerKey'] = manager.ioWorkerKey;
export const LISTENER_FAILED_MS: ManagerParts['LISTENER_FAILED_MS'] = manager.LISTENER_FAILED_MS;
export const listenerReason: ManagerParts['listenerReason'] = manager.listenerReason;
export const LatencyHistogram: ManagerParts['LatencyHistogram'] = manager.LatencyHistogram;
export const LastTicks: ManagerParts['LastTicks'] = manager.LastTicks;
export const lastTickOf: ManagerParts['lastTickOf'] = manager.lastTickOf;
export const MANAGER_RULES: ManagerParts['MANAGER_RULES'] = manager.MANAGER_RULES;
export const namesFor: ManagerParts['namesFor'] = manager.namesFor;
export const namesOf: ManagerParts['namesOf'] = manager.namesOf;
export const tokenOf: ManagerParts['tokenOf'] = manager.tokenOf;
export const tokensOf: ManagerParts['tokensOf'] = manager.tokensOf;
export const START_RULES: ManagerParts['START_RULES'] = manager.START_RULES;
export const optionBuilder: ManagerParts['optionBuilder'] = manager.optionBuilder;
export const OutageLedger: ManagerParts['OutageLedger'] = manager.OutageLedger;
export const resolveManagerConfig: ManagerParts['resolveManagerConfig'] = manager.resolveManagerConfig;
export const STUCK_AFTER_MS: ManagerParts['STUCK_AFTER_MS'] = manager.STUCK_AFTER_MS;
export const stuckReason: ManagerParts['stuckReason'] = manager.stuckReason;
export const Subscribers: ManagerParts['Subscribers'] = manager.Subscribers;
export const unplacedReason: ManagerParts['unplacedReason'] = manager.unplacedReason;
export const wantedModes: ManagerParts['wantedModes'] = manager.wantedModes;

type ConnectionTypes = NonNullable<ConnectionParts['types']>;

export type FanOut = ConnectionTypes['FanOut'];
export type FeedEnd = ConnectionTypes['FeedEnd'];
export type FeedEvents = ConnectionTypes['FeedEvents'];
export type FrameConsumer = ConnectionTypes['FrameConsumer'];
export type MessageConsumer = ConnectionTypes['MessageConsumer'];
export type Outlets = ConnectionTypes['Outlets'];
export type Registrations = ConnectionTypes['Registrations'];
export type SourceTag = ConnectionTypes['SourceTag'];

type ManagerTypes = NonNullable<ManagerParts['types']>;

export type LastTicks = ManagerTypes['LastTicks'];
export type Outage = ManagerTypes['Outage'];
export type OutageLedger = ManagerTypes['OutageLedger'];
export type ResolvedManagerConfig = ManagerTypes['ResolvedManagerConfig'];
export type Subscribers = ManagerTypes['Subscribers'];
export type SubscribersHost = ManagerTypes['SubscribersHost'];
