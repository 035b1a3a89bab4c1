import { Deadline, redacted, safeCause } from '@kite/kit';
import { type Clock, isKiteError, KiteError, type KiteErrorCode } from '@kite/protocol';

import type { Credentials, Grant } from './credentials.js';
import type { Endpoint } from './endpoint.js';
import { networkOf, type NetworkOptions } from './network.js';
import { readRefusal } from './refusal.js';
import type { AttemptEnd } from './retry.js';
import { silenceLimit } from './status.js';
import type { SocketEnd, SocketListener, Transport, TransportSocket } from './transport.js';
import { Watchdog, type WatchdogOwner } from './watchdog.js';

/** What an attempt needs. */
export interface AttemptOptions extends NetworkOptions {
  /** Where to dial. */
  endpoint: Endpoint;
  /** Time limit for the token, and again for the handshake, in milliseconds. */
  connectionTimeoutMs: number;
  /** An open socket that receives nothing for this long, in milliseconds, is ended. */
  heartbeatLivenessThresholdMs: number;
  /** A token that got 403 is not dialled with again before this long, in milliseconds. */
  unauthorizedRetryDelayMs: number;
  /** A larger message ends the socket. */
  maxPayloadBytes: number;
  /** For all of its timers. */
  clock: Clock;
  /** Where its socket comes from. */
  transport: Transport;
}

/** What an attempt reports to. */
export interface AttemptOwner {
  opened(): void;
  binary(bytes: Uint8Array): void;
  text(text: string): void;
  pong(): void;
  /** The open socket fell silent, or something arrives again. */
  silent(isSilent: boolean): void;
  /** At most once, and the last call; never after {@link Attempt.abandon}. */
  ended(end: AttemptEnd): void;
}

const HEADERS = { 'X-Kite-Version': '3', 'User-Agent': 'kite-connection' };

/** The close code if the peer sent none. */
const NO_GOODBYE = 1006;

/** What is left of a handshake once the server has begun to refuse it: the body is read for a second at most. */
const REFUSAL_TIMEOUT_MS = 2000;

/** `close()` of a connection takes at most two seconds: give up on a peer that does not answer in one. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * One try: token, handshake, frames, end. Owns its socket and its timers, and calls its owner no more once it is over,
 * so that late callbacks of an old socket go nowhere.
 */
export class Attempt implements SocketListener, WatchdogOwner {
  readonly #owner: AttemptOwner;
  readonly #options: AttemptOptions;
  readonly #credentials: Credentials;
  readonly #deadline: Deadline;
  readonly #watchdog: Watchdog;
  #grant: Grant | undefined;
  #socket: TransportSocket | undefined;
  #isOpen = false;
  #isOver = false;

  constructor(owner: AttemptOwner, options: AttemptOptions, credentials: Credentials) {
    const { clock, heartbeatLivenessThresholdMs } = options;
    this.#owner = owner;
    this.#options = options;
    this.#credentials = credentials;
    this.#deadline = new Deadline(clock);
    const silentMs = silenceLimit(heartbeatLivenessThresholdMs);
    this.#watchdog = new Watchdog({ clock, silentMs, thresholdMs: heartbeatLivenessThresholdMs }, this);
  }

