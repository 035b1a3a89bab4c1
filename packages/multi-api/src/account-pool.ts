import { KiteError, KiteInputError } from '@kite/manager';

import { AccountLedger, type AccountChange, type Situation } from './account-ledger.js';
import { Account } from './account.js';
import { checkAccount, type AccountOptions, type ResolvedMultiApiConfig } from './options.js';
import type { ReplicaFilter } from './replica-filter.js';
import type { UnifiedFeed } from './unified-feed.js';

/** How long an account that leaves waits for the first ticks of what it hands over. */
const HANDOVER_MS = 2000;

/** How often it looks. */
const HANDOVER_LOOK_MS = 20;

/** Whom a pool of accounts tells. */
export interface AccountPoolOwner {
  readonly feed: UnifiedFeed;
  /** A connection's state has changed, or where instruments are. */
  changed(): void;
  failed(error: KiteError): void;
}

/** The accounts, and who of them holds what: carries out what the ledger decides. */
export class AccountPool {
  readonly #config: ResolvedMultiApiConfig;
  readonly #replicas: ReplicaFilter;
  readonly #owner: AccountPoolOwner;
  readonly #ledger: AccountLedger;
  readonly #accounts = new Map<string, Account>();
  readonly #leaving = new Set<string>();
  #accountsEver = 0;

  constructor(config: ResolvedMultiApiConfig, replicas: ReplicaFilter, owner: AccountPoolOwner) {
    this.#config = config;
    this.#replicas = replicas;
    this.#owner = owner;
    this.#ledger = new AccountLedger({
      strategy: config.distributionStrategy,
      replicas: config.replicas,
      defaultMode: config.resolved.defaultMode,
    });
  }

  /** Instruments subscribed, each once. */
  get symbolCount(): number {
    return this.#ledger.size;
  }

  list(): Account[] {
    return [...this.#accounts.values()];
  }

  ids(): string[] {
    return [...this.#accounts.keys()];
  }

  /** @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT` */
  get(id: string): Account {
    const account = this.#accounts.get(id);
    if (account) return account;
    const allowed = this.ids().join(', ');
    throw new KiteInputError('KITE_MULTI_API_UNKNOWN_ACCOUNT', {
      field: 'apiKeyId',
      value: id,
      allowed,
      apiKeyId: id,
    });
  }

  /** @throws KiteInputError `KITE_MULTI_API_INVALID_OPTION` or `KITE_MULTI_API_DUPLICATE_ACCOUNT` */
  add(options: AccountOptions): Account {
    checkAccount(options);
    const { id } = options;
    if (this.#accounts.has(id)) {
      const allowed = 'an id that is not taken';
      throw new KiteInputError('KITE_MULTI_API_DUPLICATE_ACCOUNT', { field: 'id', value: id, allowed });
    }
    const { feed } = this.#owner;
    const account = new Account(options, this.#accountsEver++, this.#config.managerConfig, {
      get takesTicks() {
        return feed.takesTicks;
      },
      message: (from, message) => {
        if (message.type === 'state' && message.state !== 'open') this.#replicas.lost(id);
        feed.deliver(from, message);
      },
      changed: () => {
        this.repair();
        this.#owner.changed();
      },
    });
    this.#accounts.set(id, account);
    return account;
  }

  /** See `MultiApiKiteTickerManager.removeApiKey`. */
  async remove(id: string): Promise<void> {
    const account = this.get(id);
    this.#leaving.add(id);
    await this.#handOver();
    this.#accounts.delete(id);
    this.#leaving.delete(id);
    this.#ledger.drop(id);
    this.#syncReplicas(this.#ledger.tokens);
    await account.manager.stop();
    this.repair();
  }

  /** Instruments that no connection in order streams. */
  unplaced(): number[] {
    return this.#ledger.unplaced(this.#situation());
  }

  /** @throws KiteError `KITE_MULTI_API_CAPACITY` unless the account can hold these beside what it holds */
  assertRoom({ apiKeyId, manager }: Account, tokens: readonly number[]): void {
    const requested = tokens.filter((token) => !manager.subscriptions.has(token)).length;
    const available = this.#capacity - manager.subscriptions.size;
    if (requested <= available) return;
    const message = `${requested} more instruments do not fit on ${apiKeyId}: ${available} are free`;
    throw new KiteError('KITE_MULTI_API_CAPACITY', message, { apiKeyId, requested, available });
  }

  /** Decides on these tokens, and does it. */
  async change(
    decide: (ledger: AccountLedger, situation: Situation) => readonly AccountChange[],
    tokens: Iterable<number>,
  ): Promise<void> {
    await this.#apply(decide(this.#ledger, this.#situation()), tokens);
  }

  /** Places what is unplaced, as far as there is room. */
  repair(): void {
    const changes = this.#ledger.repair(this.#situation(), this.#leaving);
    const tokens = changes.flatMap(({ assign, release }) => [...assign.keys(), ...release]);
    this.#apply(changes, tokens).catch((error: unknown) => {
      this.#owner.failed(error as KiteError);
    });
  }

  /** Makes before it breaks. */
  async #apply(changes: readonly AccountChange[], tokens: Iterable<number>): Promise<void> {
    this.#syncReplicas(tokens);
    const parts = changes.flatMap((change) => {
      const manager = this.#accounts.get(change.apiKeyId)?.manager;
      return manager ? [{ ...change, manager }] : [];
    });
    await Promise.all(parts.map(({ manager, assign }) => manager.assignSymbols(assign)));
    await Promise.all(parts.map(({ manager, release }) => manager.unsubscribeSymbols(release)));
  }

  #syncReplicas(tokens: Iterable<number>): void {
    for (const token of tokens) {
      const isReplicated = this.#ledger.isReplicated(token);
      this.#replicas.sync(token, isReplicated ? [...this.#ledger.holdersOf(token).keys()] : []);
    }
  }

  /** Moves what leaving accounts hold, and waits until it is streamed elsewhere. */
  async #handOver(): Promise<void> {
    const { clock } = this.#config.resolved;
    const changes = this.#ledger.repair(this.#situation(), this.#leaving);
    await this.#apply(
      changes,
      changes.flatMap(({ assign }) => [...assign.keys()]),
    );
    const deadline = clock.monotonic() + HANDOVER_MS;
    while (clock.monotonic() < deadline && this.#isAwaited(changes)) {
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, HANDOVER_LOOK_MS);
      });
    }
  }

  /** Whether something that was assigned has not sent its first tick yet. */
  #isAwaited(changes: readonly AccountChange[]): boolean {
    return changes.some(({ apiKeyId, assign }) => {
      const silent = this.#accounts.get(apiKeyId)?.manager.getSilentSymbols(0) ?? [];
      return silent.some((token) => assign.has(token));
    });
  }

  /** What one account can hold. */
  get #capacity(): number {
    const { maxConnections, maxSymbolsPerConnection } = this.#config.resolved;
    return maxConnections * maxSymbolsPerConnection;
  }

  #situation(): Situation {
    return {
      accounts: this.list().map(({ apiKeyId, manager }) => ({
        id: apiKeyId,
        room: manager.getFreeCapacity(),
        spare: this.#capacity - manager.subscriptions.size,
        held: manager.subscriptions.size,
        weight: this.#config.weights[apiKeyId] ?? 1,
      })),
      isUnplaced: (id, token) => this.#accounts.get(id)?.isUnplaced(token) ?? true,
    };
  }
}
