import type { Channel, ChannelId, RawChannelOptions } from '@kite/connection';
import { counted, Warnings } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { KiteError, KiteInputError, type Mode, type RawFrame } from '@kite/protocol';

import type { UnifiedFeed } from '../feed/unified-feed.js';
import { type AccountOptions, checkAccount, type ResolvedMultiApiConfig } from '../options.js';
import type { Outage, SourceTag } from '../parts.js';
import { Account } from './account.js';
import { AccountOutages } from './account-outages.js';
import { AccountPlacement, type Situation } from './account-placement.js';
import { firstTicks, linger } from './first-ticks.js';
import type { AccountChange } from './placement-change.js';

/** How long a leaving account waits for the first ticks of the instruments that it hands over. */
const HANDOVER_MS = 2000;

/** How long both accounts stream what moves: frames sent to the leaving one before the other began are in flight. */
const OVERLAP_MS = 250;

/** What the accounts report to, and where their messages go. */
export interface AccountsOwner {
  readonly feed: UnifiedFeed;
  /** A connection's state or the placement has changed. */
  changed(): void;
  failed(error: KiteError): void;
  /** The account that the caller chose for it has gone: from now on it counts as subscribed without a choice. */
  adopted(token: number, mode: Mode): void;
  /** An account cannot stream again without a call of the user, or tries again after one. */
  failureChanged(): void;
}

/** The accounts, and which one holds what: carries out what the placement decides. */
export class Accounts {
  readonly #config: ResolvedMultiApiConfig;
  readonly #owner: AccountsOwner;
  readonly #placement: AccountPlacement;
  readonly #lost: AccountOutages;
  readonly #accounts = new Map<string, Account>();
  /** Accounts that are leaving, until they are gone. */
  readonly #leaving = new Map<string, Promise<void>>();
  /** Removed accounts, until their connections are closed. */
  readonly #closing = new Set<Account>();
  /** Shared by all accounts: the loss of an I/O worker is no news the second time. */
  readonly warnings = new Warnings();
  #isRepairDue = false;
  #tapsFrames = false;

