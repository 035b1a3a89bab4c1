import { KiteTickerManager, type ManagerOptions } from '@kite/manager';
import { simulateDay, type VirtualDay } from '@kite/simulator';

/** The instrument that is subscribed. */
export const TOKEN = 256 * 1000 + 1;

/** Another one. */
export const OTHER = 256 * 1000 + 257;

/** A simulated day and a manager that has not been started, for what happens between its calls. */
export interface DayBench extends AsyncDisposable {
  readonly day: VirtualDay;
  readonly manager: KiteTickerManager;
  /** One more manager with the same options, except for these. It is stopped with the first. */
  another(options?: Partial<ManagerOptions>): KiteTickerManager;
  /** No handshake succeeds until the simulator heals, and every socket is cut. Lets all connections fail for good. */
  failForGood(): Promise<void>;
}

/** @param options on top of a subscribed instrument, and of a single reconnect before a connection fails for good */
export function dayBench(options: Partial<ManagerOptions> = {}): DayBench {
  const day = simulateDay({
    from: '09:20',
    instruments: [{ instrumentToken: TOKEN }, { instrumentToken: OTHER }],
  });
  const managers: KiteTickerManager[] = [];
  const another = (more: Partial<ManagerOptions> = {}): KiteTickerManager => {
    const manager = new KiteTickerManager({
      ...day.options,
      apiKey: 'key-of-a-day',
      accessToken: 'token',
      maxReconnectAttempts: 1,
      reconnectDelayMs: 100,
      maxReconnectDelayMs: 200,
      ...options,
      ...more,
    });
    managers.push(manager);
    return manager;
  };
  const manager = another();
  void manager.subscribeSymbols([TOKEN]);
  return {
    day,
    manager,
    another,
    async failForGood() {
      day.simulator.refuse(Infinity, 503);
      day.simulator.drop();
      await day.run(2000);
    },
    async [Symbol.asyncDispose]() {
      await day.runUntil(Promise.all(managers.map((one) => one.stop())));
      await day[Symbol.asyncDispose]();
    },
  };
}
