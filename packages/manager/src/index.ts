export * from '@kite/connection';

export { allocate, type Allocation, type Distribution, type Room } from './allocation.js';
export { MANAGER_ERRORS, type ManagerErrorCode } from './error-codes.js';
export type { HealthSummary } from './health.js';
export { KiteTickerManager, type KiteTickerManagerBuilder, type ManagerEvents } from './manager.js';
export { optionBuilder, type OptionBuilder } from './option-builder.js';
export { MANAGER_DEFAULTS, MANAGER_RULES, type ManagerConfig, type ManagerOptions } from './options.js';
export { presets } from './presets.js';
export type { ProcessorStats } from './processor-stats.js';
export type { ManagerStats } from './stats.js';
