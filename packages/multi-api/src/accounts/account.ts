import type { ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';
import { managerSeam } from '@kite/manager';
import { KiteTickerManager, type ManagerConfig } from '@kite/manager';
import { isKiteError, type KiteError, type RawFrame, type TickerMessage } from '@kite/protocol';

import type { FeedAccount } from '../feed/unified-feed.js';
import type { AccountOptions } from '../options.js';
import type { MessageConsumer, Outage } from '../parts.js';

/** Whom an account tells. */
export interface AccountOwner {
  /** Whether anybody wants its ticks decoded. */
  readonly takesTicks: boolean;
  message(account: Account, message: TickerMessage): void;
  /** An undecoded frame, after `tapFrames`. */
  frame(account: Account, frame: RawFrame): void;
  /** A connection has opened, or is not open. */
  connectionChanged(account: Account, channelId: ChannelId, isOpen: boolean): void;
  /** Other instruments than before are on connections that are down. */
  unplacedChanged(account: Account): void;
}

/** One account: its manager, and what its connections failed with. */
export class Account implements FeedAccount {
  readonly apiKeyId: string;
  readonly number: number;
  readonly manager: KiteTickerManager;
  readonly #failures = new Map<ChannelId, KiteError>();
  readonly #open = new Set<ChannelId>();
  readonly #apiKey: string;
  readonly #owner: AccountOwner;
  #unplaced: ReadonlySet<number> = new Set();
  #stopTapping: (() => void) | undefined;

  constructor(
    { id, apiKey, accessToken }: AccountOptions,
    number: number,
    config: ManagerConfig,
    owner: AccountOwner,
  ) {
    this.apiKeyId = id;
    this.number = number;
    this.#apiKey = apiKey;
    this.#owner = owner;
    this.manager = new KiteTickerManager({ ...config, apiKey, accessToken });
    this.manager[managerSeam].attach(this.#tap(owner));
    this.manager.on('unplaced', (tokens) => {
      this.#unplaced = new Set(tokens);
      owner.unplacedChanged(this);
    });
    this.manager.on('state', ({ channelId, state, error }) => {
      if (state === 'open') {
        this.#failures.delete(channelId);
        this.#open.add(channelId);
      } else {
        this.#open.delete(channelId);
        if (isKiteError(error)) this.#failures.set(channelId, error);
      }
      owner.connectionChanged(this, channelId, state === 'open');
    });
  }

  /** Whether a text that was meant for an id is the key that it began with: secret, and no id. */
  isKey(text: string): boolean {
    return text === this.#apiKey;
  }

  /** What its connections that are not open failed with. */
  get failures(): KiteError[] {
    return [...this.#failures.values()];
  }

  /** Whether it holds the instrument on a connection that is down. */
  isUnplaced(token: number): boolean {
    return this.#unplaced.has(token);
  }

  /** What its open connections hold, and on which of them. */
  streamed(): ReadonlyMap<number, ChannelId> {
    const streamed = new Map<number, ChannelId>();
    const distribution = this.manager.getSymbolDistribution();
    for (const channelId of this.#open) {
      for (const token of distribution[channelId]) streamed.set(token, channelId);
    }
    return streamed;
  }

  /** What nobody streams once it is gone, unless others do: since it lost that itself, or since its last message. */
  outagesOnLeaving(): Map<number, Outage> {
    const outages = new Map(this.manager[managerSeam].outagesOf(this.manager.subscriptions.keys()));
    const silent = new Set(this.manager.getSilentSymbols(0));
    const reason = `${this.apiKeyId} was removed`;
    const streamed = groupBy(this.streamed(), ([, channelId]) => channelId);
    for (const { connectionId, lastMessageAt } of this.manager.getStats().connectionStats) {
      if (lastMessageAt === null) continue;
      const outage: Outage = { from: lastMessageAt, reason };
      for (const [token] of streamed.get(connectionId) ?? [])
        if (!silent.has(token)) outages.set(token, outage);
    }
    return outages;
  }

  countDropped(channelId: ChannelId, weight: number, isFirst: boolean): void {
    this.manager[managerSeam].countDropped(channelId, weight, isFirst);
  }

  /** From now on its owner gets its frames as well, or no longer. */
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

  #tap(owner: AccountOwner): MessageConsumer {
    const deliver = (message: TickerMessage): void => {
      owner.message(this, message);
    };
    return {
      get takesTicks() {
        return owner.takesTicks;
      },
      message: deliver,
      end: () => undefined,
    };
  }
}
