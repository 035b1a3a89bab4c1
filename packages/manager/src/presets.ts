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
  /**
   * Everything an account allows, with room for consumers that are slow at the open. A full channel holds 250 000
   * ticks: full channels take 320 MB of heap, so give Node `--max-old-space-size=1024` or more.
   */
  production: Object.freeze({
    maxConnections: 3,
    maxSymbolsPerConnection: 3000,
    connectionBufferSize: 20_000,
    parserBufferSize: 50_000,
    capacityTicks: 250_000,
    enableDedicatedParsers: true,
    defaultMode: Mode.LTP,
  } as const satisfies ManagerConfig),
});
