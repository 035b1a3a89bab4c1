import type { SocketLog } from '../run/wire-log.js';
import type { Facts } from './facts.js';
import type { Failure, Rule } from './failure.js';
import type { Delivery, ReadStream } from './read-stream.js';
import type { ReportedGap } from './reported-gap.js';
import { sourceOf } from './stream-record.js';

/** Tolerance for a wall-clock time that was computed, not seen. */
const ROUNDING_MS = 1.5;

/** How far the client's two clocks may differ before it assumes that one was set, in milliseconds. */
const CLOCKS_MS = 6.5;

/** How far the wall clock may drift from the other one per millisecond. */
const DRIFT = 500e-6;

/** After a silence of a socket, the client cannot tell waiting frames from new ones for this long. */
const BACKLOG_MS = 10_000;

/** Whether the gap begins no earlier than a silence of the socket that had just ended at this time. */
function beginsWithSilence({ beganAt }: ReportedGap, { silences }: SocketLog, at: number): boolean {
  return silences.some(({ from, to }) => to <= at && at - to < BACKLOG_MS && from - ROUNDING_MS <= beganAt);
}

/**
 * Judges the gaps of a consumer that lost nothing. When an instrument's connection ended and another one took over,
 * there is one gap between the two. It begins at the old connection's last data or earlier, and ends when the new one
 * opened or later. No gap covers a time in which the instrument came.
 */
export function judgeGaps(stream: ReadStream, facts: Facts): Failure[] {
  return new GapJudge(stream, facts).judge();
}

class GapJudge {
  readonly #stream: ReadStream;
  readonly #facts: Facts;
  readonly #failures: Failure[] = [];
  readonly #last = new Map<number, Delivery>();
  /** Each change of connection is reported once, however many instruments it has. */
  readonly #told = new Set<string>();

  constructor(stream: ReadStream, facts: Facts) {
    this.#stream = stream;
    this.#facts = facts;
  }

  judge(): Failure[] {
    const { deliveries, gaps } = this.#stream;
    let nextGap = 0;
    for (const delivery of deliveries) {
      while (nextGap < gaps.length && gaps[nextGap]!.position < delivery.position)
        this.#judgeGap(gaps[nextGap++]!);
      const { token } = delivery.state;
      const before = this.#last.get(token);
      if (before && before.state.connectionId !== delivery.state.connectionId)
        this.#judgeChange(before, delivery);
      this.#last.set(token, delivery);
    }
    return this.#failures;
  }

  /** The instrument came over one connection, and then over another. */
  #judgeChange(before: Delivery, after: Delivery): void {
    const { wanted, wire, pauses } = this.#facts;
    const old = before.state.socket;
    const young = after.state.socket;
    if (!old || !young || !(old.leftAt! <= after.state.at)) return;
    const { token } = after.state;
    if (!wanted.throughout(token, before.state.at, after.state.at)) return;
    const gaps = this.#between(before, after);
    if (gaps.length === 0) {
      this.#fail('gap-missing', after, `after ${old.leftAt}, when the connection before it had ended`);
      return;
    }
    const opensLater = young.openedAt! > old.leftAt!;
    const endsAt = opensLater ? young.openedAt! : old.leftAt!;
    // If the clock was set back since, the gap is in its new time.
    const toldAt = gaps.at(-1)!.at;
    const leftWall = Math.min(wire.wall.at(old.leftAt!), old.leftAt! + wire.wall.at(toldAt) - toldAt);
    const endsWall = opensLater ? young.openedWall! : Math.floor(leftWall);
    const lastWall = old.lastDataWall ?? old.openedWall!;
    const lastAt = old.lastDataAt ?? old.openedAt!;
    const outageMs = endsAt - lastAt;
    const wallMs = endsWall - lastWall;
    // If the clock was set back during the outage, the other clock gives its length. That one stops during sleep.
    const leastMs = wire.wall.ranTrue(lastAt, endsAt)
      ? wallMs
      : Math.max(
          Math.min(wallMs, outageMs - ROUNDING_MS),
          outageMs * (1 - DRIFT) - pauses.between(lastAt, endsAt) - CLOCKS_MS,
        );
    const from = Math.min(...gaps.map(({ gap }) => gap.from));
    const to = Math.max(...gaps.map(({ gap }) => gap.to));
    // If the wall clock was set forward during the outage, the gap may be measured back from its end.
    if (from > Math.max(lastWall, endsWall - outageMs + ROUNDING_MS))
      this.#fail('gap-short', after, `from ${from}, and the last data came at ${lastWall}`);
    else if (to < endsWall) this.#fail('gap-short', after, `to ${to}, and the outage ended at ${endsWall}`);
    else if (to - from < leastMs)
      this.#fail('gap-short', after, `it lasts ${to - from} ms, and nothing came for ${outageMs}`);
  }

  /** The gaps reported for the instrument between two of its states. */
  #between(before: Delivery, after: Delivery): ReportedGap[] {
    const { channels } = this.#facts;
    const both = [before.state, after.state];
    return this.#stream.gaps.filter(
      (gap) =>
        gap.position > before.position &&
        gap.position < after.position &&
        both.some(({ token, account, connectionId }) =>
          gap.concerns(token, account, channels.get(connectionId)),
        ),
    );
  }

  /** Whether an instrument came in the time that the gap claims. */
  #judgeGap(gap: ReportedGap): void {
    const { channels, wire } = this.#facts;
    if (!gap.isReversed && !wire.wall.ranTrue(gap.beganAt, gap.at)) return;
    for (const { state, at } of this.#last.values()) {
      if (!gap.concerns(state.token, state.account, channels.get(state.connectionId))) continue;
      const { arrival, socket } = state;
      if (!arrival || !gap.claims(arrival)) continue;
      if (socket && beginsWithSilence(gap, socket, arrival.at)) continue;
      const text = `from ${gap.gap.from} to ${gap.gap.to}, and a state came at ${arrival.wall}`;
      this.#failures.push({
        rule: 'gap-wrong',
        at: Math.max(at, gap.at),
        consumer: this.#stream.record.consumer,
        instrument: state.token,
        text,
      });
      return;
    }
  }

  #fail(rule: Rule, { state, at }: Delivery, text: string): void {
    const { connectionId, account } = state;
    const key = `${rule} ${connectionId} ${text}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const where = sourceOf({ account, channelId: this.#facts.channels.get(connectionId) ?? -1 });
    const consumer = this.#stream.record.consumer;
    this.#failures.push({ rule, at, consumer, instrument: state.token, text: `${where}: ${text}` });
  }
}
