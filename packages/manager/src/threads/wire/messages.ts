import type { ResolvedConnectionConfig, Wanted } from '../../connection-parts.js';
import type { NetworkDefaults } from './network-defaults.js';
import type { PackedModes } from './packed-modes.js';

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
  | 'maxPayloadBytes'
  | 'proxy'
  | 'tls'
  | 'localAddress'
  | 'family'
> & {
  /** How long a first attempt may take and still count as `starting`, in milliseconds. */
  startingForMs: number;
};

/** A fixed token; null: the main thread is asked for one before each connect. */
export type PlainAccessToken = string | null;

/** What a link is told. */
export type LinkCommand =
  /** There is this connection. */
  | { type: 'connection'; config: PlainConnectionConfig }
  /** All that is wanted of it; without `modes` those of before. */
  | ({ type: 'want' } & PlainWanted)
  /** The answer to a `token` message. */
  | ({ type: 'token' } & TokenAnswer);

/** A {@link Wanted} that can cross to another thread. */
export interface PlainWanted extends Pick<Wanted, 'isOpen' | 'revision' | 'experience'> {
  credentials: { revision: number; apiKey: string; accessToken: PlainAccessToken };
  modes?: PackedModes;
}

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
  /** Those of the main thread, for a worker in a thread of its own. */
  network?: NetworkDefaults;
}
