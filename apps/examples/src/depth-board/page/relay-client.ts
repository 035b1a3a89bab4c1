import type { PageMessage, RelayMessage } from '../relay-message.js';
import { backoffMs } from './backoff.js';
import type { LinkState } from './freshness.js';

/** Events of a {@link RelayClient}. */
export interface RelayListener {
  link(state: LinkState): void;
  message(message: RelayMessage): void;
  /** A Kite frame and its receive time (Unix milliseconds on this machine's clock); `live` unless it is history. */
  frame(bytes: Uint8Array, receivedAt: number, live: boolean): void;
}

/** The page's end of the relay: connects, and reconnects with growing pauses while the page is open. */
export class RelayClient {
  readonly #url: string;
  readonly #listener: RelayListener;
  #attempt = 0;
  #socket: WebSocket | undefined;

  constructor(url: string, listener: RelayListener) {
    this.#url = url;
    this.#listener = listener;
  }

  connect(): void {
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    let history: number[] = [];
    /** How far the relay's clock is behind ours, in milliseconds; nonzero if it is on another machine. */
    let clockOffset = 0;

    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data !== 'string') {
        const heldAt = history.pop();
        const receivedAt = heldAt === undefined ? Date.now() : heldAt + clockOffset;
        this.#listener.frame(new Uint8Array(data), receivedAt, heldAt === undefined);
        return;
      }
      const message = JSON.parse(data) as RelayMessage;
      if (message.type === 'hello') {
        this.#attempt = 0;
        clockOffset = Date.now() - message.now;
        this.#listener.link('open');
      } else if (message.type === 'history') history = [...message.receivedAt].reverse();
      this.#listener.message(message);
    });
    socket.addEventListener('close', () => {
      this.#listener.link('down');
      setTimeout(() => this.connect(), backoffMs(this.#attempt++));
    });
  }

  /** Sends the relay this request; false if it cannot be sent now. */
  send(message: PageMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }
}
