import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import type { Span } from './span.js';

/** Which packet of an instrument was the last. */
export interface Position {
  readonly epoch: number;
  /** 0: none of this epoch yet, and all that was missed until `receivedAt` was reported. */
  readonly sequence: number;
  readonly receivedAt: number;
  /** What its feed has missed since: it was reported, and the next packet comes behind it. */
  readonly openGap?: Span;
}

/** The last packet of an instrument. */
interface Track {
  epoch: number;
  sequence: number;
  receivedAt: number;
}

/** The one that was received last; undefined: there is none. */
export function newestOf<P extends Position>(positions: readonly P[]): P | undefined {
  return positions.reduce<P | undefined>(
    (newest, one) => (newest && newest.receivedAt >= one.receivedAt ? newest : one),
    undefined,
  );
}

/** What to do with a packet. */
export interface Verdict {
  /** False: it was there already, or it is older than what was there, or another publisher brings the instrument. */
  readonly isNew: boolean;
  /** Packets are missing before it. */
  readonly gap?: Omit<Gap, 'instrumentTokens'>;
}

/** Why packets may be missing between those of two publishers. */
export const TOOK_OVER = 'another publisher took over';

/** Why packets are missing that the publisher itself never had. */
export const FEED_GAP = 'the published feed had a gap';

const SEEN: Verdict = { isNew: false };
const NEW: Verdict = { isNew: true };

/** Tells from their numbers which packets are new, and where some are missing; of several publishers one is heard. */
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
      const { epoch, sequence, receivedAt } = head;
      this.#tracks.set(token, { epoch, sequence, receivedAt });
      return NEW;
    }
    const verdict = judged(track, head, this.#isLive);
    if (!verdict.isNew) return verdict;
    track.epoch = head.epoch;
    track.sequence = head.sequence;
    track.receivedAt = head.receivedAt;
    return verdict;
  }

  /** The last packet of an instrument; undefined: none yet. */
  at(token: number): Position | undefined {
    return this.#tracks.get(token);
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
  return { isNew: true, gap: { ...missing, reason: TOOK_OVER } };
}
