import type { Accounts } from './accounts/accounts.js';
import { assessMultiApiHealth, type MultiApiHealth } from './health.js';
import type { Lifecycle } from './lifecycle.js';
import type { ResolvedMultiApiConfig } from './options.js';
import { LISTENER_FAILED_MS, namesFor, namesOf, STUCK_AFTER_MS, type Subscribers } from './parts.js';
import type { Reading } from './reading.js';
import { type ApiKeyStats, type MultiApiStats, totalStats } from './stats.js';

/** What the figures of all accounts are taken from. */
export interface FiguresOptions {
  readonly config: ResolvedMultiApiConfig;
  readonly accounts: Accounts;
  readonly reading: Reading;
  readonly subscribers: Subscribers;
  readonly lifecycle: Lifecycle;
}

/** What a manager of many accounts reports of itself: its counts and its health. */
export class Figures {
  readonly #options: FiguresOptions;

  constructor(options: FiguresOptions) {
    this.#options = options;
  }

  /** See `MultiApiKiteTickerManager.getStats`. */
  stats(): MultiApiStats {
    const { accounts, reading, lifecycle } = this.#options;
    return totalStats(
      accounts.roster.ids().map((id) => this.statsOf(id)),
      {
        totalSymbols: accounts.symbols.size,
        listenerErrors: reading.listenerFailures.count,
        uptimeMs: lifecycle.uptimeMs,
      },
    );
  }

  /** See `MultiApiKiteTickerManager.getApiStats`. */
  statsOf(id: string): ApiKeyStats {
    return { apiKeyId: id, ...this.#options.accounts.roster.get(id).manager.getStats() };
  }

  /** See `MultiApiKiteTickerManager.getHealth`. */
  health(): MultiApiHealth {
    const { config, accounts, reading, lifecycle } = this.#options;
    const unplaced = accounts.unplaced();
    const dark = accounts.dark();
    const nameOf = namesOf(config.resolved.instruments);
    return assessMultiApiHealth({
      accounts: accounts.roster.list().map(({ apiKeyId, manager }) => ({
        id: apiKeyId,
        health: manager.getHealth(),
      })),
      totalSymbols: accounts.symbols.size,
      unplacedSymbols: unplaced.length,
      darkSymbols: dark.length,
      unplacedNames: namesFor(unplaced, nameOf),
      darkNames: namesFor(dark, nameOf),
      failedListeners: reading.listenerFailures.within(LISTENER_FAILED_MS),
      listenerErrors: reading.listenerFailures.count,
      stuckChannels: this.#stuckChannels(),
      uptimeMs: lifecycle.uptimeMs,
    });
  }

  /** The kinds of channels that are full and have not been read for too long. */
  #stuckChannels(): string[] {
    const { reading, subscribers } = this.#options;
    return [
      ...new Set([...reading.channels.stuckFor(STUCK_AFTER_MS), ...subscribers.stuckFor(STUCK_AFTER_MS)]),
    ];
  }
}
