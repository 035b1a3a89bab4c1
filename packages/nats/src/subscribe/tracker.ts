import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';

/** Which packet of an instrument was the last. */
export interface Position {
  readonly epoch: number;
  /** 0: none of this epoch yet, and all that was missed until `receivedAt` was reported. */
  readonly sequence: number;
  readonly receivedAt: number;
}

/** The last packet of an instrument. */
interface Track {
  epoch: number;
  sequence: number;
  receivedAt: number;
  account: number;
  connection: number;
}

/** What to do with a packet. */
export interface Verdict {
  /** False: it was there already, or it is older than what was there, or another publisher brings the instrument. */
  readonly isNew: boolean;
  /** Packets are missing before it. */
  readonly gap?: Omit<Gap, 'instrumentTokens'>;
}

const SEEN: Verdict = { isNew: false };
const NEW: Verdict = { isNew: true };

/** Tells from their numbers which packets are new, and where some are missing. */
export class Tracker {
  readonly #tracks = new Map<number, Track>();
  readonly #isLive: (epoch: number) => boolean;

  /** @param isLive whether the publisher of this epoch is at work: while it is, nobody else brings its instruments */
  constructor(isLive: (epoch: number) => boolean) {
    this.#isLive = isLive;
  }

  take(token: number, head: TickHead): Verdict {
    const track = this.#tracks.get(token);
    if (!track) {
      const { epoch, sequence, receivedAt, account, connection } = head;
      this.#tracks.set(token, { epoch, sequence, receivedAt, account, connection });
      return NEW;
    }
    const verdict = judged(track, head, this.#isLive);
    if (!verdict.isNew) return verdict;
    track.epoch = head.epoch;
    track.sequence = head.sequence;
    track.receivedAt = head.receivedAt;
    track.account = head.account;
    track.connection = head.connection;
    return verdict;
  }

  /**
   * Another life of the same publisher has begun, and what was missed until then was reported: whatever was published in it before
   * an instrument's next packet is missing as well.
   */
  adopt(tokens: Iterable<number>, epoch: number, at: number): void {
    for (const token of tokens) {
      const track = this.#tracks.get(token);
      if (!track) continue;
      track.epoch = epoch;
      track.sequence = 0;
      track.receivedAt = Math.max(track.receivedAt, at);
    }
  }

  /** The last packet of an instrument; undefined: none yet. */
  at(token: number): Position | undefined {
    return this.#tracks.get(token);
  }

  forget(token: number): void {
    this.#tracks.delete(token);
  }

  /** Instruments whose last packet is of this epoch and, where it is given, came over this connection. */
  of(epoch: number, origin?: { readonly account: number; readonly connection: number }): number[] {
    const tokens: number[] = [];
    for (const [token, track] of this.#tracks) {
      if (track.epoch !== epoch) continue;
      if (origin && (track.account !== origin.account || track.connection !== origin.connection)) continue;
      tokens.push(token);
    }
    return tokens;
  }
}

function judged(track: Track, head: TickHead, isLive: (epoch: number) => boolean): Verdict {
  const missing = { from: track.receivedAt, to: Math.max(track.receivedAt, head.receivedAt) };
  if (head.epoch === track.epoch) {
    if (head.sequence <= track.sequence) return SEEN;
    if (head.previous === track.sequence) return NEW;
    return {
      isNew: true,
      gap: { ...missing, reason: 'packets were lost on the bus, or left out while it was slow' },
    };
  }
  // One of the same millisecond may be the same state: if it is not, the gap before the next one holds it.
  if (isLive(track.epoch) || head.receivedAt <= track.receivedAt) return SEEN;
  return { isNew: true, gap: { ...missing, reason: 'another publisher took over' } };
}
