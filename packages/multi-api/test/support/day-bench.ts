import { MultiApiKiteTickerManager, type MultiApiOptions } from '@kite/multi-api';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import { accounts } from './multi-bench.js';

/** The instrument that is subscribed. */
export const TOKEN = 256 * 1000 + 1;
/** Another one. */
export const OTHER = 256 * 1000 + 257;

/** Both ways in which the connections can run. */
export const WAYS = [
  { way: 'in the main thread', enableDedicatedParsers: false },
  { way: 'in I/O workers', enableDedicatedParsers: true },
] as const;

/** A simulated day and a manager that has not been started, for what happens between its calls. */
export interface DayBench extends AsyncDisposable {
  readonly day: VirtualDay;
  readonly manager: MultiApiKiteTickerManager;
  /** No handshake succeeds until the simulator heals, and every socket is cut. Lets all accounts fail for good. */
  failForGood(): Promise<void>;
}

/** Two accounts with one connection each, which fails for good after one more attempt. */
export function dayBench(options: MultiApiOptions): DayBench {
  const day = simulateDay({
    from: '09:20',
    instruments: [{ instrumentToken: TOKEN }, { instrumentToken: OTHER }],
  });
  const manager = new MultiApiKiteTickerManager({
    ...day.options,
    accounts: accounts('one', 'other'),
    maxConnectionsPerApi: 1,
    replicas: 2,
    maxReconnectAttempts: 1,
    reconnectDelayMs: 100,
    maxReconnectDelayMs: 200,
    ...options,
  });
  void manager.subscribeSymbols([TOKEN]);
  return {
    day,
    manager,
    async failForGood() {
      day.simulator.refuse(Infinity, 503);
      day.simulator.drop();
      await day.run(2000);
    },
    async [Symbol.asyncDispose]() {
      await day.runUntil(manager.stop());
      await day[Symbol.asyncDispose]();
    },
  };
}
