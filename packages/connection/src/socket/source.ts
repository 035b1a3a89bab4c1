import type { KiteError, TickerState } from '@kite/protocol';

/**
 * Whether something arrives over a source now: `starting` in its first attempt, `streaming` while it is open and not
 * silent, `down` otherwise. The source decides; everything else asks it.
 */
export type SourceStatus = 'starting' | 'streaming' | 'down';

/** Data that was received and then dropped on its way here. */
export interface Dropped {
  /** Packets. */
  ticks: number;
  /** Those among them that were full packets with depth. */
  fullTicks: number;
  /** Binary messages, heartbeats included. */
  frames: number;
  /** From this time on none of these messages came after a long silence, Unix milliseconds. Absent: not known. */
  steadySince?: number;
}

/** Hears what a source delivers: synchronously, in order, each with its time in Unix milliseconds. */
export interface SourceListener {
  /**
   * A new state of its life.
   *
   * @param error why, in `waiting` and `failed`
   * @param retryInMs in `waiting`: how far off the next attempt is
   */
  state(state: TickerState, at: number, error: KiteError | undefined, retryInMs: number | undefined): void;
  /** The status has changed; if a state caused that, called after the state. */
  status(status: SourceStatus, at: number): void;
  /** A binary message as it came, heartbeats included. The bytes are the listener's. */
  frame(bytes: Uint8Array, at: number): void;
  /**
   * The open socket has been asked for everything wanted up to this `revision`. What comes from now on was sent after
   * that.
   */
  asked(revision: number, at: number): void;
  /** A text message as it came. */
  text(text: string, at: number): void;
  /** Data was dropped on its way here, before what follows. */
  dropped(dropped: Dropped, at: number): void;
}
