import type { ChannelId } from '@kite/connection';

import type { FrameConsumer, MessageConsumer, Rule } from './connection-parts.js';
import { unplacedReason } from './health.js';
import { HealthWatch } from './health-watch.js';
import { lastTickOf, LastTicks } from './last-ticks.js';
import { optionBuilder } from './option-builder.js';
import {
  MANAGER_RULES,
  type ManagerOptionName,
  type ResolvedManagerConfig,
  resolveManagerConfig,
} from './options.js';
import { type Outage, Outages } from './outages.js';
import { ioWorkerKey } from './threads/wire/worker-host.js';

/** The key under which {@link KiteTickerManager} holds what the packages above this one need. */
export const managerSeam: unique symbol = Symbol.for('@kite/manager') as never;

/** The types of the parts. */
interface ManagerTypes {
  Outage: Outage;
  Outages: Outages;
  HealthWatch: HealthWatch<{ status: 'healthy' | 'degraded' | 'critical' }>;
  LastTicks: LastTicks;
  ResolvedManagerConfig: ResolvedManagerConfig;
}

/** What the packages above this one are built from. It changes without notice, and nobody else should use it. */
export interface ManagerParts {
  HealthWatch: typeof HealthWatch;
  ioWorkerKey: typeof ioWorkerKey;
  LastTicks: typeof LastTicks;
  lastTickOf: typeof lastTickOf;
  MANAGER_RULES: Readonly<Record<ManagerOptionName, Rule>>;
  optionBuilder: typeof optionBuilder;
  Outages: typeof Outages;
  resolveManagerConfig: typeof resolveManagerConfig;
  unplacedReason: typeof unplacedReason;
  /** Never set: it names the types for those who write them down. */
  types?: ManagerTypes;
}

/** The value at {@link managerSeam}. */
export const MANAGER_PARTS: ManagerParts = {
  HealthWatch,
  ioWorkerKey,
  LastTicks,
  lastTickOf,
  MANAGER_RULES,
  optionBuilder,
  Outages,
  resolveManagerConfig,
  unplacedReason,
};

/** One manager from the inside, for the packages above. */
export interface ManagerInside {
  /** Takes part in every connection's fan-out. Returns how to leave it. */
  attach(consumer: MessageConsumer | FrameConsumer): () => void;
  /** Counts ticks of one connection that a consumer of the upper layer has lost; `isFirst` since it had last kept up. */
  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void;
  /** The outages of these instruments: of those that were streamed here, and are not now. */
  outagesOf(tokens: Iterable<number>): ReadonlyMap<number, Outage>;
  /** Reports outages of instruments that came here from another account: as a `gap`, once they are streamed. */
  missed(outages: ReadonlyMap<number, Outage>): void;
  /** Stops, but keeps the channels for the next start. */
  halt(): Promise<void>;
}
