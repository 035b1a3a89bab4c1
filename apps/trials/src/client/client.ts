import type { AccessToken, ChannelId } from '@kite/manager';
import type { Gap, Mode, OrderUpdate, Tick, TickerState } from '@kite/protocol';

import type { ConsumerPlan } from '../plan/plan.js';
import type { SubscriberClient } from './subscriber-client.js';

/** What a consumer is handed, reduced to what the rules need. `receivedAt` is the client's own stamp, by its wall clock. */
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
  /** `value` is the whole message, searched for secrets. */
  | {
      readonly type: 'state';
      readonly state: TickerState;
      /** Of its error. */
      readonly code: string | undefined;
      readonly receivedAt: number;
      readonly value: unknown;
      readonly from: Origin;
    }
  /** Any other message, searched for secrets. */
  | { readonly type: 'other'; readonly value: unknown; readonly receivedAt: number; readonly from: Origin };

/** The connection that an item names as its source. */
export interface Origin {
  readonly account: string;
  readonly channelId: number;
}

/** What a consumer reads from. */
export interface Reading {
  /** The next items; undefined at the end. */
  next(): Promise<readonly Item[] | undefined>;
  /** Ticks that it says it has lost so far; absent: it loses none. */
  dropped?(): number;
  /** Lets no more items in; those in the channel can still be read. Absent: stopping the client does this. */
  end?(): void;
  close(): void;
}

/** What the client has counted of one connection. */
export interface ConnectionCounts {
  readonly messagesReceived: number;
  readonly ticksReceived: number;
  readonly droppedTicks: number;
  readonly reconnects: number;
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
  /** The length of the list of unplaced instruments; undefined: the client has no such list. */
  readonly unplaced: number | undefined;
  /** The health that its listener was told last; undefined: none yet. */
  readonly told: Pick<Said, 'status' | 'reasons'> | undefined;
  /** How many its listener was told last that are unplaced; undefined: none yet. */
  readonly toldUnplaced: number | undefined;
  readonly counts: readonly ConnectionCounts[];
  /** Instruments that have been silent for this long; undefined: the client does not tell them. */
  silentFor(ms: number): readonly number[] | undefined;
  /** Everything that it shows, searched for secrets. */
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
  /** An account of the program's choice streams these as well; absent: there is only one. */
  pin?(account: number, tokens: readonly number[], mode: Mode): Promise<void>;
  /** The program has logged in again: these are the credentials of an account now. */
  updateToken(account: number, accessToken: AccessToken): Promise<void>;
  open(consumer: ConsumerPlan): Reading;
  /** A part of the program with a view of its own; absent: the client has none. */
  subscriber?(name: string, exact: boolean): SubscriberClient;
  said(): Said;
  /** The newest tick of an instrument. */
  lastTick(token: number): Tick | undefined;
  /** Which connection has to stream which instruments. */
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
