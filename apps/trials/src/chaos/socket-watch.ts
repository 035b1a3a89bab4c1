import { type Clock, type SocketListener, systemClock, type Transport } from '@kite/connection';

import { cutFrame, packetsIn } from './cut-frame.js';
import type { Note, NoteBody } from './note.js';
import { sharedMs } from './shared-clock.js';

/** Cuts the next frames of ticks of an account short. */
export interface Cut {
  readonly apiKey: string;
  readonly frames: number;
  /** What is left of each, 0 to 1. */
  readonly part: number;
}

/**
 * Records what reaches the sockets of one thread, below all code under trial, and cuts frames short on their way. Its
 * clock stands still while the client takes in an event, so that the client's timestamp is the recorded one.
 */
export class SocketWatch {
  /** The machine's clock, for users of the transport. */
  readonly clock: Clock;
  readonly #thread: string;
  readonly #tell: (note: Note) => void;
  readonly #cuts = new Map<string, { frames: number; part: number }>();
  #sockets = 0;
  #stopped: { readonly wall: number; readonly monotonic: number } | undefined;

  /** @param thread part of the names of its sockets */
  constructor(thread: string, tell: (note: Note) => void) {
    this.#thread = thread;
    this.#tell = tell;
    this.clock = {
      ...systemClock,
      now: () => this.#stopped?.wall ?? systemClock.now(),
      // Both stand still, or the client would think that the wall clock was set back.
      monotonic: () => this.#stopped?.monotonic ?? systemClock.monotonic(),
    };
  }

  cut({ apiKey, frames, part }: Cut): void {
    this.#cuts.set(apiKey, { frames, part });
  }

  /** Wraps a transport and records what it does. */
  over(transport: Transport): Transport {
    return {
      open: (request, listener) => {
        const socket = `${this.#thread}-${++this.#sockets}`;
        let hasLeft = false;
        const note = (body: NoteBody): void => {
          this.#tell({ ...body, socket, at: sharedMs(), wall: this.clock.now() });
        };
        const leave = (): void => {
          if (!hasLeft) note({ type: 'left' });
          hasLeft = true;
        };
        note({ type: 'dialled', url: request.url });
        const headers = { ...request.headers, 'User-Agent': socket };
        const apiKey = new URL(request.url).searchParams.get('api_key') ?? '';
        const opened = transport.open({ ...request, headers }, this.#noting(apiKey, note, leave, listener));
        return {
          send: (text) => {
            note({ type: 'sent', text });
            opened.send(text);
          },
          ping: () => opened.ping(),
          close: () => {
            leave();
            opened.close();
          },
          terminate: () => {
            leave();
            opened.terminate();
          },
        };
      },
    };
  }

  #noting(
    apiKey: string,
    note: (body: NoteBody) => void,
    leave: () => void,
    listener: SocketListener,
  ): SocketListener {
    return {
      opened: () =>
        this.#atOneTime(() => {
          note({ type: 'opened' });
          listener.opened();
        }),
      binary: (bytes) =>
        this.#atOneTime(() => {
          listener.binary(bytes.length < 2 ? this.#heartbeat(bytes, note) : this.#frame(apiKey, bytes, note));
        }),
      text: (text) =>
        this.#atOneTime(() => {
          note({ type: 'text', text });
          listener.text(text);
        }),
      alive: () => listener.alive(),
      pong: () => listener.pong(),
      ended: (end) =>
        this.#atOneTime(() => {
          leave();
          listener.ended(end);
        }),
    };
  }

  #heartbeat(bytes: Uint8Array, note: (body: NoteBody) => void): Uint8Array {
    note({ type: 'heartbeat' });
    return bytes;
  }

  #frame(apiKey: string, frame: Uint8Array, note: (body: NoteBody) => void): Uint8Array {
    const packets = packetsIn(frame);
    const cut = this.#cuts.get(apiKey);
    if (!cut || cut.frames === 0) {
      note({ type: 'frame', packets, whole: packets });
      return frame;
    }
    cut.frames--;
    const { bytes, whole } = cutFrame(frame, cut.part);
    note({ type: 'frame', packets, whole });
    return bytes;
  }

  #atOneTime(takeIn: () => void): void {
    this.#stopped = { wall: systemClock.now(), monotonic: systemClock.monotonic() };
    try {
      takeIn();
    } finally {
      this.#stopped = undefined;
    }
  }
}
