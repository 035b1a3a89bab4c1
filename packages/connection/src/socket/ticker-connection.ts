import { type Deferred, deferred } from '@kite/kit';
import { KiteError, type Mode, type TickerState } from '@kite/protocol';

import { Account, type AccountOptions } from './account.js';
import { aborted, ConnectCalls, type ConnectOptions } from './connect-calls.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { processSlots } from './connection-slots.js';
import type { AccessToken } from './credentials.js';
import { LinkControl } from './link-control.js';
import type { SourceListener } from './source.js';
import { Subscriptions } from './subscriptions.js';

/** Everything that a ticker's connection needs; already checked. */
export interface TickerConnectionOptions extends ConnectionOptions, AccountOptions {
  /** The mode of an instrument that is subscribed without one. */
  defaultMode: Mode;
}

/**
 * An account's only connection, by calls and promises: passes what is wanted to its {@link Connection}, and settles the
 * waiting calls by what comes of it.
 */
export class TickerConnection {
  readonly #options: TickerConnectionOptions;
  readonly #listener: SourceListener;
  readonly #subscriptions = new Subscriptions();
  readonly #account: Account;
  readonly #connection: Connection;
  readonly #control: LinkControl;
  readonly #calls: ConnectCalls;
  /** Whether it has been open since it was asked to open. */
  #hasOpened = false;
  #ping: { sentAt: number; answer: Deferred<number> } | undefined;

  constructor(options: TickerConnectionOptions, listener: SourceListener) {
    this.#options = options;
    this.#listener = listener;
    this.#account = new Account(options);
    this.#connection = new Connection(options, {
      state: (...told) => {
        this.#entered(...told);
      },
      // Bound, so that a frame runs no function of this file.
      frame: listener.frame.bind(listener),
      text: listener.text.bind(listener),
      status: listener.status.bind(listener),
      asked: listener.asked.bind(listener),
      dropped: listener.dropped.bind(listener),
      pong: () => {
        this.#ponged();
      },
    });
    this.#control = new LinkControl({
      clock: options.clock,
      account: this.#account,
      slots: processSlots,
      origin: options.endpoint.origin,
      modes: () => this.subscriptions,
    });
    this.#control.use(this.#connection);
    this.#calls = new ConnectCalls(() => {
      // No call waits for it any more, and it was opened for those calls.
      if (this.#calls.isEmpty && !this.#hasOpened) void this.close();
    });
  }

  /** Where it is in its life. */
  get state(): TickerState {
    return this.#connection.state;
  }

  /** Whether it has failed for good, and no call has asked it to try again. */
  get hasFailed(): boolean {
    return this.#control.hasFailed;
  }

  /** Token to mode: the desired state, whether connected or not. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#subscriptions.modes;
  }

  /** See `KiteTicker.connect`. */
  connect(options: ConnectOptions = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(aborted(signal));
    if (this.#control.isOpen && this.state === 'open') return Promise.resolve();
    const opening = this.#calls.add(options);
    if (this.#control.isOpen && this.state !== 'failed') return opening;
    try {
      this.#hasOpened = false;
      this.#control.open();
    } catch (error) {
      this.#calls.rejectAll(error as KiteError);
    }
    return opening;
  }

  /** Resolves once the socket is gone, in two seconds at most. Idempotent. Rejects calls of `connect()` that wait. */
  close(): Promise<void> {
    this.#calls.rejectAll(closedEarly());
    return this.#control.close();
  }

  /** See `KiteTicker.subscribe`; the tokens have been checked. */
  subscribe(tokens: readonly number[], mode?: Mode): void {
    this.#subscriptions.subscribe(tokens, mode, this.#options.defaultMode);
    this.#control.modesChanged();
  }

  /** See `KiteTicker.unsubscribe`; the tokens have been checked. */
  unsubscribe(tokens: readonly number[]): void {
    this.#subscriptions.unsubscribe(tokens);
    this.#control.modesChanged();
  }

  /** @throws KiteError `KITE_CONNECTION_NOT_SUBSCRIBED`; see `KiteTicker.changeMode` */
  changeMode(tokens: readonly number[], mode: Mode): void {
    this.#subscriptions.changeMode(tokens, mode);
    this.#control.modesChanged();
  }

  /**
   * The round-trip time of a WebSocket ping, in milliseconds. Only one is under way at a time: a peer may answer
   * several at once.
   */
  ping(): Promise<number> {
    if (this.#ping) return this.#ping.answer.promise;
    const answer = deferred<number>();
    // In the order of the calls: what was subscribed in this turn goes first. A socket that takes no more ends there.
    if (this.state === 'open') this.#control.tell();
    if (this.state === 'open') {
      this.#ping = { sentAt: this.#options.clock.monotonic(), answer };
      this.#connection.ping();
    } else answer.reject(notOpen());
    return answer.promise;
  }

  /** @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`; then nothing has changed. See `KiteTicker.updateCredentials` */
  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    this.#account.update(apiKey, accessToken);
  }

  #entered(...[state, at, error, retryInMs]: Parameters<SourceListener['state']>): void {
    this.#control.entered(state, error);
    if (state === 'open') this.#hasOpened = true;
    else this.#left();
    // Settle first: the listener may call connect() again.
    if (state === 'failed' && error) this.#calls.rejectAll(error);
    this.#listener.state(state, at, error, retryInMs);
    if (state === 'open') this.#calls.opened();
    if (state === 'waiting' && error) this.#calls.attemptFailed(error);
  }

  #left(): void {
    this.#ping?.answer.reject(notOpen());
    this.#ping = undefined;
  }

  #ponged(): void {
    const ping = this.#ping;
    this.#ping = undefined;
    ping?.answer.resolve(this.#options.clock.monotonic() - ping.sentAt);
  }
}

function closedEarly(): KiteError {
  return new KiteError('KITE_CONNECTION_CLOSED', 'the connection was closed before it opened');
}

function notOpen(): KiteError {
  return new KiteError('KITE_CONNECTION_NOT_OPEN', 'the connection is not open');
}
