import { begunAfter, checkOptions, promised, Warnings } from '@kite/kit';
import {
  assertMode,
  KiteInputError,
  Mode,
  parseInstrumentTokens,
  type RawFrame,
  type TickerState,
} from '@kite/protocol';

import type { Channel, RawChannelOptions } from './channel/channel.js';
import { ChannelId } from './feed/channel-id.js';
import { TICKER_EVENTS } from './feed/events.js';
import { Hub } from './feed/hub.js';
import type { RawTick } from './feed/message.js';
import type { ConnectionStats } from './feed/stats.js';
import { KiteFeed } from './kite-feed.js';
import { checkNewCredentials, CONNECT_RULES, resolveTickerOptions, type TickerOptions } from './options.js';
import { Reading } from './reading.js';
import { CONNECTION_PARTS, type ConnectionParts, connectionSeam } from './seam.js';
import type { AccessToken } from './socket/credentials.js';
import { Endpoint } from './socket/endpoint.js';
import type { SourceListener } from './socket/source.js';
import { TickerConnection } from './socket/ticker-connection.js';

/**
 * One connection to Kite's ticker, kept alive.
 *
 * It remembers its subscriptions while disconnected, and asks for them again on every connect. Whatever happens to the
 * connection is reported in the stream: `state`, and `gap` where nothing was received.
 */
export class KiteTicker extends KiteFeed implements AsyncDisposable {
  /** For the packages above this one. */
  static readonly [connectionSeam]: ConnectionParts = CONNECTION_PARTS;

  readonly #hub: Hub;
  readonly #connection: TickerConnection;
  readonly #reading: Reading;

  /** @throws KiteInputError `KITE_CONNECTION_INVALID_OPTION` or `KITE_CONNECTION_INSECURE_URL` */
  constructor(options: TickerOptions) {
    const config = resolveTickerOptions(options);
    const warnings = new Warnings();
    const hub = new Hub({
      channelId: ChannelId.Connection1,
      clock: config.clock,
      divisors: config.divisors,
      onUnheardFailure: ({ code, message }) => {
        warnings.warn('listener', message, code);
      },
    });
    const reading = new Reading({
      hubs: [hub],
      config,
      events: TICKER_EVENTS,
      code: 'KITE_CONNECTION_INVALID_OPTION',
      onUnstarted: () => {
        warnings.warn('unstarted', 'a channel has been read for 10 s, and connect() was never called');
      },
    });
    super(reading);
    this.#hub = hub;
    this.#reading = reading;
    const endpoint = new Endpoint(config.url, config.allowInsecure);
    this.#connection = new TickerConnection(
      { ...config, endpoint, startingForMs: config.connectionTimeoutMs },
      feeding(hub, reading, warnings, () => this.#connection.hasFailed),
    );
  }

  /**
   * Opens the connection, and resolves at the first open; at once if it is open already. Failures that may pass are
   * retried meanwhile; with `failFast` the first one rejects. An abort of `signal` rejects this call alone. When the
   * last call that waits for the first open is rejected by an abort or `failFast`, the connection is closed.
   *
   * Rejects with a KiteError: `KITE_CONNECTION_UNAUTHORIZED` (the server refused a fixed token),
   * `KITE_CONNECTION_BAD_REQUEST`, `KITE_CONNECTION_ATTEMPTS_EXHAUSTED`, `KITE_CONNECTION_LIMIT_REACHED`;
   * `KITE_CONNECTION_ABORTED` when `signal` is aborted before the connection has opened, and `KITE_CONNECTION_CLOSED`
   * when `close()` is called before that; `KITE_CONNECTION_INVALID_OPTION` for invalid options; with `failFast` the
   * first failure, whatever it was.
   */
  connect(options: { signal?: AbortSignal | undefined; failFast?: boolean | undefined } = {}): Promise<void> {
    return begunAfter(
      () => {
        checkOptions(KiteInputError, 'KITE_CONNECTION_INVALID_OPTION', options, CONNECT_RULES);
      },
      () => this.#connection.connect(options),
    );
  }

