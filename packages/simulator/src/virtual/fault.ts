import type { OrderUpdate } from '@kite/protocol';

import type { NetworkOptions } from './delay.js';

/**
 * The open connections of a fault. A number is an index from 0 in order of opening, and wraps around, so that it always
 * means one if there are any; a string is an api key. Default: all.
 */
export type FaultTarget = number | string;

interface OfConnections {
  readonly who?: FaultTarget;
}

interface ForAWhile {
  /** How long it lasts, in ms. */
  readonly forMs: number;
}

/** Something that goes wrong, or merely happens. Plain data. */
export type FaultAction =
  /** The server resets connections. */
  | ({ readonly kind: 'drop' } & OfConnections)
  /** The server sends nothing for a while; it still answers pings. */
  | ({ readonly kind: 'stall' } & OfConnections & ForAWhile)
  /** The server never sends or answers anything again on these connections. */
  | ({ readonly kind: 'blackhole' } & OfConnections)
  /** The server closes connections with the closing handshake. */
  | ({ readonly kind: 'close'; readonly code?: number; readonly reason?: string } & OfConnections)
  /** The network ends connections and tells both sides. What was under way is lost. */
  | ({ readonly kind: 'cut' } & OfConnections)
  /** The network ends connections silently. The server notices after `serverNoticesAfterMs` (900 000); null: never. */
  | ({ readonly kind: 'cut-silently'; readonly serverNoticesAfterMs?: number | null } & OfConnections)
  /** The server has forgotten connections. The client notices when it sends something. */
  | ({ readonly kind: 'half-open' } & OfConnections)
  /** Nothing gets through for a while, then everything. Without `who` new connections too. Default direction: both. */
  | ({ readonly kind: 'clog'; readonly direction?: 'up' | 'down' | 'both' } & OfConnections & ForAWhile)
  /** The client's machine takes bytes slowly for a while. */
  | ({ readonly kind: 'slow-reader'; readonly bytesPerSecond: number } & OfConnections & ForAWhile)
  /** The server is late for a while. */
  | ({ readonly kind: 'lag'; readonly delayMs: number } & OfConnections & ForAWhile)
  /** The next handshakes get a status and a body, by default Kite's own. */
  | {
      readonly kind: 'refuse';
      readonly count: number;
      readonly status: number;
      readonly apiKey?: string;
      readonly body?: string;
    }
  /** Handshakes are answered late for a while; null: not at all. */
  | ({ readonly kind: 'slow-handshake'; readonly delayMs: number | null } & ForAWhile)
  /** The server is down for a while: connections are reset and connects refused. */
  | ({ readonly kind: 'restart' } & ForAWhile)
  /** All tokens of one key, or of all keys, become invalid. With `loginAfterMs` a `login` follows. */
  | { readonly kind: 'expire-tokens'; readonly apiKey?: string; readonly loginAfterMs?: number }
  /** A new token for one key or for all; read it with `day.accessTokenOf`. */
  | { readonly kind: 'login'; readonly apiKey?: string }
  /** Instruments expire, like contracts after their last day: no more ticks; subscribing to them gives no error. */
  | { readonly kind: 'expire-instruments'; readonly tokens: readonly number[] }
  /** Many ticks at once on each connection. */
  | ({ readonly kind: 'burst'; readonly ticks: number } & OfConnections)
  /** A `part` of the tick frames, 0 to 1, is damaged for a while. */
  | ({ readonly kind: 'corrupt' | 'truncate'; readonly part: number } & OfConnections & ForAWhile)
  /** The client's main thread does nothing for a while. */
  | ({ readonly kind: 'block-main' } & ForAWhile)
  /** The client's machine sleeps: threads and timers stop, wall time goes on. The server drops it after 15 minutes. */
  | ({ readonly kind: 'sleep' } & ForAWhile)
  /** The client's wall clock is set forward; back if negative. */
  | { readonly kind: 'jump-clock'; readonly byMs: number }
  /** The client's wall clock gains this many millionths from now on; loses if negative. */
  | { readonly kind: 'drift-clock'; readonly ppm: number }
  /** An uncaught error in an I/O worker. `worker` is an index among those alive, wrapping around. Default 0. */
  | { readonly kind: 'crash-worker'; readonly worker?: number }
  /** An I/O worker hangs: it does nothing more and does not end. */
  | { readonly kind: 'hang-worker'; readonly worker?: number }
  /** An I/O worker does nothing for a while. */
  | ({ readonly kind: 'block-worker'; readonly worker?: number } & ForAWhile)
  /** The server's handshakes and wires are sound again: no more refusals, lag or damage. */
  | { readonly kind: 'heal' }
  /** An order postback on every open connection of the key; without one, an order for each key that has a connection. */
  | { readonly kind: 'order'; readonly apiKey?: string; readonly order?: Partial<OrderUpdate> };

/** The kinds of faults. */
export type FaultKind = FaultAction['kind'];

/** A fault with its time. */
export type Fault = FaultAction & {
  /** Milliseconds since the day's start. */
  readonly at: number;
};

/** The faults of a day: plain data, unchanged by `JSON.parse(JSON.stringify(plan))`. */
export interface FaultPlan {
  /** In any order. */
  readonly faults: readonly Fault[];
  /** How long messages are under way. */
  readonly network?: NetworkOptions | undefined;
}
