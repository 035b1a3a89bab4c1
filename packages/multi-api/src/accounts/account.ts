import { type AccessToken, ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { KiteTickerManager, type ManagerConfig } from '@kite/manager';
import { type EventOf, isKiteError, type KiteError, type RawFrame, type TickerMessage } from '@kite/protocol';

import type { FeedAccount } from '../feed/unified-feed.js';
import type { AccountOptions } from '../options.js';
import type { MessageConsumer, Outage, SourceTag } from '../parts.js';

/** What an account reports to, and asks. */
export interface AccountOwner {
  /** Whether its ticks must be decoded. */
  readonly takesTicks: boolean;
  /** The form of these ticks. */
  readonly form: 'plain' | 'lazy';
  message(account: Account, message: TickerMessage): void;
  /** An undecoded frame, after `tapFrames`. */
  frame(account: Account, frame: RawFrame): void;
  /** A connection has opened or closed, or has started or stopped streaming. */
  connectionChanged(): void;
  /** A connection streams these. `openedAt`: when it opened, Unix milliseconds; undefined: same socket as before. */
  streams(account: Account, channelId: ChannelId, tokens: Iterable<number>, openedAt?: number): void;
  /** See `StreamWatcher.stops`. */
  stops(
    account: Account,
    channelId: ChannelId,
    tokens: Iterable<number>,
    outage: Outage,
    isSilent: boolean,
  ): void;
  /** See `StreamWatcher.straggled`. */
  straggled(account: Account, message: EventOf<'ticks'>): void;
  /** It cannot stream again without a call of the user, or tries again after one. */
  failureChanged(): void;
  /** The set of instruments on connections that are down has changed. */
  unplacedChanged(account: Account): void;
}

/** One account: its manager, and what its connections failed with. */
export class Account implements FeedAccount {
  readonly apiKeyId: string;
  readonly sources: readonly SourceTag[];
  readonly manager: KiteTickerManager;
  readonly #failures = new Map<ChannelId, KiteError>();
  /** When each open connection opened, Unix milliseconds. */
  readonly #open = new Map<ChannelId, number>();
  /** Connections whose socket is new since they last streamed. */
  readonly #opened = new Set<ChannelId>();
  /** The credentials that it has used so far, as far as known: secret. */
  readonly #secrets = new Set<string>();
  readonly #owner: AccountOwner;
  #unplaced: ReadonlySet<number> = new Set();
  #stopTapping: (() => void) | undefined;
  #failure: KiteError | undefined;

  constructor({ id, apiKey, accessToken }: AccountOptions, config: ManagerConfig, owner: AccountOwner) {
    this.apiKeyId = id;
    this.sources = ChannelId.all().map((channelId) => Object.freeze({ channelId, apiKeyId: id }));
    this.#keepSecret(apiKey, accessToken);
    this.#owner = owner;
    this.manager = new KiteTickerManager({ ...config, apiKey, accessToken });
    this.manager[managerSeam].attach(this.#tap(owner));
    this.manager.on('unplaced', (tokens) => {
      this.#unplaced = new Set(tokens);
      owner.unplacedChanged(this);
    });
    this.manager.on('state', ({ channelId, state, error, receivedAt }) => {
      if (state === 'open') {
        this.#failures.delete(channelId);
        this.#open.set(channelId, receivedAt);
        this.#opened.add(channelId);
      } else {
        this.#open.delete(channelId);
        if (isKiteError(error)) this.#failures.set(channelId, error);
      }
      if (state === 'connecting' || state === 'open' || state === 'waiting') this.#revived();
      owner.connectionChanged();
    });
    this.manager[managerSeam].watch({
      streams: (channelId, tokens) => {
        const isResumed = !this.#opened.delete(channelId);
        owner.streams(this, channelId, tokens, isResumed ? undefined : this.#open.get(channelId));
        owner.connectionChanged();
      },
      stops: (channelId, tokens, outage, isSilent) => {
        owner.stops(this, channelId, tokens, outage, isSilent);
        owner.connectionChanged();
      },
      straggled: (message) => {
        owner.straggled(this, message);
      },
    });
  }

  /** Whether a text given as an id is a key or a token of this account, and so a secret. */
  isSecret(text: string): boolean {
    return this.#secrets.has(text);
  }

  /** See `MultiApiKiteTickerManager.updateCredentials`. */
  async updateCredentials(credentials: {
    apiKey?: string | undefined;
    accessToken: AccessToken;
  }): Promise<void> {
    await this.manager.updateCredentials(credentials);
    this.#revived();
    this.#keepSecret(credentials.apiKey, credentials.accessToken);
  }

  /** Opens its connections; those that were refused or have failed for good are tried again. */
  start(): Promise<void> {
    const started = this.manager[managerSeam].start();
    this.#revived();
    return started;
  }

  /** Why it cannot stream again without a call of the user; undefined while it can. */
  get failure(): KiteError | undefined {
    return this.#failure;
  }

  /** The failures of its connections that are not open. */
  get failures(): KiteError[] {
    return [...this.#failures.values()];
  }

  /** Whether it holds the instrument on a connection that is down. */
  isUnplaced(token: number): boolean {
    return this.#unplaced.has(token);
  }

  /** What it streams, and over which connection. */
  streamed(): ReadonlyMap<number, ChannelId> {
    const streamed = new Map<number, ChannelId>();
    const distribution = this.manager.getSymbolDistribution();
    for (const channelId of this.#open.keys()) {
      for (const token of distribution[channelId]) streamed.set(token, channelId);
    }
    // A silent connection streams nothing, though it is open.
    for (const token of this.manager[managerSeam].outagesOf(streamed.keys()).keys()) streamed.delete(token);
    return streamed;
  }

  /** What one of its connections holds. */
  heldBy(channelId: ChannelId): readonly number[] {
    return this.manager.getSymbolDistribution()[channelId];
  }

  /** The outages of its instruments once it is gone: each since it began here, or since the last message. */
  outagesOnLeaving(): Map<number, Outage> {
    const outages = new Map(this.manager[managerSeam].outagesOf(this.manager.subscriptions.keys()));
    const silent = new Set(this.manager.getSilentSymbols(0));
    const reason = `${this.apiKeyId} was removed`;
    const streamed = groupBy(this.streamed(), ([, channelId]) => channelId);
    const now = this.manager.clock.monotonic();
    for (const { connectionId, lastMessageAt, lastFrameAgeMs } of this.manager.getStats().connectionStats) {
      if (lastMessageAt === null || lastFrameAgeMs === null) continue;
      const outage: Outage = { from: lastMessageAt, since: now - lastFrameAgeMs, reason };
      for (const [token] of streamed.get(connectionId) ?? [])
        if (!silent.has(token)) outages.set(token, outage);
    }
    return outages;
  }

  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void {
    this.manager[managerSeam].countDropped(channelId, weight, isFirst);
  }

  /** Sets whether its owner gets its frames as well. */
  tapFrames(areWanted: boolean): void {
    if (!areWanted) {
      this.#stopTapping?.();
      this.#stopTapping = undefined;
      return;
    }
    this.#stopTapping ??= this.manager.on('frame', (frame) => {
      this.#owner.frame(this, frame);
    });
  }

  #revived(): void {
    if (!this.#failure) return;
    this.#failure = undefined;
    this.#owner.failureChanged();
  }

  #keepSecret(...credentials: readonly (AccessToken | undefined)[]): void {
    for (const one of credentials) if (typeof one === 'string') this.#secrets.add(one);
  }

  #tap(owner: AccountOwner): MessageConsumer {
    const deliver = (message: TickerMessage): void => {
      owner.message(this, message);
    };
    return {
      get takesTicks() {
        return owner.takesTicks;
      },
      get form() {
        return owner.form;
      },
      message: deliver,
      end: (error) => {
        this.#failure = error;
        if (error) owner.failureChanged();
      },
    };
  }
}
