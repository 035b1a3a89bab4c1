export * from '@kite/manager';

export { DistributionStrategy } from './accounts/distribution.js';
export { MULTI_API_ERRORS, type MultiApiErrorCode } from './error-codes.js';
export type { MultiApiEvents } from './events.js';
export type { AccountHealth, MultiApiHealth } from './health.js';
export { MultiApiKiteTickerManager, type MultiApiBuilder } from './multi-api-manager.js';
export type { AccountOptions, MultiApiConfig, MultiApiOptions } from './options.js';
export type { ApiKeyStats, MultiApiStats } from './stats.js';
export type { AccountMessage } from './feed/unified-channel.js';
