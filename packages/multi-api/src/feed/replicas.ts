import type { ChannelId } from '@kite/connection';
import type { Clock, EventOf, Gap, TickerMessage } from '@kite/protocol';

import { Merger, type Outage } from '../parts.js';
import { Coverage, type SourceGap } from './coverage.js';
import { ReplicaCounts, type ReplicaStats } from './replica-stats.js';

/** An account as far as copies are concerned. */
export interface ReplicaSource {
  readonly apiKeyId: string;
  /** What one of its connections holds. */
  heldBy(channelId: ChannelId): readonly number[];
}

/** How replicas work. */
export interface ReplicasOptions<Source> {
  readonly clock: Clock;
  /** How many accounts hold each instrument. */
  readonly replicas: number;
  readonly replicaWaitMs: number;
  /** Takes what is delivered to the reader, in order. */
  readonly hand: (source: Source, message: TickerMessage) => void;
}

/**
 * Merges what several accounts deliver of the same instruments into one stream: each state once and in order, and only
 * the gaps that cost the reader something. Instruments that only one account holds pass unchanged.
 */
export class Replicas<Source extends ReplicaSource> {
  readonly #options: ReplicasOptions<Source>;
  readonly #merger: InstanceType<typeof Merger<Source>>;
  readonly #coverage: Coverage<Source>;
  readonly #counts = new Map<Source, ReplicaCounts>();

  constructor(options: ReplicasOptions<Source>) {
    const { clock, replicaWaitMs: waitMs, hand } = options;
    this.#options = options;
    this.#coverage = new Coverage(clock);
    this.#merger = new Merger<Source>({
      clock,
      waitMs,
      handOn: hand,
      tooLate: (source, gap, { channelId, receivedAt }) => {
        hand(source, { type: 'gap', ...gap, channelId, receivedAt });
      },
      copied: (first, leadMs) => {
        this.#countsOf(first).led(leadMs);
      },
      alone: (only) => {
        this.#countsOf(only).only++;
      },
    });
  }

  /**
   * From now on these accounts deliver the instrument as copies of each other.
   *
   * @param streams whether an account has delivered it until now
   * @param isPinned whether only the caller chose an account for it
   */
  set(
    token: number,
    sources: readonly Source[],
    streams: (source: Source) => boolean,
    isPinned: (source: Source) => boolean,
  ): void {
    const { replicas } = this.#options;
    this.#merger.set(token, sources, { isKept: replicas > 1, leads: streams, isApart: isPinned });
    // Without replicas, the accounts' managers follow an instrument that moves between accounts.
    this.#coverage.set(token, replicas > 1 ? sources : [], streams);
  }

  /** Whether copies of the instrument are merged and delivered in one order. */
  merges(token: number): boolean {
    return this.#merger.merges(token);
  }

  /**
   * A connection of the account streams these.
   *
   * @param openedAt since it opened, Unix milliseconds; undefined: over the same socket as before, and nothing was lost
   */
  streams(source: Source, channelId: ChannelId, tokens: Iterable<number>, openedAt?: number): void {
    const isResumed = openedAt === undefined;
    const at = openedAt ?? this.#options.clock.now();
    if (!isResumed) this.#merger.join(source, tokens, at);
    this.#tell(this.#coverage.streams(source, tokens, at, isResumed), channelId, at);
  }

  /** It no longer streams them; `isSilent`: its socket is open and may resume. */
  stops(
    source: Source,
    channelId: ChannelId,
    tokens: Iterable<number>,
    outage: Outage,
    isSilent: boolean,
  ): void {
    const behind = this.#merger.behindOthers(source, tokens);
    this.#merger.stop(source, tokens, isSilent);
    this.#tell(this.#coverage.stops(source, tokens, outage, behind), channelId, this.#options.clock.now());
  }

  /**
   * These came over a connection of the account that their instruments had left for another one. Where a copy goes on,
   * no gap covers that move.
   */
  straggled(source: Source, message: EventOf<'ticks'>): void {
    this.#merger.straggled(source, message);
  }

  /** Takes a message of the account. */
  message(source: Source, message: TickerMessage): void {
    const { hand } = this.#options;
    switch (message.type) {
      case 'ticks': {
        const { channelId, receivedAt } = message;
        this.#tell(this.#coverage.came(source, message.ticks, receivedAt), channelId, receivedAt);
        this.#merger.ticks(source, message);
        break;
      }
      case 'gap': {
        const own = this.#ownPart(source, message, message.channelId);
        if (own) hand(source, own);
        break;
      }
      default:
        // Drops on the way among them: accounts may be shown different samples, so nobody knows which of these ticks
        // another one brings.
        hand(source, message);
    }
  }

  /** The accounts were stopped: delivers what waits, and forgets everything. */
  clear(): void {
    this.#merger.clear();
    this.#coverage.clear();
  }

  /** The account is gone. */
  left(source: Source): void {
    this.#counts.delete(source);
  }

  /** What this account has delivered. */
  stats(source: Source): ReplicaStats {
    return this.#countsOf(source).stats(source.apiKeyId);
  }

  #tell(gaps: readonly SourceGap<Source>[], channelId: ChannelId, receivedAt: number): void {
    for (const { source, gap } of gaps)
      this.#options.hand(source, { type: 'gap', ...gap, channelId, receivedAt });
  }

  /** The gap without the instruments whose outages are reported for all copies together; undefined: none are left. */
  #ownPart<Message extends Gap>(source: Source, gap: Message, channelId: ChannelId): Message | undefined {
    const tokens = gap.instrumentTokens ?? source.heldBy(channelId);
    const own = tokens.filter((token) => !this.#coverage.has(token, source));
    if (own.length === tokens.length) return gap;
    return own.length === 0 ? undefined : { ...gap, instrumentTokens: own };
  }

  #countsOf(source: Source): ReplicaCounts {
    let counts = this.#counts.get(source);
    if (!counts) this.#counts.set(source, (counts = new ReplicaCounts()));
    return counts;
  }
}
