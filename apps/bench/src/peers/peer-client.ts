import type { Identity } from '../receive/wire-server.js';
import type { PeerJob, PeerSample } from './measure.js';

/** The connections of one account. */
export const CONNECTIONS = 3;

/** Runs a client against a server until the server ends. */
export interface PeerClient {
  readonly name: string;
  /** The server that the client needs for TLS. */
  readonly identity: Identity;
  readonly connections: number;
  /** Whether it discards data that comes before it has subscribed. */
  readonly awaitsRequests: boolean;
  run(job: PeerJob, ticksPerFrame: number): Promise<PeerSample>;
}
