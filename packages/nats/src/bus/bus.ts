import type { LeaseOptions, Leases } from './leases.js';
import type { StreamPlan } from './stream-plan.js';

/** Whether the bus can be reached. `closed` is final. */
export type BusState = 'up' | 'down' | 'closed';

/** One message. Copy its bytes to keep them. */
export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** Hears what a stream has kept. */
export interface ReplayReader {
  /**
   * Before the first message.
   *
   * @param behind how many messages there are
   * @param completeSince nothing that was stored since then was removed; Unix milliseconds
   */
  begun(behind: number, completeSince: number): void;
  /** @param behind how many messages follow that are there already */
  message(message: BusMessage, behind: number): Promise<void> | undefined;
  /** Nothing more comes. */
  failed(cause: unknown): void;
}

/** What the publisher and the subscriber need of a message bus. */
export interface Bus {
  readonly state: BusState;
  /** Calls back at each change of the state. Returns how to stop. */
  onState(listener: (state: BusState) => void): () => void;
  /** Calls back when the server refuses something: a subject that this user may not use. Returns how to stop. */
  onRefused(listener: (cause: unknown) => void): () => void;
  /** Sends a message without waiting. The bytes are read later: nobody changes them. Without effect while the bus is down. */
  publish(subject: string, data: Uint8Array): void;
  /** Resolves when the server has everything that was published before; rejects when that is not known. */
  flush(): Promise<void>;
  /** Stores a message, once for each id; resolves when it is stored. */
  store(subject: string, data: Uint8Array, id: string): Promise<void>;
  /**
   * Creates the streams that are missing, and checks the others.
   *
   * @throws KiteError `KITE_NATS_STREAM_MISMATCH`, `KITE_NATS_NO_JETSTREAM` or `KITE_NATS_STREAM_FAILED`
   */
  ensure(plans: readonly StreamPlan[]): Promise<void>;
  /** Hears each message of a subject, which may have wildcards, as it comes. Returns how to stop. */
  subscribe(subject: string, listener: (message: BusMessage) => void): () => void;
  /** The last message of each of these subjects that a stream has, in any order. */
  lastOf(stream: string, subjects: readonly string[]): Promise<BusMessage[]>;
  /**
   * Hears each message that is stored in a stream from now on, or since a time (Unix milliseconds), once and in order, across
   * reconnects. Returns how to stop.
   */
  follow(
    stream: string,
    since: number | undefined,
    listener: (message: BusMessage) => void,
    onFailed: (cause: unknown) => void,
  ): () => void;
  /**
   * Reads what a stream has since a time (Unix milliseconds), in order and once, across reconnects, and goes on with what is
   * stored afterwards. The next message waits for what the reader returns. Returns how to stop.
   *
   * @param subjects these alone; undefined: all of the stream
   */
  replay(
    stream: string,
    subjects: readonly string[] | undefined,
    since: number,
    reader: ReplayReader,
  ): () => void;
  /**
   * Opens a bucket of leases; resolves with undefined where there is none and it must not create one.
   *
   * @throws KiteError `KITE_NATS_NO_JETSTREAM` or `KITE_NATS_STREAM_FAILED`
   */
  leases(bucket: string, options: { createdWithTtlMs: number }): Promise<Leases>;
  leases(bucket: string, options: LeaseOptions): Promise<Leases | undefined>;
  /** Lets go of the bus, and closes what was opened for it. */
  close(): Promise<void>;
}
