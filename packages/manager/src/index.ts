export * from '@kite/connection';

export { allocate, type Allocation, type Distribution, type Room } from './allocation.js';
export { MANAGER_ERRORS, type ManagerErrorCode } from './error-codes.js';
export type { ManagerEvents } from './events.js';
export { groupBy } from './group-by.js';
export { HealthWatch } from './health-watch.js';
export { unplacedReason, type HealthSummary } from './health.js';
export { lastTickOf, LastTicks } from './last-ticks.js';
export { Outages, type Outage } from './outages.js';
export { KiteTickerManager, type KiteTickerManagerBuilder } from './manager.js';
export { optionBuilder, type OptionBuilder } from './option-builder.js';
export {
  MANAGER_DEFAULTS,
  MANAGER_RULES,
  resolveManagerConfig,
  type ManagerConfig,
  type ManagerOptions,
  type ResolvedManagerConfig,
} from './options.js';
export { presets } from './presets.js';
export type { ProcessorStats } from './processor-stats.js';
export type { ManagerStats } from './stats.js';
