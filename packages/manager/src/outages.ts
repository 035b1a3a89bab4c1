import type { ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';

import type { Hub, Outage, SourceStatus } from './connection-parts.js';
import { OutageLedger } from './outage-ledger.js';
import type { Move } from './placement.js';

/** A connection as far as outages are concerned. */
interface Streamer {
  readonly channelId: ChannelId;
  readonly hub: Hub;
  readonly currentStatus: SourceStatus;
}

/**
 * Follows each instrument from when it is no longer streamed until a connection streams it again, wherever it moves
 * meanwhile, and lets that connection report the gap.
 */
export class Outages {
  /** What no connection streams. */
  readonly #ledger = new OutageLedger();
  /** Connections that were last seen streaming. */
  readonly #streaming = new Set<ChannelId>();
  /** Outages of connections whose socket is open: TCP loses nothing, so they end without a gap. */
  readonly #silences = new Map<ChannelId, Outage>();
  /** Instruments that moved to a connection and had sent nothing there when it stopped. They may before its restart. */
  readonly #unheard = new Map<ChannelId, Set<number>>();

  /** Whether the connection was streaming when last checked. */
  isStreaming(channelId: ChannelId): boolean {
    return this.#streaming.has(channelId);
  }

  /** Whether any connection was. */
  get isAnyStreaming(): boolean {
    return this.#streaming.size > 0;
  }

  /** The connection no longer streams: an outage of all its instruments begins. */
  stopped({ channelId, hub }: Streamer, held: Iterable<number>): Outage {
    this.#streaming.delete(channelId);
    let outage = hub.outage;
    if (!outage) {
      outage = { ...(hub.flowed ?? { from: 0 }), reason: `connection ${channelId + 1} is silent` };
      this.#silences.set(channelId, outage);
    }
    // An instrument that moved here and has sent nothing yet keeps its own outage.
    const { unheard } = hub.handover;
    this.#unheard.set(channelId, new Set(unheard.keys()));
    for (const token of held) this.#ledger.add([token], unheard.get(token) ?? outage);
    return outage;
  }

  /**
   * A connection that was silent may have been lost, or its status is behind its data: what came since it fell silent
   * lies in no outage.
   */
  lost({ channelId, hub }: Streamer): void {
    const silence = this.#silences.get(channelId);
    if (!silence) return;
    const outage = hub.outage ?? { ...hub.beginOutage(), reason: silence.reason };
    if (hub.outage) this.#silences.delete(channelId);
    if (outage.from <= silence.from) return;
    this.#ledger.replace(silence, outage);
    if (!hub.outage) this.#silences.set(channelId, outage);
  }

  /** The connection streams: the outages of all its instruments end here. */
  started({ channelId, hub }: Streamer, held: Iterable<number>): void {
    this.#streaming.add(channelId);
    const silence = this.#silences.get(channelId);
    this.#silences.delete(channelId);
    const unheard = this.#unheard.get(channelId);
    this.#unheard.delete(channelId);
    const gap = hub.ownGap;
    const arriving = [...this.#ledger.take(held)].filter(
      ([token, outage]) =>
        outage !== silence &&
        // Its own gap, of the whole connection, says the same or more.
        !(gap && outage.from >= gap.from) &&
        // A gap has been reported meanwhile.
        !(unheard?.has(token) && !hub.handover.unheard.has(token)),
    );
    hub.handover.arrive(arriving);
  }

  /**
   * These instruments move, each with its outage. For one that was streamed until now, the outage starts at the last
   * data: what its old connection still sends is not delivered, and may have waited there for long.
   */
  moved(moves: readonly Move[], connections: readonly Streamer[]): void {
    for (const [from, ofFrom] of groupBy(moves, (move) => move.from)) {
      const { hub, currentStatus } = connections[from]!;
      const unheard = hub.leave(ofFrom.map(({ token }) => token));
      for (const [token, outage] of unheard) {
        this.#ledger.add([token], outage);
        this.#unheard.get(from)?.delete(token);
      }
      if (currentStatus !== 'streaming') continue;
      this.#ledger.add(
        ofFrom.map(({ token }) => token).filter((token) => !unheard.has(token)),
        movingFrom(hub),
      );
    }
    for (const [to, ofTo] of groupBy(moves, (move) => move.to))
      this.#arrive(
        ofTo.map(({ token }) => token),
        connections[to]!,
      );
  }

  /** These came from another account; this connection holds them now. */
  came(outages: ReadonlyMap<number, Outage>, connection: Streamer): void {
    for (const [token, outage] of outages) this.#ledger.add([token], outage);
    this.#arrive([...outages.keys()], connection);
  }

  /** These are no longer wanted. */
  left(tokens: readonly number[], hub: Hub): void {
    hub.leave(tokens);
    this.#ledger.forget(tokens);
  }

  /** The outages of these instruments, as far as they have one. */
  of(tokens: Iterable<number>): Map<number, Outage> {
    return this.#ledger.of(tokens);
  }

  /** Forgets everything. */
  clear(): void {
    this.#ledger.clear();
    this.#streaming.clear();
    this.#silences.clear();
    this.#unheard.clear();
  }

  #arrive(tokens: readonly number[], { currentStatus, hub }: Streamer): void {
    hub.handover.subscribed(tokens);
    if (currentStatus === 'streaming') hub.handover.arrive(this.#ledger.take(tokens));
  }
}

/** The outage of instruments that move away from this connection now. */
export function movingFrom(hub: Hub): Outage {
  return { ...hub.beginOutage(), reason: `moved from connection ${hub.channelId + 1} to another one` };
}
