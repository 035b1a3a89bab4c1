import type { ChannelId } from '@kite/connection';
import { counted } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { KiteError, type Mode } from '@kite/protocol';

import type { UnifiedFeed } from '../feed/unified-feed.js';
import type { ResolvedMultiApiConfig } from '../options.js';
import type { Outage } from '../parts.js';
import type { Account } from './account.js';
import { AccountOutages } from './account-outages.js';
import { AccountPlacement, type Situation } from './account-placement.js';
import { handOver } from './hand-over.js';
import type { AccountChange } from './placement-change.js';
import { Roster } from './roster.js';

/** What the accounts report to, and where their messages go. */
export interface AccountsOwner {
  readonly feed: UnifiedFeed;
  /** Runs the act, and reports only after it what it has changed: a listener may call the manager. */
  after(act: () => void): void;
  /** A connection's state or the placement has changed. */
  changed(): void;
  failed(error: KiteError): void;
  /** The account that the caller chose for it has gone: from now on it counts as subscribed without a choice. */
  adopted(token: number, mode: Mode): void;
  /** An account cannot stream again without a call of the user, or tries again after one. */
  failureChanged(): void;
}

/** Which account holds what: carries out what the placement decides. */
export class Accounts {
  /** Which accounts there are. */
  readonly roster: Roster;
  readonly #config: ResolvedMultiApiConfig;
  readonly #owner: AccountsOwner;
  readonly #placement: AccountPlacement;
  readonly #lost: AccountOutages;
  /** Accounts that are leaving, until they are gone. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Removed accounts, until their connections are closed. */
  readonly #closing = new Set<Account>();
  #isRepairDue = false;

