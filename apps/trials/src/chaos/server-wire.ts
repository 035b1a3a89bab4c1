import type { Mode } from '@kite/protocol';
import type { SentTick, Simulator } from '@kite/simulator';

import type { Certificate } from './certificate.js';

/** What the server's process is started with. */
export interface ServerJob {
  readonly host: string;
  readonly seed: number;
  readonly ticksPerSecond: number;
  readonly stepIntervalMs: number;
  readonly tls: Certificate;
}

/** What the server's process does when it is asked: methods of the simulator, as they are. */
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

/** One connection of an account: the so-many-th of those that are open, counted around. */
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

/** A question, and the number by which its answer is known. */
export interface Asked {
  readonly number: number;
  readonly question: Question;
}

/** What the server's process is asked; each is answered with {@link Answer}. */
export type Question =
  | { readonly type: 'do'; readonly method: ServerMethod; readonly args: readonly unknown[] }
  /** Which connection that is, by its id; null: none is open. */
  | { readonly type: 'find'; readonly connection: NthConnection }
  | { readonly type: 'connections' }
  /** Answered when everything that was sent has been told. */
  | { readonly type: 'look' };

/** What the server's process tells. */
export type ServerMessage =
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'sent'; readonly ticks: readonly SentTick[] }
  /** A socket that gave this name is this connection. */
  | { readonly type: 'accepted'; readonly socket: string; readonly connectionId: number }
  | Answer;

/** One takes longer than another: they come in any order. */
interface Answer {
  readonly type: 'answer';
  /** Of the question. */
  readonly number: number;
  readonly value: unknown;
}
