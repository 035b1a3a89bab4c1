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

/** A fixed token; null: the worker asks the main thread for one before each connect. */
export type PlainAccessToken = string | null;

/** A command to a link. */
export type LinkCommand =
  /** Adds this connection. */
  | { type: 'connection'; config: PlainConnectionConfig }
  /** The whole wanted state; without `modes`, the earlier ones stay. */
  | ({ type: 'want' } & PlainWanted)
  /** The answer to a `token` message. */
  | ({ type: 'token' } & TokenAnswer);

/** A {@link Wanted} that can cross to another thread. */
export interface PlainWanted extends Pick<Wanted, 'isOpen' | 'revision' | 'experience'> {
  credentials: { revision: number; apiKey: string; accessToken: PlainAccessToken };
  modes?: PackedModes;
}

/** What the main thread sends to the worker: a command and the number of its link. */
export type Command = LinkCommand & { link: number };

/** The token from the provider, or its failure. */
export type TokenAnswer = { request: number } & ({ token: unknown } | { error: string });

/** What the worker sends to the main thread outside the ring. */
export type WorkerMessage =
  /** It takes commands. */
  | { type: 'ready' }
  /** The ring has data, and its reader sleeps. */
  | { type: 'wake' }
  /** A token is wanted for this link. */
  | { type: 'token'; link: number; request: number };

/** What the worker is started with. */
export interface WorkerSetup {
  /** The memory of the ring. */
  ring: SharedArrayBuffer;
  /** The main thread's defaults, for a worker in a thread of its own. */
  network?: NetworkDefaults;
}
