import { type OptionRule, withMethods } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { type Clock, isKiteError, KiteError } from '@kite/protocol';

import type { Account } from './accounts/account.js';
import type { Accounts } from './accounts/accounts.js';
import { START_RULES } from './parts.js';

/** The options of a start. */
export interface StartOptions {
  /** Resolve even if no connection is open, and go on. Default: false. */
  keepTrying?: boolean | undefined;
  /** Stops it, and rejects the promise. */
  signal?: AbortSignal | undefined;
}

/** The rules of {@link StartOptions}. */
export const START_OPTION_RULES: Record<keyof StartOptions, OptionRule> = {
  ...START_RULES,
  signal: withMethods('addEventListener', 'removeEventListener'),
};

/** What a lifecycle reports to. */
export interface LifecycleOwner {
  /** The accounts are about to be opened. */
  starting(): void;
  /** Whether a connection of any account is open. */
  isAnyOpen(): boolean;
  /** The start has succeeded: accounts that fail from now on end the feed. */
  settled(): void;
  /** No longer started; sockets may still be open. */
  ceased(): void;
  /** Everything is closed after a stop. */
  stopped(): void;
}

/** Starts and stops all accounts together. */
export class Lifecycle {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #owner: LifecycleOwner;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** The halt after a failed start. */
  #halting: Promise<void> | undefined;
  /** This start, until its stop. */
  #run: symbol | undefined;
  #startedAt: number | undefined;
  #isSettled = false;
  /** In this start, another token may replace a refused one. */
  #bringsTokens = false;

  constructor(accounts: Accounts, clock: Clock, owner: LifecycleOwner) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#owner = owner;
  }

  /** Whether it is started, or a start is under way. */
  get isOn(): boolean {
    return this.#run !== undefined;
  }

  /** Whether the start has succeeded. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  get uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#clock.monotonic() - this.#startedAt;
  }

  /** See `MultiApiKiteTickerManager.start`; the options have been checked. */
  start({ keepTrying = false, signal }: StartOptions): Promise<void> {
    if (this.#starting) return this.#starting;
    if (this.#run !== undefined) return Promise.resolve();
    const run = Symbol('run');
    this.#run = run;
    this.#bringsTokens = keepTrying;
    const abort = (): void => {
      if (this.#run === run) void this.stop();
    };
    signal?.addEventListener('abort', abort, { once: true });
    const starting = this.#start(run, keepTrying).finally(() => {
      signal?.removeEventListener('abort', abort);
      if (this.#starting === starting) this.#starting = undefined;
    });
    this.#starting = starting;
    return starting;
  }

  /** See `MultiApiKiteTickerManager.stop`. */
  stop(): Promise<void> {
    this.#ceased();
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** Opens an account that was added, if the others are started. Resolves when its first attempts are over. */
  async join({ manager }: Account): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    // A start that waits for a stop includes this account.
    await this.#stopping;
    if (this.#run !== run) return;
    try {
      await manager[managerSeam].start();
      if (this.#isSettled) manager[managerSeam].settle(this.#bringsTokens);
    } catch (error) {
      // Stopped or removed meanwhile; it was added all the same.
      if (!isKiteError(error, 'KITE_MANAGER_STOPPED')) throw error;
    }
    this.#accounts.repair();
  }

  async #start(run: symbol, keepTrying: boolean): Promise<void> {
    await this.#stopping;
    await this.#halting;
    if (this.#run !== run) throw stoppedEarly();
    this.#startedAt = this.#clock.monotonic();
    this.#owner.starting();
    await Promise.allSettled(this.#accounts.roster.list().map(({ manager }) => manager[managerSeam].start()));
    if (this.#run !== run) throw stoppedEarly();
    if (!keepTrying && !this.#owner.isAnyOpen()) {
      const error = startFailed(this.#accounts.roster.list());
      await this.#halt();
      throw error;
    }
    this.#accounts.repair();
    for (const { manager } of this.#accounts.roster.list()) manager[managerSeam].settle(keepTrying);
    this.#isSettled = true;
    this.#owner.settled();
  }

  async #stop(): Promise<void> {
    await this.#accounts.stop();
    this.#owner.stopped();
  }

  /** {@link stop}, but channels stay for the next start. */
  #halt(): Promise<void> {
    this.#ceased();
    const halting = this.#accounts.halt().finally(() => {
      if (this.#halting === halting) this.#halting = undefined;
    });
    this.#halting = halting;
    return halting;
  }

  #ceased(): void {
    this.#run = undefined;
    this.#starting = undefined;
    this.#startedAt = undefined;
    this.#isSettled = false;
    this.#owner.ceased();
  }
}

/** The error of a start that was stopped, or whose signal aborted. */
export function stoppedEarly(signal?: AbortSignal): KiteError {
  const options = signal && { cause: signal.reason as unknown };
  return new KiteError('KITE_MULTI_API_STOPPED', 'stopped before it had started', options);
}

function startFailed(accounts: readonly Account[]): KiteError {
  const messages = accounts.flatMap(({ apiKeyId, failures }) =>
    failures.map(({ message }) => `${apiKeyId}: ${message}`),
  );
  return new KiteError(
    'KITE_MULTI_API_START_FAILED',
    `no connection of any account opened: ${[...new Set(messages)].join('; ')}`,
    {
      reasons: accounts.flatMap(({ apiKeyId, failures }) =>
        failures.map((error) => ofAccount(error, apiKeyId)),
      ),
    },
  );
}

/** The same error, naming the account. */
function ofAccount(error: KiteError, apiKeyId: string): KiteError {
  return new KiteError(error.code, error.message, Object.assign({ cause: error }, error, { apiKeyId }));
}
