import type { OrderUpdate } from '@kite/protocol';

import type { NetworkOptions } from './delay.js';

/**
 * Which open connections a fault is about. A number counts them from 0 in the order of their opening, and starts again
 * after the last, so that it means one whenever there are any; a string is an api key. Left out: all.
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
  /** The network ends connections and tells nobody. The server notices after `serverNoticesAfterMs`; null: never. Default 900 000. */
  | ({ readonly kind: 'cut-silently'; readonly serverNoticesAfterMs?: number | null } & OfConnections)
  /** The server has forgotten connections. The client finds out when it sends something. */
  | ({ readonly kind: 'half-open' } & OfConnections)
  /** Nothing gets through for a while, and then all of it. Without `who`, new connections neither. Default direction: both. */
  | ({ readonly kind: 'clog'; readonly direction?: 'up' | 'down' | 'both' } & OfConnections & ForAWhile)
  /** The client's machine takes bytes slowly for a while. */
  | ({ readonly kind: 'slow-reader'; readonly bytesPerSecond: number } & OfConnections & ForAWhile)
  /** The server is late for a while. */
  | ({ readonly kind: 'lag'; readonly delayMs: number } & OfConnections & ForAWhile)
  /** The next handshakes are answered with a status and a body, by default Kite's own. */
  | {
      readonly kind: 'refuse';
      readonly count: number;
      readonly status: number;
      readonly apiKey?: string;
      readonly body?: string;
    }
  /** Handshakes are answered late for a while; null: not at all. */
  | ({ readonly kind: 'slow-handshake'; readonly delayMs: number | null } & ForAWhile)
  /** The server is down for a while: connections are reset, and connects refused. */
  | ({ readonly kind: 'restart' } & ForAWhile)
  /** No token is good any more, of one key or of all. With `loginAfterMs` a `login` follows. */
  | { readonly kind: 'expire-tokens'; readonly apiKey?: string; readonly loginAfterMs?: number }
  /** A new token for one key or for all; `day.accessTokenOf` has it. */
  | { readonly kind: 'login'; readonly apiKey?: string }
  /** Instruments are traded no more, as contracts after their last day: nothing is sent of them, and subscriptions to them are taken in silence. */
  | { readonly kind: 'expire-instruments'; readonly tokens: readonly number[] }
  /** Many ticks at once on each connection. */
  | ({ readonly kind: 'burst'; readonly ticks: number } & OfConnections)
  /** Frames of ticks are damaged for a while; `part` of them, from 0 to 1. */
  | ({ readonly kind: 'corrupt' | 'truncate'; readonly part: number } & OfConnections & ForAWhile)
  /** The client's main thread does nothing for a while. */
  | ({ readonly kind: 'block-main' } & ForAWhile)
  /** The client's machine sleeps: no thread runs, timers stand still, the time on the wall goes on. After 15 minutes the server gives its connections up. */
  | ({ readonly kind: 'sleep' } & ForAWhile)
  /** The client's wall clock is set forward; back where negative. */
  | { readonly kind: 'jump-clock'; readonly byMs: number }
  /** The client's wall clock gains so many millionths from now on; loses where negative. */
  | { readonly kind: 'drift-clock'; readonly ppm: number }
  /** An uncaught error in an I/O worker. A number counts the workers that are alive, round and round. Default 0. */
  | { readonly kind: 'crash-worker'; readonly worker?: number }
  /** An I/O worker does nothing more, and does not end. */
  | { readonly kind: 'hang-worker'; readonly worker?: number }
  /** An I/O worker does nothing for a while. */
  | ({ readonly kind: 'block-worker'; readonly worker?: number } & ForAWhile)
  /** The server's handshakes and wires are sound again: no more refusals, lag or damage. */
  | { readonly kind: 'heal' }
  /** An order postback on every open connection of the key; without one, an order for each key that has a connection. */
  | { readonly kind: 'order'; readonly apiKey?: string; readonly order?: Partial<OrderUpdate> };

/** What kinds of faults there are. */
export type FaultKind = FaultAction['kind'];

/** A fault with its time. */
export type Fault = FaultAction & {
  /** Milliseconds since the day's start. */
  readonly at: number;
};

/** What goes wrong on a day: plain data, the same after `JSON.parse(JSON.stringify(plan))`. */
export interface FaultPlan {
  /** In any order. */
  readonly faults: readonly Fault[];
  /** How long messages are under way. */
  readonly network?: NetworkOptions;
}
