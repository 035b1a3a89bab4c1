import type { Mode } from '@kite/protocol';
import type { FaultPlan } from '@kite/simulator';

import type { ScenarioName } from './scenario.js';

/** An account, and how it differs from the others. */
export interface AccountPlan {
  /** The program gives its access token as text, and a new one only when it has logged in; else as a function. */
  readonly hasFixedToken: boolean;
  /** Which changes of the market it is shown. Absent: all. */
  readonly sampling?: { readonly every: number; readonly offset: number };
  /** Everything reaches it so much later. */
  readonly delayMs: number;
}

/** How a consumer reads. */
export interface ConsumerPlan {
  readonly id: string;
  /**
   * `messages`: a channel of everything; `ticks`: of batches of ticks (one account only); `connection`: of what one connection
   * says; `frames`: of one connection's frames (one account only); `listener`: no channel, but listeners, which lose nothing.
   */
  readonly kind: 'messages' | 'ticks' | 'connection' | 'frames' | 'listener';
  /** The connection that it reads from, by its number in its account; absent: all. */
  readonly of?: { readonly account: number; readonly channelId: 0 | 1 | 2 };
  /** Only these instruments; absent: all. */
  readonly tokens?: readonly number[];
  readonly overflow?: 'drop-oldest' | 'drop-newest' | 'conflate' | 'error';
  readonly capacity?: number | undefined;
  readonly throttleMs?: number;
  /** When it comes, in milliseconds since the trial began. */
  readonly from: number;
  /** When it goes; absent: it stays to the end. */
  readonly to?: number;
  /** It takes this long over each item, in milliseconds; 0 for at once. */
  readonly takesMs: number;
}

/** One part of the program, with instruments and a stream of its own. */
export interface SubscriberPlan {
  readonly id: string;
  /** It is shown its own mode, without what shows nothing new in it. */
  readonly exact: boolean;
  /** When it comes, in milliseconds since the trial began. */
  readonly from: number;
  /** How it reads a second channel, which is bounded, slowly; absent: it has none. */
  readonly slow?: SlowReading;
}

/** How a subscriber reads its second channel. */
export type SlowReading = Pick<ConsumerPlan, 'overflow' | 'capacity' | 'throttleMs' | 'takesMs'>;

/** What the program under trial does, and what happens to its account. */
export type Action = { readonly at: number } & (
  | { readonly kind: 'subscribe'; readonly tokens: readonly number[]; readonly mode: Mode }
  | { readonly kind: 'unsubscribe'; readonly tokens: readonly number[] }
  | { readonly kind: 'mode'; readonly tokens: readonly number[]; readonly mode: Mode }
  /** An account of the program's choice streams these as well. */
  | {
      readonly kind: 'pin';
      readonly account: number;
      readonly tokens: readonly number[];
      readonly mode: Mode;
    }
  | { readonly kind: 'order'; readonly account: number; readonly number: number }
  /** The program has logged in, and gives its manager the newest token of the account. */
  | { readonly kind: 'log-in'; readonly account: number }
  /** The program restarts its manager. */
  | { readonly kind: 'restart' }
  /** A subscriber asks for something. */
  | {
      readonly kind: 'subscriber';
      readonly id: string;
      readonly call: 'subscribe' | 'unsubscribe' | 'mode' | 'replace';
      readonly tokens: readonly number[];
      readonly mode: Mode;
    }
  | { readonly kind: 'close-subscriber'; readonly id: string }
);

/** The manager's own times. */
export interface Timing {
  readonly failoverAfterMs: number;
  readonly maxReconnectDelayMs: number;
  readonly heartbeatLivenessThresholdMs: number;
  readonly connectionTimeoutMs: number;
}

/** One trial, as data: all of it was drawn from a seed, and any part can be taken away to see whether it still fails. */
export interface Plan extends Timing {
  readonly seed: number;
  readonly scenario: ScenarioName;
  /** Virtual milliseconds under faults; after that everything is healed and has to come back. */
  readonly lengthMs: number;
  readonly instruments: readonly number[];
  readonly connections: 1 | 2 | 3;
  /** Instruments that one connection takes. */
  readonly maxSymbols: number;
  /** Of the whole market. */
  readonly ticksPerSecond: number;
  /** Between two steps of the market; what changes in one travels in one frame. */
  readonly stepMs: number;
  readonly ringBytes: number;
  readonly accounts: readonly AccountPlan[];
  readonly consumers: readonly ConsumerPlan[];
  /** Absent: the scenario has none. */
  readonly subscribers?: readonly SubscriberPlan[];
  readonly actions: readonly Action[];
  readonly faults: FaultPlan;
}

/** The API key of an account, which faults name it by. Each trial has its own: the process counts connections by key. */
export function apiKeyOf(seed: number, account: number): string {
  return `api-key-${account + 1}-of-trial-${seed}`;
}
