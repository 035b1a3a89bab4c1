import type { LeaseOptions, Leases } from './leases.js';
import type { StreamPlan } from './stream-plan.js';

/** Whether the bus can be reached. `closed` is final. */
export type BusState = 'up' | 'down' | 'closed';

/** One message. Copy its bytes to keep them. */
export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Receives what a stream has stored. */
export interface ReplayReader {
  /**
   * Before the first message, and again after the server has lost the place.
   *
   * @param behind how many stored messages will come
   * @param completeSince the stream still holds everything stored since then; Unix milliseconds
   */
  begun(behind: number, completeSince: number): void;
  /** @param behind how many stored messages follow */
  message(message: BusMessage, behind: number): Promise<void> | undefined;
  /** The last call: nothing more comes. */
  failed(cause: unknown): void;
}

/** What the publisher and the subscriber need from a message bus. */
export interface Bus {
  readonly state: BusState;
  /** The longest message that the server accepts. */
  readonly maxBytes: number;
  /** Calls back at each change of state. Returns a function that stops it. */
  onState(listener: (state: BusState) => void): () => void;
  /** Calls back when the server refuses a subject to this user. Returns a function that stops it. */
  onRefused(listener: (cause: unknown) => void): () => void;
  /** Sends a message without waiting. The bytes are read later: do not change them. No effect while down. */
  publish(subject: string, data: Uint8Array): void;
  /** Resolves when the server has everything published before; rejects when that cannot be known. */
  flush(): Promise<void>;
  /** Stores a message, once per id; resolves when it is stored. */
  store(subject: string, data: Uint8Array, id: string): Promise<void>;
  /**
   * Creates the streams that are missing, and checks the others.
   *
   * @throws KiteError `KITE_NATS_STREAM_MISMATCH`, `KITE_NATS_NO_JETSTREAM` or `KITE_NATS_STREAM_FAILED`
   */
  ensure(plans: readonly StreamPlan[]): Promise<void>;
  /** Passes on each message of a subject, which may have wildcards. Returns a function that stops it. */
  subscribe(subject: string, listener: (message: BusMessage) => void): () => void;
  /** The last message a stream has for each of these subjects, in any order. */
  lastOf(stream: string, subjects: readonly string[]): Promise<BusMessage[]>;
  /**
   * Passes on each message stored in a stream from now on, or since a time (Unix milliseconds), once and in order,
   * across reconnects and restarts of the server. Fails only before it has begun. Returns a function that stops it.
   */
  follow(
    stream: string,
    since: number | undefined,
    listener: (message: BusMessage) => void,
    onFailed: (cause: unknown) => void,
  ): () => void;
  /**
   * Reads a stream from a time on (Unix milliseconds), once and in order, across reconnects, and goes on with what is
   * stored afterwards. The next message waits for the reader's promise. Returns a function that stops it.
   *
   * @param subjects only these; undefined: the whole stream
   */
  replay(
    stream: string,
    subjects: readonly string[] | undefined,
    since: number,
    reader: ReplayReader,
  ): () => void;
  /**
   * Opens a bucket of leases; resolves with undefined if there is none and it must not create one.
   *
   * @throws KiteError `KITE_NATS_NO_JETSTREAM` or `KITE_NATS_STREAM_FAILED`
   */
  leases(bucket: string, options: { createdWithTtlMs: number }): Promise<Leases>;
  leases(bucket: string, options: LeaseOptions): Promise<Leases | undefined>;
  /** Lets go of the bus and closes what was opened for it. */
  close(): Promise<void>;
}
