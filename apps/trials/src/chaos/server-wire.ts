import type { Mode } from '@kite/protocol';
import type { SentTick, Simulator } from '@kite/simulator';

import type { Certificate } from './certificate.js';

/** The start data of the server's process. */
export interface ServerJob {
  readonly host: string;
  readonly seed: number;
  readonly ticksPerSecond: number;
  readonly stepIntervalMs: number;
  readonly tls: Certificate;
}

/** Requests that the server's process answers: methods of the simulator, unchanged. */
export type ServerMethod = keyof Pick<
  Simulator,
  | 'blackhole'
  | 'burst'
  | 'close'
  | 'drop'
  | 'expireTokens'
  | 'heal'
  | 'lag'
  | 'pause'
  | 'postOrder'
  | 'publish'
  | 'refuse'
  | 'resume'
  | 'setAccessToken'
  | 'setTicksPerSecond'
  | 'slowHandshake'
  | 'stall'
>;

/** One open connection of an account, by number; numbers wrap around. */
export interface NthConnection {
  readonly apiKey: string;
  readonly nth: number;
}

/** A connection as the server sees it. */
export interface ServedConnection {
  readonly id: number;
  readonly apiKey: string;
  readonly book: ReadonlyMap<number, Mode>;
}

/** A request, and the number that its answer carries. */
export interface Asked {
  readonly number: number;
  readonly question: Question;
}

/** Requests to the server's process; each is answered with {@link Answer}. */
export type Question =
  | { readonly type: 'do'; readonly method: ServerMethod; readonly args: readonly unknown[] }
  /** The id of that connection; null: none is open. */
  | { readonly type: 'find'; readonly connection: NthConnection }
  | { readonly type: 'connections' }
  /** Answered when everything sent has been reported. */
  | { readonly type: 'look' };

/** Messages from the server's process. */
export type ServerMessage =
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'sent'; readonly ticks: readonly SentTick[] }
  /** The socket with this name is this connection. */
  | { readonly type: 'accepted'; readonly socket: string; readonly connectionId: number }
  | Answer;

/** Answers come in any order, since some take longer. */
interface Answer {
  readonly type: 'answer';
  /** The request's number. */
  readonly number: number;
  readonly value: unknown;
}
