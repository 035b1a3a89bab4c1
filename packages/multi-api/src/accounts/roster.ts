import type { Channel, ChannelId, ChannelOptions, RawChannelOptions } from '@kite/connection';
import { Warnings } from '@kite/kit';
import { type KiteTickerManager, managerSeam } from '@kite/manager';
import { type KiteError, KiteInputError, type RawFrame, type TickerMessage } from '@kite/protocol';

import type { UnifiedFeed } from '../feed/unified-feed.js';
import { type AccountOptions, checkAccount, type ResolvedMultiApiConfig } from '../options.js';
import type { SourceTag } from '../parts.js';
import { Account } from './account.js';

/** Where the messages of the accounts go, and what is reported of them. */
export interface RosterOwner {
  readonly feed: UnifiedFeed;
  /** A connection's state has changed, or what is unplaced on an account. */
  changed(): void;
  /** An account cannot stream again without a call of the user, or tries again after one. */
  failureChanged(): void;
}

/** What belongs to one connection of one account. */
type OfConnection<Thing> = [apiKeyId: string, channelId: ChannelId, thing: Thing];

/** The accounts, by their ids. */
export class Roster {
  readonly #config: ResolvedMultiApiConfig;
  readonly #owner: RosterOwner;
  readonly #accounts = new Map<string, Account>();
  /** Shared by all accounts: the loss of an I/O worker is no news the second time. */
  readonly warnings = new Warnings();
  #tapsFrames = false;

  constructor(config: ResolvedMultiApiConfig, owner: RosterOwner) {
    this.#config = config;
    this.#owner = owner;
  }

  list(): Account[] {
    return [...this.#accounts.values()];
  }

  ids(): string[] {
    return [...this.#accounts.keys()];
  }

  find(id: string): Account | undefined {
    return this.#accounts.get(id);
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
        this.#owner.changed();
      },
      streams: (from, ...what) => {
        feed.after(() => {
          feed.replicas.streams(from, ...what);
        });
      },
      stops: (from, ...what) => {
        feed.after(() => {
          feed.replicas.stops(from, ...what);
        });
      },
      straggled: (from, message) => {
        feed.replicas.straggled(from, message);
      },
      failureChanged: () => {
        this.#owner.failureChanged();
      },
      unplacedChanged: () => {
        this.#owner.changed();
      },
    });
    account.manager[managerSeam].warnThrough(this.warnings);
    this.#accounts.set(id, account);
    account.tapFrames(this.#tapsFrames);
    return account;
  }

  delete(id: string): void {
    this.#accounts.delete(id);
  }

  /** Sets whether the feed gets the frames of every account as well. */
  tapFrames(areWanted: boolean): void {
    this.#tapsFrames = areWanted;
    for (const account of this.#accounts.values()) account.tapFrames(areWanted);
  }

  /** What each connection of each account holds. */
  distribution(): Record<string, Record<ChannelId, number[]>> {
    return Object.fromEntries(
      this.list().map(({ apiKeyId, manager }) => [apiKeyId, manager.getSymbolDistribution()]),
    );
  }

  /** Whether this connection of this account holds the instrument. */
  isHeldBy({ apiKeyId, channelId }: SourceTag, token: number): boolean {
    const account = apiKeyId === undefined ? undefined : this.#accounts.get(apiKeyId);
    return account?.manager[managerSeam].homeOf(token) === channelId;
  }

  /** A channel of messages for each connection of each account. */
  channels(options?: ChannelOptions): OfConnection<Channel<TickerMessage>>[] {
    return this.#ofConnections((manager) => manager.getAllChannels(options));
  }

  /** A channel of raw frames for each connection of each account. */
  rawFrameChannels(options?: RawChannelOptions): OfConnection<Channel<RawFrame>>[] {
    return this.#ofConnections((manager) => manager.getAllRawFrameChannels(options));
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

  /** Those of these instruments that no account streams. */
  darkOf(tokens: Iterable<number>): number[] {
    const streamed = this.list().map((account) => account.streamed());
    return [...tokens].filter((token) => !streamed.some((those) => those.has(token)));
  }

  /** Why nothing more can come without a call of the user; undefined while it can. */
  get failure(): KiteError | undefined {
    const failures = this.list().map(({ failure }) => failure);
    return failures.every((failure) => failure !== undefined) ? failures.at(-1) : undefined;
  }

  #ofConnections<Thing>(
    thingsOf: (manager: KiteTickerManager) => [ChannelId, Thing][],
  ): OfConnection<Thing>[] {
    return this.list().flatMap(({ apiKeyId, manager }) =>
      thingsOf(manager).map(([channelId, thing]): OfConnection<Thing> => [apiKeyId, channelId, thing]),
    );
  }
}
