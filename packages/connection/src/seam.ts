import { resolveChannelOptions } from './channel/channel-options.js';
import { type ConsumerContext, MessageChannelConsumer } from './channel/message-consumer.js';
import { assertDecoding, Outlets } from './channel/outlets.js';
import type { FrameConsumer, MessageConsumer } from './feed/consumer.js';
import { assertListener, type FeedEvents, TICKER_EVENTS } from './feed/events.js';
import { Hub } from './feed/hub.js';
import { listenerFailed } from './feed/listener-failed.js';
import type { Lag } from './feed/message.js';
import {
  checkCredentials,
  checkNewCredentials,
  CONNECTION_DEFAULTS,
  CONNECTION_RULES,
  type ConnectionConfig,
  CREDENTIAL_RULES,
  type CredentialOptions,
  resolveConnectionConfig,
  type ResolvedConnectionConfig,
} from './options.js';
import { systemRandom } from './random.js';
import { backoffDelay, type BackoffOptions } from './socket/backoff.js';
import { Connection, type ConnectionListener } from './socket/connection.js';
import { type ConnectionSlots, processSlots, uncountedSlots } from './socket/connection-slots.js';
import { Endpoint } from './socket/endpoint.js';
import { SlotHolder } from './socket/slot-holder.js';
import { notSubscribed, Subscriptions } from './socket/subscriptions.js';

/** The key under which {@link KiteTicker} holds what the packages above this one are built from. */
export const connectionSeam: unique symbol = Symbol.for('@kite/connection') as never;

/** What an option takes, in words and as a check: the kit's type, which no declaration may name. */
interface Rule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  readonly secret?: boolean;
}

/** The types of the parts. */
interface ConnectionTypes {
  BackoffOptions: BackoffOptions;
  Connection: Connection;
  ConnectionListener: ConnectionListener;
  ConnectionSlots: ConnectionSlots;
  ConsumerContext: ConsumerContext;
  Endpoint: Endpoint;
  FeedEvents: FeedEvents;
  FrameConsumer: FrameConsumer;
  Hub: Hub;
  Lag: Lag;
  MessageChannelConsumer: MessageChannelConsumer;
  MessageConsumer: MessageConsumer;
  Outlets: Outlets;
  ResolvedConnectionConfig: ResolvedConnectionConfig;
  Rule: Rule;
  SlotHolder: SlotHolder;
  Subscriptions: Subscriptions;
}

/** What the packages above this one are built from. It changes without notice, and nobody else should use it. */
export interface ConnectionParts {
  assertDecoding: typeof assertDecoding;
  assertListener: typeof assertListener;
  backoffDelay: typeof backoffDelay;
  checkCredentials: typeof checkCredentials;
  checkNewCredentials: typeof checkNewCredentials;
  Connection: typeof Connection;
  CONNECTION_DEFAULTS: typeof CONNECTION_DEFAULTS;
  CONNECTION_RULES: Readonly<Record<keyof ConnectionConfig, Rule>>;
  CREDENTIAL_RULES: Readonly<Record<keyof CredentialOptions, Rule>>;
  Endpoint: typeof Endpoint;
  Hub: typeof Hub;
  listenerFailed: typeof listenerFailed;
  MessageChannelConsumer: typeof MessageChannelConsumer;
  notSubscribed: typeof notSubscribed;
  Outlets: typeof Outlets;
  processSlots: typeof processSlots;
  resolveChannelOptions: typeof resolveChannelOptions;
  resolveConnectionConfig: typeof resolveConnectionConfig;
  SlotHolder: typeof SlotHolder;
  Subscriptions: typeof Subscriptions;
  systemRandom: typeof systemRandom;
  TICKER_EVENTS: typeof TICKER_EVENTS;
  uncountedSlots: typeof uncountedSlots;
  /** Never set: it names the types for those who write them down. */
  types?: ConnectionTypes;
}

/** The value at {@link connectionSeam}. */
export const CONNECTION_PARTS: ConnectionParts = {
  assertDecoding,
  assertListener,
  backoffDelay,
  checkCredentials,
  checkNewCredentials,
  Connection,
  CONNECTION_DEFAULTS,
  CONNECTION_RULES,
  CREDENTIAL_RULES,
  Endpoint,
  Hub,
  listenerFailed,
  MessageChannelConsumer,
  notSubscribed,
  Outlets,
  processSlots,
  resolveChannelOptions,
  resolveConnectionConfig,
  SlotHolder,
  Subscriptions,
  systemRandom,
  TICKER_EVENTS,
  uncountedSlots,
};
