import type { AccessToken, CredentialOptions } from '@kite/connection';
import { Deadline, type Deferred, deferred, safeCause } from '@kite/kit';
import { type Clock, KiteError, type Mode, type TickerState } from '@kite/protocol';

import { type ConnectionSlots, Endpoint, SlotHolder, Subscriptions } from '../../connection-parts.js';
import type { Link, LinkListener } from '../../link.js';
import type { LinkCommand, PlainAccessToken, PlainConnectionConfig } from '../wire/messages.js';
import { decodeReport, decodeText, fromPlainKiteError, type Reports } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';

/** A worker that closes takes a second at most: its peer's time to agree. One that has not by then hangs. */
const CLOSE_MS = 1600;

/** What a link in a worker is made with; checked by whoever makes it. */
export interface ThreadedLinkOptions extends CredentialOptions {
  config: PlainConnectionConfig;
  /** Where the connection is counted: in this thread, since a worker does not see the whole process. */
  slots: ConnectionSlots;
}

/** Where a link lives. */
export interface LinkHome {
  readonly clock: Clock;
  /** False: there is no worker at the moment; a new one will be told everything by {@link ThreadedLink.restore}. */
  send(link: number, command: LinkCommand): boolean;
  /** {@link ThreadedLink.isWanted} may have changed. */
  wantedChanged(): void;
}

/**
 * A connection that lives in the I/O worker, as this thread sees it: what is desired is known here at once, what happens
 * comes through the ring, in order.
 */
export class ThreadedLink implements Link {
  readonly number: number;
  readonly #home: LinkHome;
  readonly #options: ThreadedLinkOptions;
  readonly #listener: LinkListener;
  readonly #subscriptions = new Subscriptions();
  readonly #slot: SlotHolder;
  #apiKey: string;
  #accessToken: AccessToken;
  /** What the token provider gave last. */
  #givenToken: string | undefined;
  #state: TickerState = 'idle';
  #isWanted = false;
  #opening: Deferred<undefined> | undefined;
  #closing: Deferred<undefined> | undefined;
  readonly #closeDeadline: Deadline;
  /** When data was last known to flow. */
  #flowedAt: number | undefined;
  /** Why data stopped to flow, when the worker that knew has crashed. */
  #crashReason: string | undefined;

  constructor(number: number, options: ThreadedLinkOptions, listener: LinkListener, home: LinkHome) {
    const { apiKey, accessToken, config, slots } = options;
    this.number = number;
    this.#home = home;
    this.#closeDeadline = new Deadline(home.clock);
    this.#options = options;
    this.#listener = listener;
    this.#apiKey = apiKey;
    this.#accessToken = accessToken;
    this.#slot = new SlotHolder(slots, new Endpoint(config.url, config.allowInsecure).origin);
  }

