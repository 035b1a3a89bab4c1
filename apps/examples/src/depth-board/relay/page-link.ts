import type { RelayMessage } from '../relay-message.js';
import type { TimedFrame } from './frame-history.js';

/** As much of a socket as a page needs: a `WebSocket` of `ws` is one. */
export interface PageSocket {
  send(data: string | Uint8Array): void;
  terminate(): void;
  /** Bytes that the page has not taken yet. */
  readonly bufferedAmount: number;
}

const DEFAULT_MAX_BUFFERED_BYTES = 32 * 2 ** 20;

/** The relay's end of one page. */
export class PageLink {
  readonly #socket: PageSocket;
  readonly #maxBufferedBytes: number;

  /** @param maxBufferedBytes a page that is further behind is cut off. Default 32 MiB */
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
   * Passes a frame on. A page that takes nothing, as a suspended one, is cut off rather than waited for: it connects
   * again when it wakes, and gets from the history what it has missed.
   */
  forward(bytes: Uint8Array): void {
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) this.#socket.terminate();
    else this.#socket.send(bytes);
  }
}
