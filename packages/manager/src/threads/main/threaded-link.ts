import { Deadline, safeCause, textOf } from '@kite/kit';
import { type Clock, KiteError, type Mode, type TickerState } from '@kite/protocol';

import type { Link, SourceStatus, Wanted } from '../../connection-parts.js';
import type { LinkListener } from '../../link.js';
import type { LinkCommand, PlainConnectionConfig } from '../wire/messages.js';
import { packModes } from '../wire/packed-modes.js';
import { decodeReport, decodeText, fromPlainKiteError, type Reports } from '../wire/reports.js';
import { RecordType } from '../wire/ring-memory.js';
import type { RecordTarget } from './ring-reader.js';

/** A worker closes a connection within a second, the peer's time to agree. One that has not by then hangs. */
const CLOSE_MS = 1600;

/** Where a link lives. */
export interface LinkHome {
  readonly clock: Clock;
  /** The worker shows no sign of life: nothing arrives, whatever it last reported. */
  readonly isHanging: boolean;
  /** False: there is no worker at the moment; {@link ThreadedLink.restore} will tell a new one everything. */
  send(link: number, command: LinkCommand): boolean;
  /** {@link ThreadedLink.isWanted} may have changed. */
  wantedChanged(): void;
}

/**
 * A connection in the I/O worker, as this thread sees it: the wanted state is posted to the worker, and reports come
 * through the ring, in order.
 */
export class ThreadedLink implements Link, RecordTarget {
  readonly number: number;
  readonly #home: LinkHome;
  readonly #config: PlainConnectionConfig;
  readonly #listener: LinkListener;
  readonly #closeDeadline: Deadline;
  #wanted: Wanted | undefined;
  /** The current worker knows this connection. */
  #isKnown = false;
  /** The instruments that the current worker was told. */
  #toldModes: ReadonlyMap<number, Mode> | undefined;
  /** The worker was told to close it, and has not confirmed. */
  #isClosing = false;
  /** The last token from the provider. */
  #givenToken: string | undefined;
  #state: TickerState = 'idle';
  /** The last status from the worker. */
  #saidStatus: SourceStatus = 'down';
  /** The last status that the listener was told. */
  #toldStatus: SourceStatus = 'down';
  #dialled: number | undefined;

  constructor(number: number, config: PlainConnectionConfig, listener: LinkListener, home: LinkHome) {
    this.number = number;
    this.#home = home;
    this.#config = config;
    this.#listener = listener;
    this.#closeDeadline = new Deadline(home.clock);
  }

  get state(): TickerState {
    return this.#state;
  }

  get status(): SourceStatus {
    return this.#home.isHanging ? 'down' : this.#saidStatus;
  }

  get dialled(): number | undefined {
    return this.#dialled;
  }

  /** Whether it needs the worker: it then keeps the process alive, and is reopened after a crash. */
  get isWanted(): boolean {
    return this.#isClosing || (this.#wanted?.isOpen === true && !this.#hasFailed);
  }