  get state(): TickerState {
    return this.#state;
  }

  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#subscriptions.modes;
  }

  /** Whether it is to be connected: it then keeps the process alive, and is brought back after a crash. */
  get isWanted(): boolean {
    return this.#isWanted || this.#closing !== undefined;
  }

  /** What is not to be shown anywhere. Not a getter, for those can be printed. */
  secrets(): string[] {
    const token = typeof this.#accessToken === 'string' ? this.#accessToken : this.#givenToken;
    return token === undefined ? [this.#apiKey] : [token, this.#apiKey];
  }

  connect(): Promise<void> {
    if (this.#closing) return this.#closing.promise.then(() => this.connect());
    if (this.#state === 'open') return Promise.resolve();
    if (this.#opening) return this.#opening.promise;
    const opening = (this.#opening = deferred<undefined>());
    try {
      this.#slot.take(this.#apiKey);
      this.#want(true);
      this.#send({ type: 'connect' });
    } catch (error) {
      this.#opening = undefined;
      opening.reject(error);
    }
    return opening.promise;
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing.promise;
    if (this.#state === 'closed' && !this.#isWanted) return Promise.resolve();
    this.#closing = deferred();
    const { promise } = this.#closing;
    this.#isWanted = false;
    if (this.#send({ type: 'close' })) {
      // A worker that hangs says nothing more; its owner ends it.
      this.#closeDeadline.set(CLOSE_MS, () => {
        this.closed();
      });
    } else this.closed();
    return promise;
  }

  assign(modes: ReadonlyMap<number, Mode>): void {
    this.#subscriptions.assign(modes);
    this.#send({ type: 'assign', modes });
  }

  unsubscribe(tokens: readonly number[]): void {
    this.#subscriptions.unsubscribe(tokens);
    this.#send({ type: 'unsubscribe', tokens });
  }

  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    const key = apiKey ?? this.#apiKey;
    const isRevived = this.#state === 'failed';
    if (isRevived || this.#slot.isHeld) this.#slot.take(key);
    this.#apiKey = key;
    this.#accessToken = accessToken;
    if (isRevived) this.#want(true);
    this.#send({ type: 'credentials', apiKey: key, accessToken: this.#plainToken() });
  }

  /** Asks the token provider for the worker. */
  answer(request: number): void {
    const source = this.#accessToken;
    Promise.resolve()
      .then(() => (typeof source === 'string' ? source : source()))
      .then(
        (token: unknown) => {
          if (typeof token === 'string') this.#givenToken = token;
          // What is no token is refused in the worker; what cannot be cloned must not get so far.
          this.#send({ type: 'token', request, token: isCloneable(token) ? token : null });
        },
        (error: unknown) => {
          // Anything can be rejected with: what has no text, and what cannot be cloned.
          const { message } = safeCause(error, this.secrets());
          this.#send({ type: 'token', request, error: message });
        },
      );
  }

  /** Tells a new worker all that there is to know. */
  restore(): void {
    const { config } = this.#options;
    this.#send({ type: 'open', config, apiKey: this.#apiKey, accessToken: this.#plainToken() });
    if (this.subscriptions.size > 0) this.#send({ type: 'assign', modes: this.subscriptions });
    if (this.#isWanted) this.#send({ type: 'connect' });
  }

  /** The worker is gone; another one comes. */
  crashed(error: KiteError): void {
    if (this.#flowedAt !== undefined) this.#crashReason ??= error.message;
    if (this.#closing) this.closed();
    else if (this.#isWanted) this.#entered('waiting', error);
  }

  /** It is closed, and there is no worker that could say so. */
  closed(): void {
    this.#entered('closed', undefined);
  }

  /** Something went wrong that ends nothing. */
  issue(error: KiteError): void {
    this.#listener.issue(error);
  }

  /** From the ring. */
  record(type: RecordType, at: number, bytes: Uint8Array): void {
    switch (type) {
      case RecordType.Binary:
        this.#flowedAt = at;
        this.#listener.binary(bytes, at);
        break;
      case RecordType.Text:
        this.#flowedAt = at;
        this.#listener.text(decodeText(bytes), at);
        break;
      case RecordType.State:
        this.#reported(decodeReport(RecordType.State, bytes), at);
        break;
      case RecordType.Gap:
        this.#listener.gap(decodeReport(RecordType.Gap, bytes));
        break;
      case RecordType.Lag:
        this.#listener.lagged(decodeReport(RecordType.Lag, bytes));
        break;
    }
  }

  #reported({ state, error }: Reports[typeof RecordType.State], at: number): void {
    // It was revived by credentials before its failure was known here.
    if (state === 'connecting' && !this.isWanted) this.#revived();
    this.#entered(state, error && fromPlainKiteError(error));
    if (state === 'open') this.#opened(at);
  }

  #entered(state: TickerState, error: KiteError | undefined): void {
    this.#state = state;
    // At rest before the listener hears of it, for the listener may want to connect again.
    if (state === 'failed') this.#settle(error);
    if (state === 'closed') this.#closed();
    this.#listener.state(state, error);
  }

  #closed(): void {
    this.#flowedAt = undefined;
    this.#crashReason = undefined;
    this.#settle(new KiteError('KITE_CONNECTION_CLOSED', 'the connection was closed before it opened'));
    this.#closeDeadline.clear();
    this.#closing?.resolve(undefined);
    this.#closing = undefined;
    this.#home.wantedChanged();
  }

  #opened(at: number): void {
    if (this.#crashReason !== undefined && this.#flowedAt !== undefined)
      this.#listener.gap({
        from: this.#flowedAt,
        to: Math.max(at, this.#flowedAt),
        reason: this.#crashReason,
      });
    this.#crashReason = undefined;
    this.#flowedAt = at;
    this.#opening?.resolve(undefined);
    this.#opening = undefined;
  }

  /** Nothing more will happen by itself. */
  #settle(error: KiteError | undefined): void {
    this.#slot.release();
    this.#want(false);
    this.#opening?.reject(error);
    this.#opening = undefined;
  }

  #revived(): void {
    try {
      this.#slot.take(this.#apiKey);
      this.#want(true);
    } catch {
      // Somebody else has taken the slot in between.
      void this.close();
    }
  }

  #want(isWanted: boolean): void {
    this.#isWanted = isWanted;
    this.#home.wantedChanged();
  }

  #send(command: LinkCommand): boolean {
    return this.#home.send(this.number, command);
  }

  #plainToken(): PlainAccessToken {
    return typeof this.#accessToken === 'string' ? this.#accessToken : null;
  }
}

function isCloneable(value: unknown): boolean {
  return typeof value !== 'function' && typeof value !== 'symbol' && typeof value !== 'object';
}
