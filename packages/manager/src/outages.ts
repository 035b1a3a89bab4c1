import type { ChannelId } from '@kite/connection';
import { groupBy } from '@kite/kit';

import type { Beginning, Hub, Outage, SourceStatus } from './connection-parts.js';
import { OutageLedger } from './outage-ledger.js';
import { OwnOutages } from './own-outages.js';
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
  /**
   * Outages of connections whose socket is open: TCP loses nothing, so they end without a gap. The first is that of the
   * connection, the others are of instruments with a beginning of their own.
   */
  readonly #silences = new Map<ChannelId, readonly [Outage, ...Outage[]]>();
  /** Instruments that moved to a connection and had sent nothing there when it stopped. They may before its restart. */
  readonly #unheard = new Map<ChannelId, Set<number>>();
  /** When each instrument was subscribed: an outage of it begins no earlier. */
  readonly #subscribed = new Map<number, Beginning>();

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
    const reason = `connection ${channelId + 1} is silent`;
    const outage = hub.outage ?? { ...(hub.flowed ?? { from: 0 }), reason };
    // An instrument that moved here and has sent nothing yet keeps its own outage.
    const { unheard, awaited } = hub.handover;
    this.#unheard.set(channelId, new Set([...unheard.keys(), ...awaited.keys()]));
    const own = this.#ownOutages(outage, hub);
    for (const token of held) this.#ledger.add([token], unheard.get(token) ?? own.of(token));
    if (!hub.outage) this.#silences.set(channelId, own.all);
    return outage;
  }

  /**
   * A connection that was silent may have been lost, or its status is behind its data: what came since it fell silent
   * lies in no outage.
   */
  lost({ channelId, hub }: Streamer): void {
    const silences = this.#silences.get(channelId);
    if (!silences) return;
    const [silence, ...others] = silences;
    const outage = hub.outage ?? { ...hub.beginOutage(), reason: silence.reason };
    if (hub.outage) this.#silences.delete(channelId);
    const isLater = outage.from > silence.from;
    if (!isLater && others.length === 0) return;
    const own = this.#ownOutages(isLater ? outage : silence, hub);
    this.#ledger.replace(silences, (token) => own.of(token));
    if (!hub.outage) this.#silences.set(channelId, own.all);
  }

  /** The connection streams: the outages of all its instruments end here. */
  started({ channelId, hub }: Streamer, held: Iterable<number>): void {
    this.#streaming.add(channelId);
    const silences = this.#silences.get(channelId);
    this.#silences.delete(channelId);
    const unheard = this.#unheard.get(channelId);
    this.#unheard.delete(channelId);
    const gap = hub.ownGap;
    const { unheard: arriving, awaited } = hub.handover;
    const outages = [...this.#ledger.take(held)].filter(
      ([token, outage]) =>
        !silences?.includes(outage) &&
        // Its own gaps, of the whole connection, say the same or more.
        !(gap && outage.from >= (awaited.get(token) ?? gap).from) &&
        // A gap has been reported meanwhile.
        !(unheard?.has(token) && !arriving.has(token) && !awaited.has(token)),
    );
    hub.handover.arrive(outages);
  }

  /**
   * These instruments move, each with its outage. For one that was streamed until now, the outage starts at the last
   * data: what its old connection still sends is not delivered, and may have waited there for long.
   */
  moved(moves: readonly Move[], connections: readonly Streamer[]): void {
    for (const [from, ofFrom] of groupBy(moves, (move) => move.from)) {
      const { hub, currentStatus } = connections[from]!;
      const tokens = ofFrom.map(({ token }) => token);
      const own = this.#ownOutages(movingFrom(hub), hub);
      // Before they leave: then the hub forgets what it has waited for.
      const outages =
        currentStatus === 'streaming' ? new Map(tokens.map((token) => [token, own.of(token)])) : [];
      const unheard = hub.leave(tokens);
      for (const [token, outage] of unheard) {
        this.#ledger.add([token], outage);
        this.#unheard.get(from)?.delete(token);
      }
      for (const [token, outage] of outages) if (!unheard.has(token)) this.#ledger.add([token], outage);
    }
    for (const [to, ofTo] of groupBy(moves, (move) => move.to))
      this.#arrive(
        ofTo.map(({ token }) => token),
        connections[to]!,
      );
  }

  /** These are subscribed from now on, and were not before. */
  subscribed(tokens: Iterable<number>, now: Beginning): void {
    for (const token of tokens) this.#subscribed.set(token, now);
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
    for (const token of tokens) this.#subscribed.delete(token);
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

  /** The outages of the instruments of a connection that has this one. */
  #ownOutages(outage: Outage, { handover }: Hub): OwnOutages {
    const { since = -Infinity } = outage;
    return new OwnOutages(outage, (token) => {
      const subscribed = this.#subscribed.get(token);
      return handover.awaited.get(token) ?? (subscribed && subscribed.since > since ? subscribed : undefined);
    });
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
