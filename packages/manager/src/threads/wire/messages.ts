import type { Mode } from '@kite/protocol';

import type { ResolvedConnectionConfig } from '../../connection-parts.js';

/** The options of a connection that can cross to another thread: all but the functions. */
export type PlainConnectionConfig = Pick<
  ResolvedConnectionConfig,
  | 'url'
  | 'allowInsecure'
  | 'connectionTimeoutMs'
  | 'heartbeatLivenessThresholdMs'
  | 'reconnectDelayMs'
  | 'maxReconnectDelayMs'
  | 'maxReconnectAttempts'
  | 'stableAfterMs'
  | 'rateLimitDelayMs'
  | 'unauthorizedRetryDelayMs'
  | 'defaultMode'
  | 'maxPayloadBytes'
>;

/** A fixed token; null: the main thread is asked for one before each connect. */
export type PlainAccessToken = string | null;

/** What a link is told. */
export type LinkCommand =
  | { type: 'open'; config: PlainConnectionConfig; apiKey: string; accessToken: PlainAccessToken }
  | { type: 'connect' }
  | { type: 'close' }
  | { type: 'assign'; modes: ReadonlyMap<number, Mode> }
  | { type: 'unsubscribe'; tokens: readonly number[] }
  | { type: 'credentials'; apiKey: string; accessToken: PlainAccessToken }
  /** The answer to a `token` message. */
  | ({ type: 'token' } & TokenAnswer);

/** What the main thread tells the worker: a command, and the number of the link that it is for. */
export type Command = LinkCommand & { link: number };

/** What the token provider gave, or that it failed. */
export type TokenAnswer = { request: number } & ({ token: unknown } | { error: string });

/** What the worker tells the main thread beside the ring. */
export type WorkerMessage =
  /** It takes commands. */
  | { type: 'ready' }
  /** There is something in the ring, whose reader sleeps. */
  | { type: 'wake' }
  /** A token is wanted for this link. */
  | { type: 'token'; link: number; request: number };

/** What the worker is started with. */
export interface WorkerSetup {
  /** The memory of the ring. */
  ring: SharedArrayBuffer;
}
