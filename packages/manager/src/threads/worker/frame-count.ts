import { LONG_SILENCE_MS } from '../../connection-parts.js';

/** Frames that came without a long silence between two of them. */
interface Run {
  /** The number of the first one. */
  first: number;
  since: number;
  /** When the newest one came. */
  at: number;
}

/** Frames that the ring does not know of: none of them came after a long silence. */
export interface UntoldFrames {
  readonly frames: number;
  readonly since: number;
  /** When the last one came; undefined: it is the last of those in question. */
  readonly at: number | undefined;
}

/**
 * Counts the frames of one link: how many have come, and how many of them the ring knows of, as frames or as lost.
 * Remembers their last long silence, since the reader must not take the lost ones for a silence.
 */
export class FrameCount {
  #come = 0;
  #told = 0;
  /** Two at most: a silence before the last one says nothing any more. */
  #runs: Run[] = [];

  /** A frame came at this time. Returns its number. */
  came(at: number): number {
    const number = ++this.#come;
    const run = this.#runs.at(-1);
    if (run && at - run.at <= LONG_SILENCE_MS) {
      run.at = at;
      // The clock was set back.
      run.since = Math.min(run.since, at);
      return number;
    }
    const [oldest, before] = this.#runs;
    if (before) this.#runs = [{ ...before, first: oldest!.first }];
    this.#runs.push({ first: number, since: at, at });
    return number;
  }

  /** The first of the frames up to this one that the ring does not know of: call it until there are none. */
  untold(upTo: number): UntoldFrames | undefined {
    if (upTo <= this.#told) return undefined;
    const next = this.#runs.findIndex(({ first }) => first > this.#told + 1);
    const end = next < 0 ? Infinity : this.#runs[next]!.first - 1;
    const run = this.#runs.at(next < 0 ? -1 : Math.max(0, next - 1))!;
    return {
      frames: Math.min(upTo, end) - this.#told,
      since: run.since,
      at: upTo > end ? run.at : undefined,
    };
  }

  /** The ring knows of this many more. */
  told(frames: number): void {
    this.#told += frames;
  }

  /** The ring has the frame with this number. One that was told as lost, and had packets left, counts for another. */
  written(number: number): void {
    this.#told = Math.max(this.#told + 1, number);
  }
}
