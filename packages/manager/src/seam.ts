import type { ChannelId } from '@kite/connection';

import { Announcements } from './announcements.js';
import type { FrameConsumer, MessageConsumer, Outage, Rule } from './connection-parts.js';
import {
  darkReason,
  LISTENER_FAILED_MS,
  listenerReason,
  namesFor,
  STUCK_AFTER_MS,
  stuckReason,
  unplacedReason,
} from './health.js';
import { namesOf, tokenOf, tokensOf } from './instrument-names.js';
import { lastTickOf, LastTicks } from './last-ticks.js';
import { wantedModes } from './modes.js';
import { optionBuilder } from './option-builder.js';
import {
  MANAGER_RULES,
  type ManagerOptionName,
  type ResolvedManagerConfig,
  resolveManagerConfig,
  START_RULES,
  type StartOptions,
} from './options.js';
import { OutageLedger } from './outage-ledger.js';
import { LatencyHistogram } from './processor-stats.js';
import type { StreamWatcher } from './stream-watcher.js';
import { Subscribers, type SubscribersHost } from './subscribers/subscribers.js';
import { ioWorkerKey } from './threads/wire/worker-host.js';
import { runIoWorker } from './threads/worker/run-io-worker.js';

/** The key under which {@link KiteTickerManager} holds what the packages above this one need. */
export const managerSeam: unique symbol = Symbol.for('@kite/manager') as never;

/** The types of the parts. */
interface ManagerTypes {
  Outage: Outage;
  OutageLedger: OutageLedger;
  LastTicks: LastTicks;
  ResolvedManagerConfig: ResolvedManagerConfig;
  StreamWatcher: StreamWatcher;
  Subscribers: Subscribers;
  SubscribersHost: SubscribersHost;
}

/** What the packages above this one are built from. It changes without notice: do not use it elsewhere. */
export interface ManagerParts {
  Announcements: typeof Announcements;
  darkReason: typeof darkReason;
  ioWorkerKey: typeof ioWorkerKey;
  LatencyHistogram: typeof LatencyHistogram;
  LISTENER_FAILED_MS: typeof LISTENER_FAILED_MS;
  listenerReason: typeof listenerReason;
  LastTicks: typeof LastTicks;
  lastTickOf: typeof lastTickOf;
  namesFor: typeof namesFor;
  namesOf: typeof namesOf;
  tokenOf: typeof tokenOf;
  tokensOf: typeof tokensOf;
  MANAGER_RULES: Readonly<Record<ManagerOptionName, Rule>>;
  optionBuilder: typeof optionBuilder;
  OutageLedger: typeof OutageLedger;
  resolveManagerConfig: typeof resolveManagerConfig;
  /** For a worker's file that watches its sockets. */
  runIoWorker: typeof runIoWorker;
  START_RULES: Readonly<Record<keyof StartOptions, Rule>>;
  STUCK_AFTER_MS: typeof STUCK_AFTER_MS;
  stuckReason: typeof stuckReason;
  Subscribers: typeof Subscribers;
  unplacedReason: typeof unplacedReason;
  wantedModes: typeof wantedModes;
  /** Never set: it only carries the types. */
  types?: ManagerTypes;
}

/** The value at {@link managerSeam}. */
export const MANAGER_PARTS: ManagerParts = {
  Announcements,
  darkReason,
  ioWorkerKey,
  LatencyHistogram,
  LISTENER_FAILED_MS,
  listenerReason,
  LastTicks,
  lastTickOf,
  namesFor,
  namesOf,
  tokenOf,
  tokensOf,
  MANAGER_RULES,
  optionBuilder,
  OutageLedger,
  resolveManagerConfig,
  runIoWorker,
  START_RULES,
  STUCK_AFTER_MS,
  stuckReason,
  Subscribers,
  unplacedReason,
  wantedModes,
};

/** Takes warnings: the kit's class, which no declaration may name. */
export interface WarningSink {
  warn(kind: string, message: string, code?: string): void;
}

/** One manager from the inside, for the packages above. */
export interface ManagerInside {
  /** Joins every connection's fan-out. Returns a function that leaves it. */
  attach(consumer: MessageConsumer | FrameConsumer): () => void;
  /** Which connection holds the instrument; undefined: none. */
  homeOf(token: number): ChannelId | undefined;
  /** Counts ticks of one connection that an upper-layer consumer lost; `isFirst`: the first since it last kept up. */
  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void;
  /** Notifies the watcher of what the connections stream, from now on. */
  watch(watcher: StreamWatcher): void;
  /** The outages of these instruments, as far as they were streamed here and are not now. */
  outagesOf(tokens: Iterable<number>): ReadonlyMap<number, Outage>;
  /** Reports outages of instruments that came here from another account: as a `gap`, once they are streamed. */
  missed(outages: ReadonlyMap<number, Outage>): void;
  /** Still delivers packets in flight of these, unsubscribed in this turn: the upper layer knows which are old. */
  linger(tokens: readonly number[]): void;
  /**
   * Starts and keeps trying; a failure does not end channels until {@link settle} is called. Once started: tries again
   * what was refused or has failed for good.
   */
  start(): Promise<void>;
  /** The start of all accounts has succeeded. `bringsTokens`: a refused token does not end channels. */
  settle(bringsTokens: boolean): void;
  /** Stops, but keeps the channels for the next start. */
  halt(): Promise<void>;
  /** A stop is asked for. Returns what to call when all is closed: it ends everything that reads now. */
  ending(): () => void;
  /** Sends warnings here from now on: the multi-account manager warns once for all accounts. */
  warnThrough(warnings: WarningSink): void;
}
