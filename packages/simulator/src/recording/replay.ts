import type { Clock } from '@kite/protocol';

import { readRecording, type RecordingSource } from './reader.js';

/** How a recording is replayed. */
export interface ReplayOptions {
  /** The recording: a path, or its bytes. */
  source: RecordingSource;
  /** 1: as recorded; 10: ten times as fast; `Infinity`: as fast as possible. Default 1. */
  speed?: number | undefined;
  /** True: every message goes to every connection as it was recorded, whatever is subscribed. Default false: the packets
   * are the market, and each connection gets what it subscribes to, in its mode, as far as the recording has it. */
  verbatim?: boolean | undefined;
  /**
   * How to replay a gap of a whole connection. `drop`: reset its connection when the gap begins, and refuse connects
   * until it ends; `silence`: send nothing meanwhile. The n-th recorded connection is each key's n-th open one. If
   * other recorded connections went on, the reset comes at the gap's end. A gap that names instruments is always
   * silence. Default `drop`.
   */
  gaps?: 'drop' | 'silence' | undefined;
  /** True: begins at once. Default false: with the first subscription (verbatim: the first connection). */
  immediately?: boolean | undefined;
}

/** How a replay went. */
export interface ReplaySummary {
  /** Binary messages, heartbeats included. */
  readonly frames: number;
  /** Text messages. */
  readonly texts: number;
  /** Gaps in the recording. */
  readonly gaps: number;
  /** Frames that the recorder lost. */
  readonly dropped: number;
  /** Why it ended early; undefined at the recording's end. */
  readonly error: unknown;
}

/** Where replayed messages go. */
export interface ReplayTarget {
  frame(bytes: Uint8Array): void;
  text(text: string): void;
  /** A recorded connection is down from now on, for `forMs`. */
  gap(channelId: number, forMs: number): void;
}

/** Pauses after this many messages, so that everything else can run. */
const MESSAGES_PER_TURN = 256;

/** Plays a recording once, at its own pace times the speed. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #clock: Clock;
  readonly #target: ReplayTarget;
  #started = false;
  #isStopped = false;
  #wake: (() => void) | undefined;
  #timer: unknown;

  constructor(options: ReplayOptions, clock: Clock, target: ReplayTarget) {
    this.#options = options;
    this.#clock = clock;
    this.#target = target;
  }

  /** Begins at the first call. `ended` gets the summary, unless the replay was stopped. */
  start(ended: (summary: ReplaySummary) => void): void {
    if (this.#started || this.#isStopped) return;
    this.#started = true;
    void this.#play().then((summary) => {
      if (!this.#isStopped) ended(summary);
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#wake?.();
  }

  async #play(): Promise<ReplaySummary> {
    const summary = { frames: 0, texts: 0, gaps: 0, dropped: 0, error: undefined as unknown };
    const { source, speed = 1, gaps = 'drop' } = this.#options;
    const began = this.#clock.monotonic();
    let first: number | undefined;
    let inTurn = 0;
    const until = async (recordedAt: number) => {
      first ??= recordedAt;
      const dueIn = began + (recordedAt - first) / speed - this.#clock.monotonic();
      if (dueIn < 1 && ++inTurn <= MESSAGES_PER_TURN) return;
      await this.#sleep(Math.max(0, dueIn));
      inTurn = 0;
    };
    try {
      for await (const recorded of readRecording(source)) {
        // A gap is recorded at its end; its connection was down from its start.
        if (recorded.type === 'gap' && gaps === 'drop' && recorded.instrumentTokens === undefined) {
          const { from, to, channelId } = recorded;
          await until(from);
          if (this.#isStopped) break;
          const endsIn = began + (to - (first ?? from)) / speed - this.#clock.monotonic();
          this.#target.gap(channelId, Math.max(0, endsIn));
        }
        await until(recorded.receivedAt);
        if (this.#isStopped) break;
        switch (recorded.type) {
          case 'binary':
            summary.frames++;
            this.#target.frame(recorded.bytes);
            break;
          case 'text':
            summary.texts++;
            this.#target.text(recorded.text);
            break;
          case 'gap':
            summary.gaps++;
            break;
          case 'dropped':
            summary.dropped += recorded.frames;
        }
      }
    } catch (error) {
      summary.error = error;
    }
    return summary;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = this.#clock.setTimeout(resolve, ms);
    });
  }
}