  /** What must not be shown anywhere. Not a getter, since those can be printed. */
  secrets(): string[] {
    if (!this.#wanted) return [];
    const { apiKey, accessToken } = this.#wanted.credentials;
    const token = typeof accessToken === 'string' ? accessToken : this.#givenToken;
    return token === undefined ? [apiKey] : [token, apiKey];
  }

  want(wanted: Wanted): void {
    const wasWantedOpen = this.#wanted?.isOpen ?? false;
    this.#wanted = wanted;
    if (!wanted.isOpen) this.#close(wasWantedOpen);
    else if (!this.#hasFailed) {
      const isAtRest = this.#state === 'idle' || this.#state === 'closed';
      // The worker reports the same once it gets the command.
      if (this.#tell() && isAtRest) this.#tellStatus('starting', this.#home.clock.now());
    }
    this.#home.wantedChanged();
  }

  /** Asks the token provider for the worker. */
  answer(request: number): void {
    const { isOpen, credentials } = this.#wanted ?? {};
    const source = credentials?.accessToken;
    // It was closed, or got another token: the worker is told that, too.
    if (!isOpen || typeof source !== 'function') return;
    Promise.resolve()
      .then(() => source())
      .then(
        (token: unknown) => {
          if (typeof token === 'string') this.#givenToken = token;
          // The worker refuses what is not a token; what cannot be cloned must not be sent.
          this.#send({ type: 'token', request, token: isCloneable(token) ? token : {} });
        },
        (error: unknown) => {
          // A rejection can be anything: without a text, or not cloneable.
          const { message } = safeCause(error, this.secrets());
          this.#send({ type: 'token', request, error: message });
        },
      );
  }

  /** Tells a new worker the whole wanted state. */
  restore(): void {
    if (this.isWanted) this.#tell();
  }

  /** The worker is gone; another one comes. */
  crashed(error: KiteError): void {
    this.#isKnown = false;
    this.#toldModes = undefined;
    if (this.#isClosing) this.#closed();
    if (this.isWanted) this.#entered('waiting', 'down', this.#home.clock.now(), error);
  }

  /** {@link LinkHome.isHanging} has changed. */
  hangingChanged(): void {
    this.#tellStatus(this.#saidStatus, this.#home.clock.now());
  }

  /** The worker is gone for good. */
  ended(): void {
    if (this.isWanted) this.#closed();
  }

  /** Something went wrong that ends nothing. */
  issue(error: KiteError): void {
    this.#listener.issue(error);
  }

  /** From the ring. */
  record(type: RecordType, at: number, bytes: Uint8Array): void {
    try {
      this.#take(type, at, bytes);
    } catch (cause) {
      const message = `the listener of a connection failed: ${textOf(cause)}`;
      this.issue(new KiteError('KITE_CONNECTION_LISTENER_FAILED', message, { cause }));
    }
  }

  #take(type: RecordType, at: number, bytes: Uint8Array): void {
    switch (type) {
      case RecordType.Binary:
        this.#listener.frame(bytes, at);
        break;
      case RecordType.Text:
        this.#listener.text(decodeText(bytes), at);
        break;
      case RecordType.State:
        this.#reported(decodeReport(RecordType.State, bytes), at);
        break;
      case RecordType.Status:
        this.#tellStatus(decodeReport(RecordType.Status, bytes).status, at);
        break;
      case RecordType.Asked:
        this.#listener.asked(decodeReport(RecordType.Asked, bytes).revision, at);
        break;
      case RecordType.Dropped:
        this.#listener.dropped(decodeReport(RecordType.Dropped, bytes), at);
        break;
      case RecordType.Issue:
        this.#listener.issue(fromPlainKiteError(decodeReport(RecordType.Issue, bytes)));
        break;
    }
  }

  /** It has failed with the wanted credentials: only other ones reopen it. */
  get #hasFailed(): boolean {
    return this.#state === 'failed' && this.#dialled === this.#wanted?.credentials.revision;
  }

  /** Tells the worker the whole wanted state. False: there is no worker. */
  #tell(): boolean {
    if (!this.#wanted) return false;
    if (!this.#isKnown) this.#isKnown = this.#send({ type: 'connection', config: this.#config });
    if (!this.#isKnown) return false;
    const { isOpen, credentials, experience, modes, revision: modesRevision } = this.#wanted;
    const { revision, apiKey, accessToken } = credentials;
    const hasNewModes = !isSame(modes, this.#toldModes);
    if (hasNewModes) this.#toldModes = new Map(modes);
    return this.#send({
      type: 'want',
      isOpen,
      credentials: { revision, apiKey, accessToken: typeof accessToken === 'string' ? accessToken : null },
      revision: modesRevision,
      experience,
      ...(hasNewModes && { modes: packModes(modes) }),
    });
  }

  #close(wasWantedOpen: boolean): void {
    if (!wasWantedOpen && (this.#state === 'closed' || this.#isClosing)) return;
    if (!this.#isKnown || !this.#tell()) {
      this.#closed();
      return;
    }
    this.#isClosing = true;
    // A worker that hangs never confirms; its owner ends it.
    this.#closeDeadline.set(CLOSE_MS, () => {
      this.#closed();
    });
  }

  #reported(
    { state, status, dialled, error, retryInMs }: Reports[typeof RecordType.State],
    at: number,
  ): void {
    this.#dialled = dialled;
    const cause = error && fromPlainKiteError(error);
    const isOutdated =
      state === 'failed' && this.#wanted?.isOpen && dialled !== this.#wanted.credentials.revision;
    // It has failed with earlier credentials, and goes on once it gets the wanted ones.
    if (isOutdated) this.#entered('waiting', status, at, cause, 0);
    else this.#entered(state, status, at, cause, retryInMs);
  }

  /** It is closed, with no worker to report it. */
  #closed(): void {
    this.#entered('closed', 'down', this.#home.clock.now());
  }

  #entered(
    state: TickerState,
    status: SourceStatus,
    at: number,
    error?: KiteError,
    retryInMs?: number,
  ): void {
    const hasNewStatus = this.#hasNewStatus(status);
    this.#state = state;
    if (state === 'closed') {
      this.#isClosing = false;
      this.#closeDeadline.clear();
    }
    if (state === 'closed' || state === 'failed') this.#home.wantedChanged();
    this.#listener.state(state, at, error, retryInMs);
    if (hasNewStatus) this.#listener.status(this.#toldStatus, at);
  }

  #tellStatus(said: SourceStatus, at: number): void {
    if (this.#hasNewStatus(said)) this.#listener.status(this.#toldStatus, at);
  }

  #hasNewStatus(said: SourceStatus): boolean {
    const before = this.#toldStatus;
    this.#saidStatus = said;
    this.#toldStatus = this.status;
    return this.#toldStatus !== before;
  }

  #send(command: LinkCommand): boolean {
    return this.#home.send(this.number, command);
  }
}

function isSame(modes: ReadonlyMap<number, Mode>, told: ReadonlyMap<number, Mode> | undefined): boolean {
  if (told?.size !== modes.size) return false;
  for (const [token, mode] of modes) if (told.get(token) !== mode) return false;
  return true;
}

function isCloneable(value: unknown): boolean {
  return value === null || !['function', 'symbol', 'object'].includes(typeof value);
}
