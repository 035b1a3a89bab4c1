import { setTimeout as sleep } from 'node:timers/promises';
import { KiteTickerManager, Mode, type Tick } from '@kite/manager';
import { MultiApiKiteTickerManager } from '@kite/multi-api';

import { tokenOf } from '../frames/frames.js';

/** This many accounts with 9000 instruments each, from a cold start; then again after all connections are dropped. */
export interface FillJob {
  readonly url: string;
  readonly accounts: number;
  readonly ioThreads: number;
}

/** In milliseconds. */
export interface FillSample {
  /** From `start()` until every connection is open. */
  readonly startMs: number;
  /** From `subscribeSymbols()` until every instrument has had a tick. */
  readonly fillMs: number;
  /** From the drop of all connections until every instrument has had a tick again. */
  readonly refillMs: number;
}

export const INSTRUMENTS_PER_ACCOUNT = 9000;
/** Short, to measure the work and not the waiting. */
const RECONNECT_DELAY_MS = 50;

interface Feed {
  start(): Promise<void>;
  stop(): Promise<void>;
  subscribeSymbols(tokens: readonly number[], mode: Mode): Promise<void>;
}

/** Asks the parent to drop all connections, and waits until it has. */
export type Drop = () => Promise<unknown>;

export async function measureFill(job: FillJob, drop: Drop): Promise<FillSample> {
  const tokens = Array.from({ length: job.accounts * INSTRUMENTS_PER_ACCOUNT }, (_, index) => tokenOf(index));
  const seen = new Set<number>();
  const feed = job.accounts === 1 ? oneAccount(job, seen) : manyAccounts(job, seen);
  const started = performance.now();
  await feed.start();
  const subscribed = performance.now();
  await feed.subscribeSymbols(tokens, Mode.Full);
  await allSeen(seen, tokens.length);
  const filled = performance.now();
  await sleep(300);
  await drop();
  seen.clear();
  const dropped = performance.now();
  await allSeen(seen, tokens.length);
  const refilled = performance.now();
  await feed.stop();
  return { startMs: subscribed - started, fillMs: filled - subscribed, refillMs: refilled - dropped };
}

async function allSeen(seen: ReadonlySet<number>, count: number): Promise<void> {
  const until = performance.now() + 60_000;
  while (seen.size < count) {
    if (performance.now() > until)
      throw new Error(`only ${seen.size} of ${count} instruments after a minute`);
    await sleep(1);
  }
}

function options({ url, ioThreads }: FillJob) {
  return {
    url,
    reconnectDelayMs: RECONNECT_DELAY_MS,
    maxReconnectDelayMs: RECONNECT_DELAY_MS,
    enableDedicatedParsers: ioThreads > 0,
  };
}

function oneAccount(job: FillJob, seen: Set<number>): Feed {
  const manager = new KiteTickerManager({ apiKey: 'key', accessToken: 'token', ...options(job) });
  manager.on('ticks', ({ ticks }) => note(ticks, seen));
  return manager;
}

function manyAccounts(job: FillJob, seen: Set<number>): Feed {
  const manager = new MultiApiKiteTickerManager({
    accounts: Array.from({ length: job.accounts }, (_, index) => ({
      id: `account-${index}`,
      apiKey: `key-${index}`,
      accessToken: 'token',
    })),
    ...options(job),
  });
  const channel = manager.getUnifiedChannel({ capacity: 100_000 });
  void (async () => {
    for await (const { message } of channel) if (message.type === 'ticks') note(message.ticks, seen);
  })();
  return manager;
}

function note(ticks: readonly Tick[], seen: Set<number>): void {
  for (const { instrumentToken } of ticks) seen.add(instrumentToken);
}
