import type { Gap, Mode, OrderUpdate, Tick, TickerState } from '@kite/protocol';

import type { ConsumerPlan } from '../plan/plan.js';

/** What a consumer is handed, in order; what no rule asks for is left out. */
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
  | { readonly type: 'order'; readonly order: OrderUpdate; readonly from: Origin }
  | {
      readonly type: 'state';
      readonly state: TickerState;
      /** Of its error. */
      readonly code?: string | undefined;
      readonly receivedAt: number;
      readonly from: Origin;
    }
  /** Anything else, for the search for secrets. */
  | { readonly type: 'other'; readonly value: unknown; readonly from: Origin };

/** The connection that an item came over, as the client says. */
export interface Origin {
  readonly account: string;
  readonly channelId: number;
}

/** What a consumer reads from. */
interface Reading {
  /** The next items; undefined at the end. */
  next(): Promise<readonly Item[] | undefined>;
  close(): void;
}

/** What the client says of itself. */
interface Facts {
  readonly subscriptions: ReadonlyMap<number, Mode>;
  readonly unplaced: number;
  /** `healthy` or what else. */
  readonly status: string;
  /** Everything that it shows, for the search for secrets. */
  readonly shown: unknown;
}

/** The program under trial, of one account or of many. */
export interface Client {
  start(): Promise<void>;
  stop(): Promise<void>;
  subscribe(tokens: readonly number[], mode: Mode): Promise<void>;
  unsubscribe(tokens: readonly number[]): Promise<void>;
  changeMode(tokens: readonly number[], mode: Mode): Promise<void>;
  /** The program has logged in again. */
  updateToken(account: number): Promise<void>;
  open(consumer: ConsumerPlan): Reading;
  facts(): Facts;
  /** The newest tick of an instrument. */
  lastTick(token: number): Tick | undefined;
}

/** The id of an account. */
export function accountId(account: number): string {
  return `account-${account + 1}`;
}
