import { INFY, RELIANCE } from './tokens.js';

/** A day with a market of two instruments. */
export const DAY_OF_TWO = {
  from: '09:20',
  instruments: [{ instrumentToken: INFY }, { instrumentToken: RELIANCE }],
};

/** Options with which a connection that has been open fails for good after one more attempt. */
export const ONE_RECONNECT = {
  maxReconnectAttempts: 1,
  reconnectDelayMs: 100,
  maxReconnectDelayMs: 200,
} as const;

/** What is pending of a client after its `stop()`. */
export const NOTHING_PENDING = { timers: 0, sockets: 0, workers: 0 } as const;

/** A day in virtual time, as a bench knows it. */
export interface BenchDay extends AsyncDisposable {
  readonly simulator: { refuse(count: number, status: number): void; drop(): unknown };
  run(ms: number): Promise<void>;
  runUntil(promise: Promise<unknown>): Promise<unknown>;
}

/** A manager, as a bench knows it. */
export interface BenchManager {
  subscribeSymbols(tokens: number[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A simulated day and a manager that has not been started, for what happens between its calls. It subscribes INFY.
 * Disposing stops it.
 */
export class DayBench<
  Day extends BenchDay,
  Manager extends BenchManager,
  Options extends object,
> implements AsyncDisposable {
  readonly day: Day;
  readonly manager: Manager;
  readonly #make: (options: Options | undefined) => Manager;
  readonly #managers: Manager[] = [];

  /** @param make makes a manager on the day; without options, as the test wants it */
  constructor(day: Day, make: (options: Options | undefined) => Manager) {
    this.day = day;
    this.#make = make;
    this.manager = this.another();
    void this.manager.subscribeSymbols([INFY]);
  }

  /** One more manager with the same options, except for these. It is stopped with the first. */
  another(options?: Options): Manager {
    const manager = this.#make(options);
    this.#managers.push(manager);
    return manager;
  }

  /** No handshake succeeds until the simulator heals, and every socket is cut. Lets all connections fail for good. */
  async failForGood(): Promise<void> {
    this.day.simulator.refuse(Infinity, 503);
    this.day.simulator.drop();
    await this.day.run(2000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.day.runUntil(Promise.all(this.#managers.map((manager) => manager.stop())));
    await this.day[Symbol.asyncDispose]();
  }
}
