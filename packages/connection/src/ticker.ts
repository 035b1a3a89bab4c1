import { begunAfter, checkOptions, promised } from '@kite/kit';
import {
  assertMode,
  KiteInputError,
  type Mode,
  parseInstrumentTokens,
  type RawFrame,
  type TickBatch,
  type TickerMessage,
  type TickerState,
} from '@kite/protocol';

import type { Channel, ChannelOptions, RawChannelOptions } from './channel/channel.js';
import { Outlets } from './channel/outlets.js';
import { ChannelId } from './feed/channel-id.js';
import type { FeedEvents } from './feed/events.js';
import { Hub } from './feed/hub.js';
import type { RawTick } from './feed/message.js';
import type { ConnectionStats } from './feed/stats.js';
import { checkNewCredentials, CONNECT_RULES, resolveTickerOptions, type TickerOptions } from './options.js';
import { CONNECTION_PARTS, type ConnectionParts, connectionSeam } from './seam.js';
import { Connection, type ConnectionListener } from './socket/connection.js';
import { processSlots } from './socket/connection-slots.js';
import type { AccessToken } from './socket/credentials.js';
import { Endpoint } from './socket/endpoint.js';

/**
 * One connection to Kite's ticker, kept alive.
 *
 * What it is to stream is remembered while it is away and asked for again on every connect. Whatever happens to the
 * connection is told in the stream: `state`, and `gap` where nothing was received.
 */
export class KiteTicker implements AsyncDisposable {
  /** For the packages above this one. */
  static readonly [connectionSeam]: ConnectionParts = CONNECTION_PARTS;

  readonly #hub: Hub;
  readonly #connection: Connection;
  readonly #outlets: Outlets;

  /** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` or `KITE_CONNECTION_INSECURE_URL` */
  constructor(options: TickerOptions) {
    const config = resolveTickerOptions(options);
    this.#hub = new Hub({ channelId: ChannelId.Connection1, clock: config.clock });
    this.#outlets = new Outlets([this.#hub], config);
    const endpoint = new Endpoint(config.url, config.allowInsecure);
    this.#connection = new Connection(
      { ...config, endpoint, slots: processSlots },
      endingWithClose(this.#hub),
    );
  }

  /**
   * Opens the connection, and resolves at the first open. Failures that may pass are retried while it is pending. While
   * it is pending, another call gets the same promise; while the connection is open, it resolves at once.
   *
   * Rejects with a KiteError: `KITE_CONNECTION_UNAUTHORIZED` (403 with a fixed token), `KITE_CONNECTION_BAD_REQUEST`,
   * `KITE_CONNECTION_ATTEMPTS_EXHAUSTED`, `KITE_CONNECTION_LIMIT_REACHED`; `KITE_CONNECTION_ABORTED` when `signal` is
   * aborted before the connection has opened, and `KITE_CONNECTION_CLOSED` when `close()` is called before;
   * `KITE_CONNECTION_INVALID_OPTION` for options that are none.
   */
  connect(options: { signal?: AbortSignal } = {}): Promise<void> {
    return begunAfter(
      () => {
        checkOptions(KiteInputError, 'KITE_CONNECTION_INVALID_OPTION', options, CONNECT_RULES);
      },
      () => this.#connection.connect(options.signal),
    );
  }

