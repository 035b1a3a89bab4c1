import type { RelayMessage } from '../relay-message.js';
import type { TimedFrame } from './frame-history.js';

/** The part of a socket that a page needs; a `WebSocket` of `ws` has it. */
export interface PageSocket {
  send(data: string | Uint8Array): void;
  terminate(): void;
  /** Bytes that the page has not read yet. */
  readonly bufferedAmount: number;
}

const DEFAULT_MAX_BUFFERED_BYTES = 32 * 2 ** 20;

/** The relay's end of one page. */
export class PageLink {
  readonly #socket: PageSocket;
  readonly #maxBufferedBytes: number;

  /** @param maxBufferedBytes a page further behind is cut off. Default 32 MiB */
  constructor(socket: PageSocket, maxBufferedBytes = DEFAULT_MAX_BUFFERED_BYTES) {
    this.#socket = socket;
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  tell(message: RelayMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  replay(history: readonly TimedFrame[]): void {
    this.tell({ type: 'history', receivedAt: history.map(({ receivedAt }) => receivedAt) });
    for (const { bytes } of history) this.#socket.send(bytes);
  }

  /**
   * Passes a frame on. A page that stops reading, such as a suspended one, is cut off: it reconnects when it wakes, and
   * gets the missed frames from the history.
   */
  forward(bytes: Uint8Array): void {
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) this.#socket.terminate();
    else this.#socket.send(bytes);
  }
}
