import type { OutletConfig } from './channel/channel-options.js';
import { assertDecoding, Outlets } from './channel/outlets.js';
import { arrivalOf } from './feed/arrival.js';
import type { FrameConsumer, MessageConsumer, SourceTag } from './feed/consumer.js';
import { assertListener, type FeedEvents, TICKER_EVENTS } from './feed/events.js';
import { FanOut } from './feed/fan-out.js';
import { FeedEnd } from './feed/feed-end.js';
import { frameOf } from './feed/frame-of.js';
import { Hub } from './feed/hub.js';
import { listenerFailed } from './feed/listener-failed.js';
import { Merger } from './feed/merger.js';
import { type Beginning, LONG_SILENCE_MS, type Outage, spanOf } from './feed/outage-watch.js';
import { Registrations } from './feed/registrations.js';
import { TICK_STATES } from './feed/tick-state.js';
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
import { Reading } from './reading.js';
import { resolvedNetwork } from './resolved-network.js';
import { Account } from './socket/account.js';
import { backoffDelay, type BackoffOptions } from './socket/backoff.js';
import { Connection } from './socket/connection.js';
import { processSlots } from './socket/connection-slots.js';
import type { TokenProvider, WantedCredentials } from './socket/credentials.js';
import { Endpoint } from './socket/endpoint.js';
import type { Link, Wanted } from './socket/link.js';
import { LinkControl } from './socket/link-control.js';
import type { Dropped, SourceListener, SourceStatus } from './socket/source.js';
import { notSubscribed } from './socket/subscriptions.js';

/** The key under which {@link KiteTicker} holds the parts that the packages above are built from. */
export const connectionSeam: unique symbol = Symbol.for('@kite/connection') as never;

/** The kit's rule type, which no declaration may name: what an option takes, in words and as a check. */
interface Rule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
  readonly secret?: boolean;
}

/** The types of the parts. */
interface ConnectionTypes {
  Account: Account;
  BackoffOptions: BackoffOptions;
  Beginning: Beginning;
  Connection: Connection;
  Dropped: Dropped;
  Endpoint: Endpoint;
  FanOut: FanOut;
  FeedEnd: FeedEnd;
  FeedEvents: FeedEvents;
  Registrations: Registrations;
  FrameConsumer: FrameConsumer;
  Hub: Hub;
  Link: Link;
  LinkControl: LinkControl;
  MessageConsumer: MessageConsumer;
  Outage: Outage;
  OutletConfig: OutletConfig;
  Outlets: Outlets;
  Reading: Reading;
  ResolvedConnectionConfig: ResolvedConnectionConfig;
  Rule: Rule;
  SourceListener: SourceListener;
  SourceStatus: SourceStatus;
  SourceTag: SourceTag;
  TokenProvider: TokenProvider;
  Wanted: Wanted;
  WantedCredentials: WantedCredentials;
}

/** What the packages above this one are built from. Changes without notice: for those packages only. */
export interface ConnectionParts {
  Account: typeof Account;
  arrivalOf: typeof arrivalOf;
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
  FanOut: typeof FanOut;
  FeedEnd: typeof FeedEnd;
  frameOf: typeof frameOf;
  Hub: typeof Hub;
  LinkControl: typeof LinkControl;
  listenerFailed: typeof listenerFailed;
  LONG_SILENCE_MS: typeof LONG_SILENCE_MS;
  Merger: typeof Merger;
  notSubscribed: typeof notSubscribed;
  Outlets: typeof Outlets;
  processSlots: typeof processSlots;
  Reading: typeof Reading;
  Registrations: typeof Registrations;
  resolveConnectionConfig: typeof resolveConnectionConfig;
  resolvedNetwork: typeof resolvedNetwork;
  spanOf: typeof spanOf;
  systemRandom: typeof systemRandom;
  TICK_STATES: typeof TICK_STATES;
  TICKER_EVENTS: typeof TICKER_EVENTS;
  /** Never set: names the types for code that spells them out. */
  types?: ConnectionTypes;
}

/** The value at {@link connectionSeam}. */
export const CONNECTION_PARTS: ConnectionParts = {
  Account,
  arrivalOf,
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
  FanOut,
  FeedEnd,
  frameOf,
  Hub,
  LinkControl,
  listenerFailed,
  LONG_SILENCE_MS,
  Merger,
  notSubscribed,
  Outlets,
  processSlots,
  Reading,
  Registrations,
  resolveConnectionConfig,
  resolvedNetwork,
  spanOf,
  systemRandom,
  TICK_STATES,
  TICKER_EVENTS,
};
