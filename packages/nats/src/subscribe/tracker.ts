import type { Gap } from '@kite/protocol';

import type { TickHead } from '../wire/head.js';
import type { Span } from './span.js';

/** The last packet of an instrument. */
export interface Position {
  readonly epoch: number;
  /** 0: none of this epoch yet; everything missed until `receivedAt` was reported. */
  readonly sequence: number;
  readonly receivedAt: number;
  /** What its feed has missed since: reported, and the next packet comes behind it. */
  readonly openGap?: Span;
}

/** The last packet of an instrument. */
interface Track {
  epoch: number;
  sequence: number;
  receivedAt: number;
}

/** The one received last; undefined: there is none. */
export function newestOf<P extends Position>(positions: readonly P[]): P | undefined {
  return positions.reduce<P | undefined>(
    (newest, one) => (newest && newest.receivedAt >= one.receivedAt ? newest : one),
    undefined,
  );
}

/** What to do with a packet. */
export interface Verdict {
  /** False: seen before, older than what was seen, or another publisher sends the instrument. */
  readonly isNew: boolean;
  /** Packets are missing before it. */
  readonly gap?: Omit<Gap, 'instrumentTokens'>;
}

/** The reason when packets may be missing between two publishers. */
export const TOOK_OVER = 'another publisher took over';

/** The reason when the publisher itself never had the packets. */
export const FEED_GAP = 'the published feed had a gap';

const SEEN: Verdict = { isNew: false };
const NEW: Verdict = { isNew: true };

/** Tells from the numbers which packets are new and where some are missing; follows one publisher of several. */
export class Tracker {
  readonly #tracks = new Map<number, Track>();
  readonly #isLive: (epoch: number) => boolean;

  /** @param isLive whether the publisher of this epoch is at work: while it is, it alone counts for its instruments */
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

  /** From this packet on, which need not be newer, its publisher is followed. */
  follow(token: number, { epoch, sequence, receivedAt }: TickHead): void {
    this.#tracks.set(token, { epoch, sequence, receivedAt });
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
  // A packet of the same millisecond may be the same state; if it is not, the gap before the next packet covers it.
  if (isLive(track.epoch) || head.receivedAt <= track.receivedAt) return SEEN;
  return { isNew: true, gap: { ...missing, reason: TOOK_OVER } };
}
