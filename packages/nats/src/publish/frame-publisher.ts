import { encodeTickMessage, type TickHead } from '../wire/head.js';
import { MAX_U32 } from '../wire/limits.js';

/** Where the frames go. */
export interface FrameSink {
  /** The longest message that the server accepts. */
  maxBytes(): number;
  /** Sends a message of this connection; returns false, and sends nothing, while the server is slow or gone. */
  send(connection: number, message: Uint8Array): boolean;
  /** A frame has more bytes than the server accepts; called for the first one. */
  tooLarge(byteLength: number): void;
}

/**
 * Publishes whole frames, each with its number. None is kept: while the server is slow or gone they are left out, and
 * the numbers show it.
 */
export class FramePublisher {
  readonly #sink: FrameSink;
  /** The last number of each connection. */
  readonly #last: number[] = [];
  #epoch = 0;
  #published = 0;
  #dropped = 0;
  #wasTooLarge = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  get published(): number {
    return this.#published;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the connection has no number left in this epoch. */
  isFull(connection: number): boolean {
    return (this.#last[connection] ?? 0) >= MAX_U32;
  }

  send(
    bytes: Uint8Array,
    {
      account,
      connection,
      epoch,
      receivedAt,
    }: Pick<TickHead, 'account' | 'connection' | 'epoch' | 'receivedAt'>,
  ): void {
    if (this.#epoch !== epoch) this.#last.length = 0;
    this.#epoch = epoch;
    const previous = this.#last[connection] ?? 0;
    const sequence = previous + 1;
    this.#last[connection] = sequence;
    const head = {
      cached: false,
      replayed: false,
      account,
      connection,
      epoch,
      sequence,
      previous,
      receivedAt,
    };
    const message = encodeTickMessage(head, bytes);
    const isTooLarge = message.length > this.#sink.maxBytes();
    if (isTooLarge && !this.#wasTooLarge) this.#sink.tooLarge(message.length);
    this.#wasTooLarge ||= isTooLarge;
    if (!isTooLarge && this.#sink.send(connection, message)) this.#published++;
    else this.#dropped++;
  }
}