  constructor(config: ResolvedMultiApiConfig, owner: AccountsOwner) {
    this.#config = config;
    this.#owner = owner;
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

  list(): Account[] {
    return [...this.#accounts.values()];
  }

  /** What each connection of each account holds. */
  distribution(): Record<string, Record<ChannelId, number[]>> {
    return Object.fromEntries(
      this.list().map(({ apiKeyId, manager }) => [apiKeyId, manager.getSymbolDistribution()]),
    );
  }

  /** A channel of raw frames for each connection of each account. */
  rawFrameChannels(options?: RawChannelOptions): [apiKeyId: string, ChannelId, Channel<RawFrame>][] {
    return this.list().flatMap(({ apiKeyId, manager }) =>
      manager
        .getAllRawFrameChannels(options)
        .map(([channelId, channel]): [string, ChannelId, Channel<RawFrame>] => [
          apiKeyId,
          channelId,
          channel,
        ]),
    );
  }

  ids(): string[] {
    return [...this.#accounts.keys()];
  }

  /** @throws KiteInputError `KITE_MULTI_API_UNKNOWN_ACCOUNT` */
  get(id: string): Account {
    const account = this.#accounts.get(id);
    if (account) return account;
    const allowed = this.ids().join(', ') || 'none: there is no account';
    const value = this.list().some((one) => one.isSecret(id)) ? '(an API key)' : id;
    throw new KiteInputError('KITE_MULTI_API_UNKNOWN_ACCOUNT', {
      field: 'apiKeyId',
      value,
      allowed,
      apiKeyId: value,
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
    const account = new Account(options, this.#config.managerConfig, {
      get takesTicks() {
        return feed.takesTicks;
      },
      get form() {
        return feed.form;
      },
      message: (from, message) => {
        // Late ticks of an account that has left: those that took over have delivered them.
        if (message.type !== 'ticks' || this.#accounts.get(id) === from) feed.deliver(from, message);
      },
      frame: (from, frame) => {
        feed.frame(from, frame);
      },
      connectionChanged: () => {
        this.#changed();
      },
      streams: (from, ...what) => {
        feed.replicas.streams(from, ...what);
      },
      stops: (from, ...what) => {
        feed.replicas.stops(from, ...what);
      },
      failureChanged: () => {
        this.#owner.failureChanged();
      },
      unplacedChanged: () => {
        this.#changed();
      },
    });
    account.manager[managerSeam].warnThrough(this.warnings);
    this.#accounts.set(id, account);
    account.tapFrames(this.#tapsFrames);
    return account;
  }

  /** Sets whether the feed gets the frames of every account as well. */
  tapFrames(areWanted: boolean): void {
    this.#tapsFrames = areWanted;
    for (const account of this.#accounts.values()) account.tapFrames(areWanted);
  }

  /** See `MultiApiKiteTickerManager.removeApiKey`. */
  remove(id: string): Promise<void> {
    const account = this.get(id);
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

  /** Token to mode: the highest one in which an account holds it. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#placement.modes;
  }

  /** Instruments that accounts have streamed for this long without a packet from any of them. */
  silentFor(forMs: number): number[] {
    const silent = new Map<number, number>();
    for (const { manager } of this.#accounts.values())
      for (const token of manager.getSilentSymbols(forMs)) silent.set(token, (silent.get(token) ?? 0) + 1);
    if (silent.size === 0) return [];
    const streamed = this.list().map((account) => account.streamed());
    return [...silent]
      .filter(([token, count]) => streamed.filter((tokens) => tokens.has(token)).length <= count)
      .map(([token]) => token);
  }

  /** Why nothing more can come without a call of the user; undefined while it can. */
  get failure(): KiteError | undefined {
    const failures = this.list().map(({ failure }) => failure);
    return failures.every((failure) => failure !== undefined) ? failures.at(-1) : undefined;
  }

  /** Instruments that no account streams. */
  dark(): number[] {
    const streamed = this.list().map((account) => account.streamed());
    return [...this.#placement.tokens].filter((token) => !streamed.some((tokens) => tokens.has(token)));
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
    if (assign.size > 0) this.#carryOut(this.#placement.assign(assign, this.#situation()), assign.keys());
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

  /** Whether this connection of this account holds the instrument. */
  isHeldBy({ apiKeyId, channelId }: SourceTag, token: number): boolean {
    const account = apiKeyId === undefined ? undefined : this.#accounts.get(apiKeyId);
    return account?.manager[managerSeam].homeOf(token) === channelId;
  }

  /** Stops every account. What was lost until then is no outage of the next start. */
  async stop(): Promise<void> {
    await Promise.all([...this.#accounts.values(), ...this.#closing].map(({ manager }) => manager.stop()));
    this.#owner.feed.replicas.clear();
    this.#lost.clear();
  }

  /** {@link stop}, but the channels of each account stay for the next start. */
  async halt(): Promise<void> {
    await Promise.all(
      [...this.#accounts.values(), ...this.#closing].map(({ manager }) => manager[managerSeam].halt()),
    );
    this.#owner.feed.replicas.clear();
    this.#lost.clear();
  }

  /** Places what is unplaced, as far as there is room. */
  repair(): void {
    this.#repair(this.#placement.repair(this.#situation()));
  }

  async #remove(account: Account): Promise<void> {
    const { apiKeyId: id, manager } = account;
    try {
      await this.#handOver(account);
    } catch (error) {
      // The account goes all the same.
      this.#owner.failed(error as KiteError);
    }
    this.#accounts.delete(id);
    this.#leaving.delete(id);
    this.#closing.add(account);
    try {
      this.#placement.drop(id);
      this.#lost.removed(account, this.list());
      this.#syncReplicas(this.#placement.tokens);
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
    this.#apply(changes, tokens).catch((error: unknown) => {
      this.#owner.failed(error as KiteError);
    });
  }

  /** Passes on at once what each account must do. Makes before it breaks. */
  async #apply(changes: readonly AccountChange[], tokens: Iterable<number>): Promise<void> {
    const missed = this.#missed(changes);
    this.#syncReplicas(tokens);
    const done: Promise<void>[] = [];
    for (const { apiKeyId, assign } of changes) {
      if (assign.size > 0) done.push(this.get(apiKeyId).manager.assignSymbols(assign));
    }
    for (const [account, outages] of missed) account.manager[managerSeam].missed(outages);
    this.#lost.forgetHeld();
    for (const { apiKeyId, release } of changes) {
      if (release.length === 0) continue;
      const { manager } = this.get(apiKeyId);
      done.push(manager.unsubscribeSymbols(release));
      manager[managerSeam].linger(release.filter((token) => this.#owner.feed.replicas.merges(token)));
    }
    await Promise.all(done);
  }

  /** The outages of what each account is about to take over: instruments that others lost and no account streams. */
  #missed(changes: readonly AccountChange[]): [Account, ReadonlyMap<number, Outage>][] {
    return changes.map(({ apiKeyId, assign }) => {
      const account = this.get(apiKeyId);
      const added = [...assign.keys()].filter((token) => !account.manager.subscriptions.has(token));
      return [account, this.#lost.of(added, this.list())];
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
      const copies = this.#placement.copiesOf(token).map((id) => this.get(id));
      const streaming = new Set<unknown>(copies.filter((account) => isStreaming(account, token)));
      this.#owner.feed.replicas.set(
        token,
        copies,
        (account) => streaming.has(account),
        ({ apiKeyId }) => this.#placement.isApart(apiKeyId, token),
      );
    }
  }

  /** Moves what a leaving account holds, and waits until it is streamed elsewhere. */
  async #handOver({ manager: from }: Account): Promise<void> {
    const { clock } = this.#config.resolved;
    // An instrument that does not stream here leaves no gap; one that never sent anything will not do so elsewhere.
    const silent = new Set(from.getSilentSymbols(0));
    const streaming = [...from.subscriptions.keys()].filter((token) => !silent.has(token));
    const isStreaming = from.getStats().activeConnections > 0 && streaming.length > 0;
    this.#repair(this.#placement.repair(this.#situation()));
    if (!isStreaming) return;
    // Another leaving account or a change by the caller may have told the new account of these already.
    const staying = this.list().filter(({ apiKeyId }) => !this.#leaving.has(apiKeyId));
    const heard = staying.map((account) => {
      const { manager } = account;
      const isSilent = new Set(manager.getSilentSymbols(0));
      const streamed = account.streamed();
      const isNew = (token: number): boolean =>
        manager.subscriptions.has(token) && (isSilent.has(token) || !streamed.has(token));
      return firstTicks(manager, streaming.filter(isNew), clock, HANDOVER_MS);
    });
    await Promise.all(heard);
    await linger(from, clock, OVERLAP_MS);
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
        weight: Object.hasOwn(this.#config.weights, apiKeyId) ? this.#config.weights[apiKeyId]! : 1,
      })),
      leaving: this.#leaving,
      isUnplaced: (id, token) => this.#accounts.get(id)?.isUnplaced(token) ?? true,
    };
  }
}
