import type { ChannelId, ConnectionStats } from '@kite/connection';
import { KiteInputError } from '@kite/protocol';

import type { Fleet } from './fleet.js';
import {
  assessHealth,
  type HealthSummary,
  LISTENER_FAILED_MS,
  namesFor,
  STUCK_AFTER_MS,
  sum,
} from './health.js';
import { namesOf } from './instrument-names.js';
import type { ResolvedManagerConfig } from './options.js';
import type { SilenceTracker } from './silence-tracker.js';
import type { ManagerStats } from './stats.js';
import { isTrading } from './trading-hours.js';

/** A server that answers none of a connection's subscriptions for this long has not taken them, in milliseconds. */
const MUTE_AFTER_MS = 10_000;

/** What the figures of a manager are taken from. */
export interface FiguresOptions {
  readonly config: ResolvedManagerConfig;
  readonly fleet: Fleet;
  readonly silence: SilenceTracker;
  /** The kinds of its subscribers' channels that have been full and not read for this long, in milliseconds. */
  readonly stuckFor: (ms: number) => readonly string[];
}

/** What a manager reports of itself: its counts, its health, and which instruments are silent. */
export class Figures {
  readonly #options: FiguresOptions;
  readonly #fleet: Fleet;

  constructor(options: FiguresOptions) {
    this.#options = options;
    this.#fleet = options.fleet;
  }

  /** See `KiteTickerManager.getStats`. */
  stats(): ManagerStats {
    const connectionStats = this.#connectionStats();
    return {
      totalSymbols: this.#fleet.symbols.modes.size,
      activeConnections: connectionStats.filter(({ isConnected }) => isConnected).length,
      totalMessagesReceived: sum(connectionStats, 'messagesReceived'),
      totalMessagesParsed: sum(connectionStats, 'messagesParsed'),
      totalErrors: sum(connectionStats, 'errorsCount'),
      uptimeMs: this.#fleet.uptimeMs,
      isolation: this.#fleet.isolation,
      connectionStats,
    };
  }

  /** See `KiteTickerManager.getHealth`. */
  health(): HealthSummary {
    const { connections, symbols, uptimeMs, isolation, workerTroubles } = this.#fleet;
    const { modes, unplaced, dark } = symbols;
    const { config } = this.#options;
    const nameOf = namesOf(config.instruments);
    const troubles = new Map<ChannelId, string>();
    for (const { channelId, trouble } of connections)
      if (trouble !== undefined) troubles.set(channelId, trouble);
    return assessHealth({
      connections: this.#connectionStats(),
      troubles,
      totalSymbols: modes.size,
      unplacedSymbols: unplaced.length,
      darkSymbols: dark.length,
      unplacedNames: namesFor(unplaced, nameOf),
      darkNames: namesFor(dark, nameOf),
      silentConnections: connections.filter(({ isSilent }) => isSilent).map(({ channelId }) => channelId),
      muteConnections: this.#muteConnections(),
      failedListeners: this.#failedListeners(),
      stuckChannels: this.#stuckChannels(),
      livenessThresholdMs: config.heartbeatLivenessThresholdMs,
      uptimeMs,
      isolation,
      workerTroubles,
    });
  }

  /** See `KiteTickerManager.getSilentSymbols`. */
  silentFor(forMs: number): number[] {
    if (!Number.isFinite(forMs) || forMs < 0) {
      const allowed = 'a finite number of milliseconds from 0';
      throw new KiteInputError('KITE_MANAGER_INVALID_OPTION', { field: 'forMs', value: forMs, allowed });
    }
    return this.#fleet.connections
      .filter(({ currentStatus }) => currentStatus === 'streaming')
      .flatMap(({ channelId }) =>
        this.#options.silence.silentFor(forMs, this.#fleet.symbols.heldBy(channelId)),
      );
  }

  /** Streaming connections that hold instruments in trading and have had no answer from any for too long. */
  #muteConnections(): ChannelId[] {
    const { silence, config } = this.#options;
    return this.#fleet.connections
      .filter(({ channelId, currentStatus }) => {
        const held = this.#fleet.symbols.heldBy(channelId);
        if (currentStatus !== 'streaming' || held.size === 0) return false;
        if (!isTrading(config.calendar, held.keys(), config.clock.now())) return false;
        return silence.silentFor(MUTE_AFTER_MS, held).length === held.size;
      })
      .map(({ channelId }) => channelId);
  }

  /** The events with listeners that failed recently. */
  #failedListeners(): string[] {
    const types = this.#fleet.connections.flatMap(({ hub }) => hub.listenersFailedWithin(LISTENER_FAILED_MS));
    return [...new Set(types)];
  }

  /** The kinds of channels that are full and have not been read for too long. */
  #stuckChannels(): string[] {
    const kinds = this.#fleet.connections.flatMap(({ hub }) => hub.stuckFor(STUCK_AFTER_MS));
    return [...new Set([...kinds, ...this.#options.stuckFor(STUCK_AFTER_MS)])];
  }

  #connectionStats(): ConnectionStats[] {
    return this.#fleet.connections.map((connection) =>
      connection.hub.stats(this.#fleet.symbols.heldBy(connection.channelId).size),
    );
  }
}