  /** Asks for the token, then dials. */
  start(): void {
    const { connectionTimeoutMs } = this.#options;
    this.#deadline.set(connectionTimeoutMs, () => {
      this.#credentials.gaveUp();
      this.#fail(
        'KITE_CONNECTION_TOKEN_TIMEOUT',
        `the token provider gave no answer in ${connectionTimeoutMs} ms`,
      );
    });
    this.#credentials.grant().then(
      (grant) => {
        this.#dial(grant);
      },
      (cause: unknown) => {
        if (isKiteError(cause, 'KITE_CONNECTION_TOKEN_FAILED')) {
          this.#failWith(cause);
          return;
        }
        const error = safeCause(cause, this.#secrets());
        this.#fail('KITE_CONNECTION_TOKEN_FAILED', `the token provider failed: ${error.message}`, error);
      },
    );
  }

  /** Whether it has ended or was given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  send(text: string): void {
    this.#use('send', (socket) => {
      socket.send(text);
    });
  }

  ping(): void {
    this.#use('ping', (socket) => {
      socket.ping();
    });
  }

  /** Closes politely; ends by itself if the peer does not answer. */
  close(): void {
    this.#isOpen = false;
    this.#watchdog.stop();
    this.#deadline.set(CLOSE_TIMEOUT_MS, () => {
      this.#fail('KITE_CONNECTION_LOST', 'the peer did not answer the close frame');
    });
    this.#use('close', (socket) => {
      socket.close();
    });
  }

  /** Ends at once, without telling the owner. */
  abandon(): void {
    this.#isOver = true;
    this.#isOpen = false;
    this.#deadline.clear();
    this.#watchdog.stop();
    try {
      this.#socket?.terminate();
    } catch {
      // It is let go all the same, and what it says is ignored.
    }
  }

  opened(): void {
    if (this.#isOver) return;
    this.#deadline.clear();
    this.#isOpen = true;
    this.#watchdog.start();
    this.#owner.opened();
  }

  binary(bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#watchdog.alive();
    this.#owner.binary(bytes);
  }

  text(text: string): void {
    if (!this.#isOpen) return;
    this.#watchdog.alive();
    this.#owner.text(text);
  }

  alive(): void {
    if (this.#isOpen) this.#watchdog.alive();
  }

  pong(): void {
    if (!this.#isOpen) return;
    this.#watchdog.alive();
    this.#owner.pong();
  }

  refusing(): void {
    if (!this.#isOver && !this.#isOpen) this.#limitHandshake(REFUSAL_TIMEOUT_MS);
  }

  fellSilent(): void {
    this.#owner.silent(true);
  }

  spoke(): void {
    this.#owner.silent(false);
  }

  gone(): void {
    const { heartbeatLivenessThresholdMs } = this.#options;
    this.#fail('KITE_CONNECTION_SILENT', `no frame of any kind for ${heartbeatLivenessThresholdMs} ms`);
  }

  ended(end: SocketEnd): void {
    if (!this.#isOver) this.#end(end.kind === 'refused' ? this.#refused(end) : this.#lost(end));
  }

  #dial(grant: Grant): void {
    if (this.#isOver) return;
    const { endpoint, transport, clock, connectionTimeoutMs, unauthorizedRetryDelayMs, maxPayloadBytes } =
      this.#options;
    this.#grant = grant;
    const rejectedAgoMs = this.#credentials.rejectedAgoMs(grant, clock.monotonic());
    // Timers may be early by a fraction of a millisecond.
    if (rejectedAgoMs !== undefined && rejectedAgoMs + 1 < unauthorizedRetryDelayMs) {
      const message = 'the token provider still gives the access token that the server refused';
      const error = new KiteError('KITE_CONNECTION_TOKEN_UNCHANGED', message);
      this.#end({ outcome: 'token-unchanged', error, rejectedAgoMs });
      return;
    }
    this.#limitHandshake(connectionTimeoutMs);
    const url = endpoint.withCredentials(grant.apiKey, grant.accessToken);
    const network = networkOf(this.#options);
    try {
      const request = { url, headers: HEADERS, maxPayloadBytes, ...(network && { network }) };
      this.#socket = transport.open(request, this);
    } catch (cause) {
      const error = safeCause(cause, this.#secrets());
      this.#fail('KITE_CONNECTION_LOST', `the transport could not dial: ${error.message}`, error);
    }
  }

  #limitHandshake(limitMs: number): void {
    const { connectionTimeoutMs } = this.#options;
    this.#deadline.set(limitMs, () => {
      this.#fail('KITE_CONNECTION_HANDSHAKE_TIMEOUT', `no connection within ${connectionTimeoutMs} ms`);
    });
  }

  /** A transport of the caller's may throw: the attempt has failed then. */
  #use(what: string, act: (socket: TransportSocket) => void): void {
    if (this.#isOver || !this.#socket) return;
    try {
      act(this.#socket);
    } catch (cause) {
      const error = safeCause(cause, this.#secrets());
      this.#fail('KITE_CONNECTION_LOST', `the transport could not ${what}: ${error.message}`, error);
    }
  }

  #refused(end: SocketEnd & { kind: 'refused' }): AttemptEnd {
    const { refuses, error } = readRefusal(end, this.#secrets());
    switch (refuses) {
      case 'credentials':
        if (this.#grant) this.#credentials.rejected(this.#grant, this.#options.clock.monotonic());
        return { outcome: this.#credentials.isFixed ? 'rejected' : 'rejected-renewable', error };
      case 'connection': {
        const { retryAfterMs } = end;
        return { outcome: 'rate-limited', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      }
      case 'request':
        return { outcome: 'bad-request', error };
      case 'anything':
        return { outcome: 'lost', error };
    }
  }

  #lost({ code, reason, error }: SocketEnd & { kind: 'closed' }): AttemptEnd {
    if (isKiteError(error, 'KITE_CONNECTION_PROXY_FAILED')) return { outcome: 'lost', error };
    const cause = error && safeCause(error, this.#secrets());
    const what = this.#socket && this.#isOpen ? 'the connection ended' : 'no connection';
    const why = cause?.message ?? `close code ${code}${reason && ` (${redacted(reason, this.#secrets())})`}`;
    const fields = { closeCode: code, ...(cause && { cause }) };
    return {
      outcome: code === NO_GOODBYE ? 'lost-uncleanly' : 'lost',
      error: new KiteError('KITE_CONNECTION_LOST', `${what}: ${why}`, fields),
    };
  }

  #fail(code: KiteErrorCode, message: string, cause?: Error): void {
    this.#failWith(new KiteError(code, message, cause && { cause }));
  }

  #failWith(error: KiteError): void {
    if (!this.#isOver) this.#end({ outcome: 'lost-uncleanly', error });
  }

  #end(end: AttemptEnd): void {
    this.abandon();
    this.#owner.ended(end);
  }

  #secrets(): string[] {
    const { secrets } = this.#credentials;
    return this.#grant ? [this.#grant.accessToken, this.#grant.apiKey, ...secrets] : secrets;
  }
}
