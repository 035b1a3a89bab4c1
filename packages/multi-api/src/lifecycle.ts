import { Closing, JointCall } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { type Clock, isKiteError, KiteError } from '@kite/protocol';

import type { Account } from './accounts/account.js';
import type { Accounts } from './accounts/accounts.js';

/** The options of a start; already checked. */
export interface StartOptions {
  /** Resolve even if no connection is open, and go on. Default: false. */
  keepTrying?: boolean | undefined;
  /** Rejects this call; the start is given up once no call waits for it. Not aborted yet. */
  signal?: AbortSignal | undefined;
}

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
  /** A stop is asked for. Returns what to call when all is closed: it ends everything that reads now. */
  ending(): () => void;
}

/** Starts and stops all accounts together. */
export class Lifecycle {
  readonly #accounts: Accounts;
  readonly #clock: Clock;
  readonly #owner: LifecycleOwner;
  #starting: JointCall | undefined;
  readonly #closing = new Closing();
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

  /** See `MultiApiKiteTickerManager.start`; the options have been checked, and the signal is not aborted. */
  start({ keepTrying = false, signal }: StartOptions): Promise<void> {
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
    return this.#halt(this.#owner.ending());
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

  async #start(run: symbol, keepTrying: boolean): Promise<void> {
    await this.#closing.done;
    if (this.#run !== run) throw stoppedEarly();
    this.#startedAt = this.#clock.monotonic();
    this.#owner.starting();
    await Promise.allSettled(this.#accounts.roster.list().map((account) => account.start()));
    if (this.#run !== run) throw stoppedEarly();
    if (!keepTrying && !this.#owner.isAnyOpen()) {
      const error = startFailed(this.#accounts.roster.list());
      await this.#halt();
      throw error;
    }
    this.#accounts.repair();
    // A listener that hears of what was placed may stop it.
    if (this.#run !== run) throw stoppedEarly();
    for (const { manager } of this.#accounts.roster.list()) manager[managerSeam].settle(keepTrying);
    this.#isSettled = true;
    this.#owner.settled();
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
    this.#owner.ceased();
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