  constructor(config: ResolvedMultiApiConfig, owner: AccountsOwner) {
    this.#config = config;
    this.#owner = owner;
    this.roster = new Roster(config, {
      feed: owner.feed,
      changed: () => {
        this.#changed();
      },
      failureChanged: () => {
        owner.failureChanged();
      },
    });
    this.#placement = new AccountPlacement(
      {
        strategy: config.distributionStrategy,
        replicas: config.replicas,
        defaultMode: config.resolved.defaultMode,
      },
      (token, mode) => {
        owner.adopted(token, mode);
      },
    );
    this.#lost = new AccountOutages(this.#placement);
  }

  /** Instruments subscribed, each once. */
  get symbols(): { readonly size: number; has(token: number): boolean } {
    return this.#placement;
  }

  /** See `MultiApiKiteTickerManager.removeApiKey`. */
  remove(id: string): Promise<void> {
    const account = this.roster.get(id);
    const known = this.#leaving.get(id);
    if (known) return known;
    // Deferred, so that it is on the list of leaving accounts by then.
    const gone = Promise.resolve().then(() => this.#remove(account));
    this.#leaving.set(id, gone);
    return gone;
  }

  /** Instruments that no healthy connection streams. */
  unplaced(): number[] {
    return this.#placement.unplaced(this.#situation());
  }

  /** See `MultiApiKiteTickerManager.getFreeCapacity`. */
  freeCapacity(): number {
    return this.#placement.freeCapacity(this.#situation());
  }

  /** Token to mode: the highest one in which an account holds it. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#placement.modes;
  }

  /** Instruments that no account streams. */
  dark(): number[] {
    return this.roster.darkOf(this.#placement.tokens);
  }

  /** @throws KiteError `KITE_MULTI_API_CAPACITY` if the account cannot hold these as well */
  assertRoom({ apiKeyId, manager }: Account, tokens: readonly number[]): void {
    const requested = tokens.filter((token) => !manager.subscriptions.has(token)).length;
    const available = this.#capacity - manager.subscriptions.size;
    if (requested <= available) return;
    const message = `${counted(requested, 'more instrument does', 'more instruments do')} not fit on ${apiKeyId}: ${counted(available, 'is', 'are')} free`;
    throw new KiteError('KITE_MULTI_API_CAPACITY', message, { apiKeyId, requested, available });
  }

  /**
   * Streams `assign` in these modes wherever the strategy puts them, and stops `release` unless pinned: all of it or
   * nothing.
   *
   * @throws KiteError `KITE_MULTI_API_CAPACITY` or `KITE_MULTI_API_MANUAL_DISTRIBUTION`
   */
  share(assign: ReadonlyMap<number, Mode>, release: readonly number[]): void {
    if (assign.size > 0) this.#placement.assertRoom(assign.keys(), release, this.#situation());
    if (release.length > 0) this.#carryOut(this.#placement.release(release), release);
    if (assign.size === 0) return;
    this.#carryOut(this.#placement.assign(assign, this.#situation()), assign.keys());
    // What only an account of the caller's choice held so far lacks copies.
    if ([...assign.keys()].some((token) => this.#placement.isPinned(token))) this.repair();
  }

  /** Streams these instruments on this account; see `MultiApiKiteTickerManager.subscribeSymbolsToApi`. */
  pin(id: string, tokens: readonly number[], mode: Mode | undefined): void {
    this.#carryOut(this.#placement.subscribeTo(id, tokens, mode), tokens);
  }

  unpin(tokens: readonly number[]): void {
    this.#carryOut(this.#placement.unpin(tokens), tokens);
  }

  /** Sets the mode of these on every account that the caller chose. */
  setPinMode(tokens: readonly number[], mode: Mode): void {
    this.#carryOut(this.#placement.setPinMode(tokens, mode), tokens);
  }

  isPinned(token: number): boolean {
    return this.#placement.isPinned(token);
  }

  /** The mode wanted on accounts that the caller has not chosen; undefined: the instrument is not wanted. */
  modeOf(token: number): Mode | undefined {
    return this.#placement.modeOf(token);
  }

  /**
   * Closes every account; the channels of each stay for the next start. What was lost until then is no outage of that.
   */
  async halt(): Promise<void> {
    await Promise.all(this.#all().map(({ manager }) => manager[managerSeam].halt()));
    this.#owner.feed.replicas.clear();
    this.#lost.clear();
  }

  /** How to end the channels that the accounts have now: to be called when all is closed. */
  ending(): () => void {
    const ends = this.#all().map(({ manager }) => manager[managerSeam].ending());
    return () => {
      for (const end of ends) end();
    };
  }

  /** Places what is unplaced, as far as there is room. */
  repair(): void {
    this.#repair(this.#placement.repair(this.#situation()));
  }

  async #remove(account: Account): Promise<void> {
    const { apiKeyId: id, manager } = account;
    try {
      const staying = (): Account[] =>
        this.roster.list().filter(({ apiKeyId }) => !this.#leaving.has(apiKeyId));
      const move = (): void => {
        this.repair();
      };
      await handOver(account, { clock: this.#config.resolved.clock, move, staying });
    } catch (error) {
      // The account goes all the same.
      this.#owner.failed(error as KiteError);
    }
    this.roster.delete(id);
    this.#leaving.delete(id);
    this.#closing.add(account);
    try {
      this.#owner.after(() => {
        this.#placement.drop(id);
        this.#lost.removed(account, this.roster.list());
        this.#syncReplicas(this.#placement.tokens);
      });
    } finally {
      await manager.stop();
      this.#closing.delete(account);
      this.#owner.feed.left(account);
    }
    this.#owner.failureChanged();
    this.repair();
  }

  /** Several things happen at once when a connection is lost or comes back: reacts once, after all of them. */
  #changed(): void {
    this.#owner.changed();
    if (this.#isRepairDue) return;
    this.#isRepairDue = true;
    queueMicrotask(() => {
      this.#isRepairDue = false;
      this.repair();
    });
  }

  #repair(changes: readonly AccountChange[]): void {
    const tokens = changes.flatMap(({ assign, release }) => [...assign.keys(), ...release]);
    this.#carryOut(changes, tokens);
  }

  #carryOut(changes: readonly AccountChange[], tokens: Iterable<number>): void {
    this.#owner.after(() => {
      this.#apply(changes, tokens).catch((error: unknown) => {
        this.#owner.failed(error as KiteError);
      });
    });
  }

  /** Passes on at once what each account must do. Makes before it breaks. */
  async #apply(changes: readonly AccountChange[], tokens: Iterable<number>): Promise<void> {
    const missed = this.#missed(changes);
    this.#syncReplicas(tokens);
    const done: Promise<void>[] = [];
    for (const { apiKeyId, assign } of changes) {
      if (assign.size > 0) done.push(this.roster.get(apiKeyId).manager.assignSymbols(assign));
    }
    for (const [account, outages] of missed) account.manager[managerSeam].missed(outages);
    this.#lost.forgetHeld();
    for (const { apiKeyId, release } of changes) {
      if (release.length === 0) continue;
      const { manager } = this.roster.get(apiKeyId);
      done.push(manager.unsubscribeSymbols(release));
      manager[managerSeam].linger(release.filter((token) => this.#owner.feed.replicas.merges(token)));
    }
    await Promise.all(done);
  }

  /** The outages of what each account is about to take over: instruments that others lost and no account streams. */
  #missed(changes: readonly AccountChange[]): [Account, ReadonlyMap<number, Outage>][] {
    return changes.map(({ apiKeyId, assign }) => {
      const account = this.roster.get(apiKeyId);
      const added = [...assign.keys()].filter((token) => !account.manager.subscriptions.has(token));
      return [account, this.#lost.of(added, this.roster.list())];
    });
  }

  /** The accounts that stream these are about to change, or have just changed. */
  #syncReplicas(tokens: Iterable<number>): void {
    const streamed = new Map<Account, ReadonlyMap<number, ChannelId>>();
    const isStreaming = (account: Account, token: number): boolean => {
      const known = streamed.get(account) ?? account.streamed();
      streamed.set(account, known);
      return known.has(token);
    };
    for (const token of tokens) {
      const copies = this.#placement.copiesOf(token).map((id) => this.roster.get(id));
      const streaming = new Set<unknown>(copies.filter((account) => isStreaming(account, token)));
      this.#owner.feed.replicas.set(
        token,
        copies,
        (account) => streaming.has(account),
        ({ apiKeyId }) => this.#placement.isApart(apiKeyId, token),
      );
    }
  }

  /** Those that are closing, too. */
  #all(): Account[] {
    return [...this.roster.list(), ...this.#closing];
  }

  /** What one account can hold. */
  get #capacity(): number {
    const { maxConnections, maxSymbolsPerConnection } = this.#config.resolved;
    return maxConnections * maxSymbolsPerConnection;
  }

  #situation(): Situation {
    return {
      accounts: this.roster.list().map(({ apiKeyId, manager }) => ({
        id: apiKeyId,
        room: manager.getFreeCapacity(),
        spare: this.#capacity - manager.subscriptions.size,
        held: manager.subscriptions.size,
        weight: Object.hasOwn(this.#config.weights, apiKeyId) ? this.#config.weights[apiKeyId]! : 1,
      })),
      leaving: this.#leaving,
      isUnplaced: (id, token) => this.roster.find(id)?.isUnplaced(token) ?? true,
    };
  }
}
