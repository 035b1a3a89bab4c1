import type { AccessToken, ChannelId } from '@kite/manager';
import type { Gap, Mode, OrderUpdate, Tick, TickerState } from '@kite/protocol';

import type { ConsumerPlan } from '../plan/plan.js';

/** What a consumer is handed, in order; what no rule asks for is left out. `receivedAt` is as the client says, by its wall. */
export type Item =
  | {
      readonly type: 'ticks';
      readonly ticks: readonly Tick[];
      readonly receivedAt: number;
      readonly from: Origin;
    }
  | { readonly type: 'gap'; readonly gap: Gap; readonly from: Origin }
  /** Ticks that this consumer lost before the next item. */
  | { readonly type: 'dropped'; readonly count: number; readonly from: Origin }
  | {
      readonly type: 'order';
      readonly order: OrderUpdate;
      readonly receivedAt: number;
      readonly from: Origin;
    }
  /** `value`: everything of it, for the search for secrets. */
  | {
      readonly type: 'state';
      readonly state: TickerState;
      /** Of its error. */
      readonly code: string | undefined;
      readonly receivedAt: number;
      readonly value: unknown;
      readonly from: Origin;
    }
  /** Anything else, for the search for secrets. */
  | { readonly type: 'other'; readonly value: unknown; readonly receivedAt: number; readonly from: Origin };

/** The connection that an item came over, as the client says. */
export interface Origin {
  readonly account: string;
  readonly channelId: number;
}

/** What a consumer reads from. */
export interface Reading {
  /** The next items; undefined at the end. */
  next(): Promise<readonly Item[] | undefined>;
  close(): void;
}

/** What the client says of itself. */
export interface Said {
  readonly subscriptions: ReadonlyMap<number, Mode>;
  readonly status: string;
  readonly reasons: readonly string[];
  readonly healthyConnections: number;
  readonly totalSymbols: number;
  readonly unplacedSymbols: number;
  /** Undefined: the client does not tell it. */
  readonly darkSymbols: number | undefined;
  /** How many there are in the list of what is unplaced; undefined: there is no such list. */
  readonly unplaced: number | undefined;
  /** The status that its listener was told last; undefined: none yet. */
  readonly toldStatus: string | undefined;
  /** Instruments that have been silent for so long; undefined: the client does not tell it. */
  silentFor(ms: number): readonly number[] | undefined;
  /** Everything that it shows, for the search for secrets. */
  readonly shown: unknown;
}

/** A connection of the client, and what it has to stream. */
export interface PlacedConnection extends Origin {
  readonly state: TickerState;
  readonly tokens: readonly number[];
}

/** The program under trial, of one account or of many. */
export interface Client {
  start(): Promise<void>;
  stop(): Promise<void>;
  subscribe(tokens: readonly number[], mode: Mode): Promise<void>;
  unsubscribe(tokens: readonly number[]): Promise<void>;
  changeMode(tokens: readonly number[], mode: Mode): Promise<void>;
  /** The program has logged in again: these are the credentials of an account now. */
  updateToken(account: number, accessToken: AccessToken): Promise<void>;
  open(consumer: ConsumerPlan): Reading;
  said(): Said;
  /** The newest tick of an instrument. */
  lastTick(token: number): Tick | undefined;
  /** Who has to stream what. */
  placement(): readonly PlacedConnection[];
}

/** What a manager says of its connections. */
export function placedConnections(
  account: string,
  states: readonly { readonly connectionId: ChannelId; readonly state: TickerState }[],
  distribution: Readonly<Record<ChannelId, readonly number[]>>,
): PlacedConnection[] {
  return states.map(({ connectionId: channelId, state }) => ({
    account,
    channelId,
    state,
    tokens: distribution[channelId],
  }));
}

/** The id of an account. */
export function accountId(account: number): string {
  return `account-${account + 1}`;
}