  /**
   * Closes the connection and ends every channel. Idempotent, and never takes longer than two seconds, whatever the peer
   * does. `connect()` works again after it, with the same subscriptions.
   */
  close(): Promise<void> {
    return this.#connection.close();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Where the connection is in its life. */
  get state(): TickerState {
    return this.#connection.state;
  }

  /** Whether the state is `open`. */
  isConnected(): boolean {
    return this.state === 'open';
  }

  /** Token to mode, as wanted: kept while disconnected. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#connection.subscriptions;
  }

  /**
   * Streams these instruments. A token that is already subscribed keeps its mode unless one is given; a new one gets
   * `defaultMode`. Resolves when the wish is recorded and, if open, the request has been handed to the socket.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or `KITE_CONNECTION_CAPACITY`; then nothing
   * has changed and nothing was sent.
   */
  subscribe(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    return promised(() => {
      if (mode !== undefined) assertMode(mode);
      this.#connection.subscribe(parseInstrumentTokens(tokens), mode);
    });
  }

  /** Stops streaming these instruments; those that are not subscribed are ignored. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`. */
  unsubscribe(tokens: Iterable<number>): Promise<void> {
    return promised(() => {
      this.#connection.unsubscribe(parseInstrumentTokens(tokens));
    });
  }

  /** Stops streaming everything. */
  unsubscribeAll(): Promise<void> {
    return this.unsubscribe(this.subscriptions.keys());
  }

  /**
   * Changes the mode of subscribed instruments. Rejects with `KITE_CONNECTION_NOT_SUBSCRIBED`, which lists the tokens
   * that are not; then nothing has changed and nothing was sent.
   */
  changeMode(tokens: Iterable<number>, mode: Mode): Promise<void> {
    return promised(() => {
      assertMode(mode);
      this.#connection.changeMode(parseInstrumentTokens(tokens), mode);
    });
  }

  /**
   * Sends a WebSocket ping, unless one is under way; resolves with the round-trip time in milliseconds. Rejects with `KITE_CONNECTION_NOT_OPEN`,
   * also when the connection ends before the answer.
   */
  ping(): Promise<number> {
    return this.#connection.ping();
  }

  /**
   * Credentials for the next connect; an open stream goes on, since they are checked only there. A failed connection is
   * opened again with them. Rejects with `KITE_CONNECTION_INVALID_OPTION` or `KITE_CONNECTION_LIMIT_REACHED`.
   */
  updateCredentials(credentials: { apiKey?: string; accessToken: AccessToken }): Promise<void> {
    return promised(() => {
      checkNewCredentials('KITE_CONNECTION_INVALID_OPTION', credentials);
      this.#connection.updateCredentials(credentials.apiKey, credentials.accessToken);
    });
  }

  /** Everything that the connection has to say, in order. With `rawOnly` without ticks. */
  messages(options?: ChannelOptions): Channel<TickerMessage> {
    return this.#outlets.messages(options);
  }

  /**
   * Ticks alone, by the frame; gaps and losses are marked on the batches.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY`
   */
  ticks(options?: ChannelOptions): Channel<TickBatch> {
    return this.#outlets.ticks(options);
  }

  /** Binary messages as they came. With raw consumers alone nothing is ever decoded. */
  subscribeRawFrames(options?: RawChannelOptions): Channel<RawFrame> {
    return this.#outlets.rawFrames(options);
  }

  /** A view of each full packet. */
  subscribeFullRaw(options?: RawChannelOptions): Channel<RawTick> {
    return this.#outlets.fullRaw(options);
  }

  /**
   * Calls the listener for each message of this type, or for each undecoded `frame`: synchronously, before any channel
   * gets it. A listener that throws is contained and reported as an `issue`. Returns how to stop listening.
   *
   * @throws KiteError `KITE_CONNECTION_RAW_ONLY` for `ticks`, `KITE_CONNECTION_INVALID_OPTION` for an event that there is not
   */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    if (type === 'ticks') this.#outlets.assertDecodes();
    return this.#hub.on(type, listener);
  }

  /** What has been counted since the ticker was made, over closes as well. */
  getStats(): ConnectionStats {
    return this.#hub.stats(this.subscriptions.size);
  }

  /** What may be shown: no credentials. */
  toJSON(): { state: TickerState; subscriptions: number; stats: ConnectionStats } {
    return { state: this.state, subscriptions: this.subscriptions.size, stats: this.getStats() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `KiteTicker { state: '${this.state}', subscriptions: ${this.subscriptions.size} }`;
  }
}

/** However a connection comes to be closed, an abort included, its channels end right after they have been told. */
function endingWithClose(hub: Hub): ConnectionListener {
  return {
    binary: (bytes, receivedAt) => {
      hub.binary(bytes, receivedAt);
    },
    text: (text, receivedAt) => {
      hub.text(text, receivedAt);
    },
    gap: (gap) => {
      hub.gap(gap);
    },
    state: (state, error) => {
      hub.state(state, error);
      if (state === 'closed') hub.end();
    },
  };
}