  /**
   * Closes the connection and ends every channel. Idempotent; takes at most two seconds, whatever the peer does.
   * `connect()` works again after it, with the same subscriptions.
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

  /** `'ltp'`, under the official client's name for it. */
  get modeLTP(): 'ltp' {
    return Mode.LTP;
  }

  /** `'quote'`, under the official client's name for it. */
  get modeQuote(): 'quote' {
    return Mode.Quote;
  }

  /** `'full'`, under the official client's name for it. */
  get modeFull(): 'full' {
    return Mode.Full;
  }

  /** Token to wanted mode, kept while disconnected. A read-only view. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#connection.subscriptions;
  }

  /**
   * Streams these instruments. A token that is already subscribed keeps its mode unless one is given; a new one gets
   * `defaultMode`. Resolves once the subscription is recorded and, if open, the request has been handed to the socket.
   *
   * Rejects with `KITE_PROTOCOL_INVALID_TOKEN`, `KITE_PROTOCOL_INVALID_MODE` or `KITE_CONNECTION_CAPACITY`; then
   * nothing has changed and nothing was sent.
   */
  subscribe(tokens: Iterable<number>, mode?: Mode): Promise<void> {
    return promised(() => {
      if (mode !== undefined) assertMode(mode);
      this.#connection.subscribe(parseInstrumentTokens(tokens), mode);
    });
  }

  /**
   * Stops streaming these instruments; ignores those that are not subscribed. Rejects with
   * `KITE_PROTOCOL_INVALID_TOKEN`.
   */
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
   * Sends a WebSocket ping, unless one is under way; resolves with the round-trip time in milliseconds. Rejects with
   * `KITE_CONNECTION_NOT_OPEN`, also when the connection ends before the answer.
   */
  ping(): Promise<number> {
    return this.#connection.ping();
  }

  /**
   * Sets the credentials for the next connect; an open stream goes on, since they are checked only on connect. A
   * connection that waits or has failed is opened with them at once, and an attempt under way starts anew. Rejects with
   * `KITE_CONNECTION_INVALID_OPTION` or `KITE_CONNECTION_LIMIT_REACHED`; then nothing has changed.
   */
  updateCredentials(credentials: { apiKey?: string | undefined; accessToken: AccessToken }): Promise<void> {
    return promised(() => {
      checkNewCredentials('KITE_CONNECTION_INVALID_OPTION', credentials);
      this.#connection.updateCredentials(credentials.apiKey, credentials.accessToken);
    });
  }

  /** {@link rawFrames}, under the crate's name. */
  subscribeRawFrames(options?: RawChannelOptions): Channel<RawFrame> {
    return this.rawFrames(options);
  }

  /** A view of each full packet. */
  subscribeFullRaw(options?: RawChannelOptions): Channel<RawTick> {
    return this.#reading.channels.fullRaw(options);
  }

  /** Counters since the ticker was made; `close()` does not reset them. */
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

/**
 * Passes what the connection delivers to the hub; when the connection ends, ends the channels.
 *
 * @param hasFailed whether it still has, after a listener has heard of the failure
 */
function feeding(hub: Hub, reading: Reading, warnings: Warnings, hasFailed: () => boolean): SourceListener {
  // A failed connect() ends nothing: the channels are for the next one.
  let hasOpened = false;
  let end: (() => void) | undefined;
  return {
    frame: hub.frame.bind(hub),
    text: hub.text.bind(hub),
    dropped: hub.dropped.bind(hub),
    asked: () => {
      // Nothing comes back from another connection.
    },
    status: () => {
      // A ticker has one connection: there is nothing to choose.
    },
    state: (state, at, error, retryInMs) => {
      if (state === 'closing' || state === 'closed') end ??= reading.ending();
      hub.state(state, at, error, retryInMs);
      if (state === 'closed') {
        hasOpened = false;
        end?.();
        end = undefined;
      }
      if (state === 'connecting') reading.begin();
      if (state === 'waiting' && error && !hasOpened && !hub.isHeard('state'))
        warnings.warn('connect', `connect() keeps trying: ${error.message}`, error.code);
      if (state === 'open') hasOpened = true;
      if (state === 'failed' && error && hasOpened && hasFailed()) reading.fail(hub, error);
    },
  };
}
