import { connectionSeam, KiteTicker } from '@kite/connection';
import { KiteTickerManager, managerSeam } from '@kite/manager';

// What the manager of many accounts is built from, under the names that it has in the packages below.
type ConnectionParts = (typeof KiteTicker)[typeof connectionSeam];
const connection: ConnectionParts = KiteTicker[connectionSeam];

export const assertDecoding: ConnectionParts['assertDecoding'] = connection.assertDecoding;
export const assertListener: ConnectionParts['assertListener'] = connection.assertListener;
export const checkCredentials: ConnectionParts['checkCredentials'] = connection.checkCredentials;
export const CREDENTIAL_RULES: ConnectionParts['CREDENTIAL_RULES'] = connection.CREDENTIAL_RULES;
export const listenerFailed: ConnectionParts['listenerFailed'] = connection.listenerFailed;
export const MessageChannelConsumer: ConnectionParts['MessageChannelConsumer'] =
  connection.MessageChannelConsumer;
export const notSubscribed: ConnectionParts['notSubscribed'] = connection.notSubscribed;
export const resolveChannelOptions: ConnectionParts['resolveChannelOptions'] =
  connection.resolveChannelOptions;
export const TICKER_EVENTS: ConnectionParts['TICKER_EVENTS'] = connection.TICKER_EVENTS;

type ManagerParts = (typeof KiteTickerManager)[typeof managerSeam];
const manager: ManagerParts = KiteTickerManager[managerSeam];

export const HealthWatch: ManagerParts['HealthWatch'] = manager.HealthWatch;
export const ioWorkerKey: ManagerParts['ioWorkerKey'] = manager.ioWorkerKey;
export const LastTicks: ManagerParts['LastTicks'] = manager.LastTicks;
export const lastTickOf: ManagerParts['lastTickOf'] = manager.lastTickOf;
export const MANAGER_RULES: ManagerParts['MANAGER_RULES'] = manager.MANAGER_RULES;
export const optionBuilder: ManagerParts['optionBuilder'] = manager.optionBuilder;
export const Outages: ManagerParts['Outages'] = manager.Outages;
export const resolveManagerConfig: ManagerParts['resolveManagerConfig'] = manager.resolveManagerConfig;
export const unplacedReason: ManagerParts['unplacedReason'] = manager.unplacedReason;

type ConnectionTypes = NonNullable<ConnectionParts['types']>;

export type ConsumerContext = ConnectionTypes['ConsumerContext'];
export type FrameConsumer = ConnectionTypes['FrameConsumer'];
export type MessageChannelConsumer = ConnectionTypes['MessageChannelConsumer'];
export type MessageConsumer = ConnectionTypes['MessageConsumer'];

type ManagerTypes = NonNullable<ManagerParts['types']>;

export type LastTicks = ManagerTypes['LastTicks'];
export type Outage = ManagerTypes['Outage'];
export type Outages = ManagerTypes['Outages'];
export type ResolvedManagerConfig = ManagerTypes['ResolvedManagerConfig'];
