import { Closing, JointCall } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { type Clock, isKiteError, KiteError } from '@kite/protocol';

import type { Account } from './accounts/account.js';
import type { Accounts } from './accounts/accounts.js';
import type { Reading } from './reading.js';

/** The options of a start; already checked. */
export interface StartOptions {
  /** Resolve even if no connection is open, and go on. Default: false. */
  keepTrying?: boolean | undefined;
  /** Rejects this call; the start is given up once no call waits for it. Not aborted yet. */
  signal?: AbortSignal | undefined;
}

/** Starts and stops all accounts together, and with them what is read of them. */
export class Lifecycle {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #reading: Reading;
  #starting: JointCall | undefined;
  readonly #closing = new Closing();
  /** This start, until its stop. */
  #run: symbol | undefined;
  #startedAt: number | undefined;
  #isSettled = false;
  /** In this start, another token may replace a refused one. */
  #bringsTokens = false;

  constructor(accounts: Accounts, reading: Reading) {
    this.#accounts = accounts;
    this.#clock = reading.clock;
    this.#reading = reading;
  }

  /** Whether it is started, or a start is under way. */
  get isOn(): boolean {
    return this.#run !== undefined;
  }

  get uptimeMs(): number {
    return this.#startedAt === undefined ? 0 : this.#clock.monotonic() - this.#startedAt;
  }

  /** See `MultiApiKiteTickerManager.start`; the options have been checked, and the signal is not aborted. */
  start({ keepTrying = false, signal }: StartOptions): Promise<void> {
    this.#reading.called();
    if (this.#starting) return this.#starting.join(signal);
    if (this.#run !== undefined) return this.#reopen();
    const run = Symbol('run');
    this.#run = run;
    this.#bringsTokens = keepTrying;
    const work = this.#start(run, keepTrying).finally(() => {
      if (this.#starting === starting) this.#starting = undefined;
    });
    const starting = new JointCall(work, {
      giveUp: () => (this.#run === run ? this.#halt() : Promise.resolve()),
      left: stoppedEarly,
    });
    this.#starting = starting;
    return starting.join(signal);
  }

  /** See `MultiApiKiteTickerManager.stop`. */
  stop(): Promise<void> {
    this.#reading.called();
    return this.#halt(this.#reading.ending());
  }

  /**
   * Opens an account, if the others are started: one that was added, or what was refused or has failed for good of one
   * that is started. Resolves when its first attempts are over.
   */
  async join(account: Account): Promise<void> {
    const { manager } = account;
    const run = this.#run;
    if (run === undefined) return;
    // A start that waits for a stop includes this account.
    await this.#closing.done;
    if (this.#run !== run) return;
    try {
      await account.start();
      if (this.#isSettled) manager[managerSeam].settle(this.#bringsTokens);
    } catch (error) {
      // Stopped or removed meanwhile; it was added all the same.
      if (!isKiteError(error, 'KITE_MANAGER_STOPPED')) throw error;
    }
    this.#accounts.repair();
  }

  /** An account has failed for good, or tries again: once the start has succeeded, that ends or revives the feed. */
  failureChanged(): void {
    if (!this.#isSettled) return;
    const { failure } = this.#accounts.roster;
    if (failure) this.#reading.fail(failure);
    else this.#reading.begin();
  }

  async #start(run: symbol, keepTrying: boolean): Promise<void> {
    await this.#closing.done;
    if (this.#run !== run) throw stoppedEarly();
    this.#startedAt = this.#clock.monotonic();
    this.#reading.begin();
    await Promise.allSettled(this.#accounts.roster.list().map((account) => account.start()));
    if (this.#run !== run) throw stoppedEarly();
    if (!keepTrying && !this.#isAnyOpen()) {
      const error = startFailed(this.#accounts.roster.list());
      await this.#halt();
      throw error;
    }
    this.#accounts.repair();
    // A listener that hears of what was placed may stop it.
    if (this.#run !== run) throw stoppedEarly();
    for (const { manager } of this.#accounts.roster.list()) manager[managerSeam].settle(keepTrying);
    this.#isSettled = true;
    this.#reading.started();
    this.failureChanged();
  }

  /** Whether a connection of any account is open. */
  #isAnyOpen(): boolean {
    return this.#accounts.roster.list().some(({ manager }) => manager.getHealth().healthyConnections > 0);
  }

  async #reopen(): Promise<void> {
    await Promise.all(this.#accounts.roster.list().map((account) => this.join(account)));
  }

  /** Closes every account. Channels stay for the next start, unless `end` ends them. */
  #halt(end?: () => void): Promise<void> {
    this.#run = undefined;
    this.#starting = undefined;
    this.#startedAt = undefined;
    this.#isSettled = false;
    this.#reading.ceased();
    return this.#closing.begin(() => this.#accounts.halt(), end);
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
