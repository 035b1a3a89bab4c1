import { Mode } from '@kite/protocol';

import type { ManagerConfig } from './options.js';

/** Ready configurations, to be spread into the options. */
export const presets = Object.freeze({
  /** One connection and everything about a few instruments. */
  development: Object.freeze({
    maxConnections: 1,
    maxSymbolsPerConnection: 100,
    defaultMode: Mode.Full,
  } as const satisfies ManagerConfig),
  /** All that an account allows, with room for consumers that lag at the open. */
  production: Object.freeze({
    maxConnections: 3,
    maxSymbolsPerConnection: 3000,
    connectionBufferSize: 20_000,
    parserBufferSize: 50_000,
    enableDedicatedParsers: true,
    defaultMode: Mode.LTP,
  } as const satisfies ManagerConfig),
});
