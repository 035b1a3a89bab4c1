import { UnstartedReads } from '@kite/kit';
import type { Clock, EventName, KiteError } from '@kite/protocol';

import type { Accounts } from './accounts/accounts.js';
import { MULTI_API_EVENTS } from './events.js';
import { UnifiedFeed } from './feed/unified-feed.js';
import type { MultiApiHealth } from './health.js';
import { ListenerFailures } from './listener-failures.js';
import type { ResolvedMultiApiConfig } from './options.js';
import { Announcements, assertListener, FeedEnd, Registrations, type Subscribers } from './parts.js';

/** What a reading side asks, once all of the manager is made. */
export interface ReadingPeers {
  accounts(): Accounts;
  subscribers(): Subscribers;
  health(): MultiApiHealth;
}

/** The reading side of all accounts: channels and listeners, the manager's own events among them, and their end. */
export class Reading {
  readonly clock: Clock;
  /** Where the accounts' messages go. */
  readonly channels: UnifiedFeed;
  readonly registrations: Registrations;
  readonly end: FeedEnd = new FeedEnd();
  readonly listenerFailures: ListenerFailures;
  readonly #config: ResolvedMultiApiConfig;
  readonly #peers: ReadingPeers;
  readonly #unstarted: UnstartedReads;
  readonly #announcements: InstanceType<typeof Announcements<MultiApiHealth>>;

  constructor(config: ResolvedMultiApiConfig, peers: ReadingPeers) {
    const { clock, healthCheckIntervalMs, lastTicks } = config.resolved;
    this.#config = config;
    this.#peers = peers;
    this.clock = clock;
    this.channels = new UnifiedFeed({
      clock,
      config: config.resolved,
      replicas: config.replicas,
      replicaWaitMs: config.replicaWaitMs,
      keepsLastOf: lastTicks ? { has: (token) => peers.accounts().symbols.has(token) } : undefined,
      failure: () => this.end.failure,
      onFirstRead: () => {
        this.read();
      },
      onFramesWanted: (areWanted) => {
        peers.accounts().roster.tapFrames(areWanted);
      },
      onListenerFailed: (cause, type, apiKeyId) => {
        this.listenerFailures.failed(cause, type, apiKeyId);
      },
    });
    this.registrations = new Registrations({
      attach: (type, listener) => this.#attach(type, listener),
      onOver: (callback) => this.end.onOver(callback),
    });
    this.#unstarted = new UnstartedReads(clock, () => {
      this.#warn('unstarted', 'a channel has been read for 10 s, and start() was never called');
    });
    this.listenerFailures = new ListenerFailures({
      clock,
      isHeard: () => this.channels.isHeard('issue') || peers.subscribers().isHeard('issue'),
      report: (error, apiKeyId) => {
        this.report(error, apiKeyId);
      },
      onUnheard: ({ code, message }) => {
        this.#warn('listener', message, code);
      },
    });
    this.#announcements = new Announcements({
      clock,
      intervalMs: healthCheckIntervalMs,
      health: () => peers.health(),
      unplaced: () => peers.accounts().unplaced(),
      listenerFailed: (cause, type) => {
        this.listenerFailures.failed(cause, type);
      },
    });
  }

  /** Runs the act; its listeners hear what it has changed when all of it is done, and may call the manager. */
  after(act: () => void): void {
    this.#announcements.after(() => {
      this.channels.after(act);
    });
  }

  /** A connection's state or the placement has changed. */
  changed(): void {
    this.#announcements.changed();
  }

  /** A channel is read for the first time: nothing comes unless the accounts are started. */
  read(): void {
    this.#unstarted.read();
  }

  /** `start()` or `stop()` is called: neither was forgotten. */
  called(): void {
    this.#unstarted.settled();
  }

  /** The accounts are about to be opened, or one of them tries again. */
  begin(): void {
    this.end.begin();
    this.#peers.subscribers().begin();
  }

  /** The start has succeeded. */
  started(): void {
    if (this.#config.enableHealthMonitoring) this.#announcements.start();
  }

  /** No longer started; sockets may still be open. */
  ceased(): void {
    this.#announcements.stop();
  }

  /** Nothing can come without a call of the user. */
  fail(error: KiteError): void {
    this.channels.end(error);
    this.end.over(error);
  }

  /** A stop is asked for. Returns what to call when all is closed: it ends everything that reads now. */
  ending(): () => void {
    const ends = [this.channels.ending(), this.#peers.accounts().ending(), this.end.ending()];
    return () => {
      for (const end of ends) end();
    };
  }

  /** Reports the error in the stream of its account, else of the first one. */
  report(error: KiteError, apiKeyId?: string): void {
    const accounts = this.#peers.accounts().roster.list();
    const account = accounts.find((candidate) => candidate.apiKeyId === apiKeyId) ?? accounts[0];
    const receivedAt = this.clock.now();
    if (account) this.channels.deliver(account, { type: 'issue', issue: error, channelId: 0, receivedAt });
  }

  /** These were unsubscribed: forgets the last ticks of those that no account holds. */
  forget(tokens: readonly number[]): void {
    const { symbols } = this.#peers.accounts();
    this.channels.forget(tokens.filter((token) => !symbols.has(token)));
  }

  #warn(kind: string, message: string, code?: string): void {
    this.#peers.accounts().roster.warnings.warn(kind, message, code);
  }

  #attach(type: string, listener: (event: unknown) => unknown): () => void {
    assertListener('KITE_MULTI_API_INVALID_OPTION', MULTI_API_EVENTS, type, listener);
    return type === 'health' || type === 'unplaced'
      ? this.#announcements.on(type, listener)
      : this.channels.on(type as EventName, listener);
  }
}
