import { type Deferred, deferred, Timer } from '@kite/kit';
import { type Gap, KiteError, type Mode, type TickerState } from '@kite/protocol';

import { systemClock } from '../clock.js';
import type { RandomSource } from '../random.js';
import { Attempt, type AttemptOptions } from './attempt.js';
import type { ConnectionSlots } from './connection-slots.js';
import { type AccessToken, Credentials } from './credentials.js';
import {
  INITIAL_STATE,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from './machine.js';
import { SlotHolder } from './slot-holder.js';
import { Subscriptions } from './subscriptions.js';

/** Everything that a connection needs; checked by whoever makes it. */
export interface ConnectionOptions extends AttemptOptions, MachinePolicy {
  /** It goes into the URL. */
  apiKey: string;
  /** The day's token, or who is asked for it before each attempt. */
  accessToken: AccessToken;
  /** Of an instrument that is subscribed without one. */
  defaultMode: Mode;
  /** For the jitter of the delays. */
  random: RandomSource;
  /** Who counts the connections of an API key. */
  slots: ConnectionSlots;
}

/** Whom a connection tells: in the order of the wire, synchronously. */
export interface ConnectionListener {
  /** A new state; `error` says why, in `waiting` and `failed`. */
  state(state: TickerState, error: KiteError | undefined): void;
  /** After every reconnect, before the first new frame. */
  gap(gap: Gap): void;
  /** A binary message as it came, heartbeats included; `receivedAt` in Unix milliseconds. */
  binary(bytes: Uint8Array, receivedAt: number): void;
  /** A text message as it came; `receivedAt` in Unix milliseconds. */
  text(text: string, receivedAt: number): void;
}

/**
 * One socket, kept alive: runs the machine, replays the subscriptions on every connect, and tells a listener what arrives.
 * Decodes nothing.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #credentials: Credentials;
  readonly #subscriptions = new Subscriptions();
  readonly #slot: SlotHolder;
  readonly #retry: Timer;
  readonly #settling: Timer;
  readonly #events: MachineEvent[] = [];
  #isDispatching = false;
  #state: MachineState = INITIAL_STATE;
  #attempt: Attempt | undefined;
  #opening: Deferred<undefined> | undefined;
  #closing: Deferred<undefined> | undefined;
  #ping: { sentAt: number; answer: Deferred<number> } | undefined;
  #closesWanted = 0;
  #hasDelivered = false;
  /** When data was last known to flow; undefined until the first open since `connect()`. */
  #flowedAt: number | undefined;
  /** The time of this turn of the event loop; undefined until something arrives in it. */
  #turnAt: number | undefined;
  readonly #endTurn = (): void => {
    this.#turnAt = undefined;
  };
  #lossReason = '';

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#credentials = new Credentials(options.apiKey, options.accessToken);
    this.#slot = new SlotHolder(options.slots, options.endpoint.origin);
    this.#retry = new Timer(options.clock);
    this.#settling = new Timer(options.clock);
  }

  /** Where it is in its life. */
  get state(): TickerState {
    return this.#state.name;
  }

  /** Token to mode: the desired state, whether connected or not. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#subscriptions.modes;
  }

  /** Resolves at the first open; see `KiteTicker.connect`. */
  connect(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(aborted(signal));
    switch (this.#state.name) {
      case 'open':
        return Promise.resolve();
      case 'closing':
        return this.#connectOnceClosed(signal);
      default:
        return this.#connect(signal);
    }
  }

  /** Resolves once the socket is gone, in two seconds at most. Idempotent. Whatever connect was called before it comes to nothing. */
  close(): Promise<void> {
    this.#closesWanted++;
    if (this.#state.name === 'closed') return Promise.resolve();
    this.#closing ??= deferred<undefined>();
    const { promise } = this.#closing;
    this.#dispatch({ type: 'close' });
    return promise;
  }

  /** Streams these instruments in these modes; see `Subscriptions.assign`. */
  assign(modes: ReadonlyMap<number, Mode>): void {
    this.#send(this.#subscriptions.assign(modes));
  }

  /** See `KiteTicker.subscribe`; the tokens have been checked. */
  subscribe(tokens: readonly number[], mode?: Mode): void {
    this.#send(this.#subscriptions.subscribe(tokens, mode, this.#options.defaultMode));
  }

  /** See `KiteTicker.unsubscribe`; the tokens have been checked. */
  unsubscribe(tokens: readonly number[]): void {
    this.#send(this.#subscriptions.unsubscribe(tokens));
  }

  /** @throws KiteError `KITE_CONNECTION_NOT_SUBSCRIBED`; see `KiteTicker.changeMode` */
  changeMode(tokens: readonly number[], mode: Mode): void {
    this.#send(this.#subscriptions.changeMode(tokens, mode));
  }

  /** The round-trip time of a WebSocket ping, in milliseconds. One is under way at a time: a peer may answer several at once. */
  ping(): Promise<number> {
    if (this.#state.name !== 'open') return Promise.reject(notOpen());
    if (!this.#ping) {
      this.#ping = { sentAt: this.#options.clock.monotonic(), answer: deferred<number>() };
      this.#attempt?.ping();
    }
    return this.#ping.answer.promise;
  }

  /** Used from the next attempt on; revives a failed connection. */
  updateCredentials(apiKey: string | undefined, accessToken: AccessToken): void {
    const key = apiKey ?? this.#credentials.apiKey;
    if (this.#state.name === 'failed' || this.#slot.isHeld) this.#slot.take(key);
    this.#credentials.update(key, accessToken);
    this.#dispatch({ type: 'credentials', chance: this.#options.random() });
  }

  async #connectOnceClosed(signal: AbortSignal | undefined): Promise<void> {
    const closesWanted = this.#closesWanted;
    await this.#closing?.promise;
    // The last word counts.
    if (closesWanted !== this.#closesWanted) throw closedEarly();
    await this.connect(signal);
  }

  #connect(signal: AbortSignal | undefined): Promise<void> {
    this.#opening ??= deferred<undefined>();
    const opening = this.#opening;
    if (signal) this.#abortOn(signal, opening);
    try {
      this.#slot.take(this.#credentials.apiKey);
      this.#dispatch({ type: 'connect' });
    } catch (error) {
      this.#opening = undefined;
      opening.reject(error);
    }
    return opening.promise;
  }

  #abortOn(signal: AbortSignal, opening: Deferred<undefined>): void {
    const abort = (): void => {
      // What is settled can be aborted no longer: the connection has opened, or failed.
      if (this.#opening !== opening) return;
      opening.reject(aborted(signal));
      void this.close();
    };
    signal.addEventListener('abort', abort, { once: true });
    const forget = (): void => {
      signal.removeEventListener('abort', abort);
    };
    opening.promise.then(forget, forget);
  }

  #send(requests: readonly string[]): void {
    if (this.#state.name !== 'open') return;
    for (const request of requests) this.#attempt?.send(request);
  }

  /** One event at a time: what a listener does while one is handled waits for its turn. */
  #dispatch(event: MachineEvent): void {
    this.#events.push(event);
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#apply(next);
    } finally {
      this.#isDispatching = false;
    }
  }

  #apply(event: MachineEvent): void {
    const before = this.#state.name;
    const { state, effects } = transition(this.#state, event, this.#options);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (state.name !== before) this.#entered(state, before);
  }

  #run(effect: MachineEffect): void {
    switch (effect.type) {
      case 'attempt':
        this.#start(effect.attempt);
        break;
      case 'wait':
        this.#retry.set(effect.delayMs, () => {
          this.#dispatch({ type: 'retry' });
        });
        break;
      case 'stop-waiting':
        this.#retry.clear();
        break;
      case 'abandon':
        this.#attempt?.abandon();
        break;
      case 'close-socket':
        this.#attempt?.close();
        break;
      case 'settle-in':
        this.#settleIn();
        break;
    }
  }

  #start(attempt: number): void {
    this.#hasDelivered = false;
    this.#attempt = new Attempt(
      {
        opened: () => {
          this.#dispatch({ type: 'opened', attempt });
        },
        binary: (bytes) => {
          this.#listener.binary(bytes, this.#received(attempt));
        },
        text: (text) => {
          this.#listener.text(text, this.#received(attempt));
        },
        pong: () => {
          this.#ponged();
        },
        ended: (end) => {
          this.#dispatch({ type: 'ended', attempt, end, chance: this.#options.random() });
        },
      },
      this.#options,
      this.#credentials,
    );
    this.#attempt.start();
  }

  #received(attempt: number): number {
    const now = this.#now();
    this.#flowedAt = now;
    if (!this.#hasDelivered) {
      this.#hasDelivered = true;
      this.#dispatch({ type: 'delivered', attempt });
    }
    return now;
  }

  /**
   * One look at the clock for all that a turn of the event loop brings: a chunk of the socket holds many frames, and a look
   * costs as much as all else about a small one. A clock of the caller's own may run within a turn.
   */
  #now(): number {
    const { clock } = this.#options;
    if (clock !== systemClock) return clock.now();
    if (this.#turnAt === undefined) {
      this.#turnAt = clock.now();
      queueMicrotask(this.#endTurn);
    }
    return this.#turnAt;
  }

  #settleIn(): void {
    const { attempt } = this.#state;
    this.#send(this.#subscriptions.replay());
    this.#settling.set(this.#options.stableAfterMs, () => {
      this.#dispatch({ type: 'up-long-enough', attempt });
    });
  }

  #entered(state: MachineState, before: TickerState): void {
    if (before === 'open') this.#left();
    if (state.name === 'waiting' || state.name === 'failed') this.#lossReason = state.error.message;
    // At rest before the listener hears of it, for the listener may want to connect again.
    if (state.name === 'failed') this.#settle(state.error);
    if (state.name === 'closed') this.#closed();
    this.#listener.state(state.name, 'error' in state ? state.error : undefined);
    if (state.name === 'open') this.#opened();
  }

  #opened(): void {
    const now = this.#options.clock.now();
    if (this.#flowedAt !== undefined)
      this.#listener.gap({
        from: this.#flowedAt,
        to: Math.max(now, this.#flowedAt),
        reason: this.#lossReason,
      });
    this.#flowedAt = now;
    this.#opening?.resolve(undefined);
    this.#opening = undefined;
  }

  #left(): void {
    this.#settling.clear();
    this.#ping?.answer.reject(notOpen());
    this.#ping = undefined;
  }

  #closed(): void {
    this.#flowedAt = undefined;
    this.#settle(closedEarly());
    this.#closing?.resolve(undefined);
    this.#closing = undefined;
  }

  /** Nothing more will happen by itself. */
  #settle(error: KiteError): void {
    this.#attempt = undefined;
    this.#slot.release();
    this.#opening?.reject(error);
    this.#opening = undefined;
  }

  #ponged(): void {
    const ping = this.#ping;
    this.#ping = undefined;
    ping?.answer.resolve(this.#options.clock.monotonic() - ping.sentAt);
  }
}

function aborted(signal: AbortSignal): KiteError {
  return new KiteError('KITE_CONNECTION_ABORTED', 'connect() was aborted', {
    cause: signal.reason as unknown,
  });
}

function closedEarly(): KiteError {
  return new KiteError('KITE_CONNECTION_CLOSED', 'the connection was closed before it opened');
}

function notOpen(): KiteError {
  return new KiteError('KITE_CONNECTION_NOT_OPEN', 'the connection is not open');
}
