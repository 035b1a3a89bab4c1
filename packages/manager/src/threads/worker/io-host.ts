import type { AccessToken, RandomSource, Transport } from '@kite/connection';
import type { Clock, KiteError, Mode, TickerState } from '@kite/protocol';

import {
  Connection,
  Endpoint,
  type SourceListener,
  type SourceStatus,
  type WantedCredentials,
} from '../../connection-parts.js';
import type { Command, PlainAccessToken, PlainWanted, TokenAnswer, WorkerMessage } from '../wire/messages.js';
import { unpackModes } from '../wire/packed-modes.js';
import type { Outbox } from './outbox.js';
import { RemoteToken } from './remote-token.js';

/** What the host needs. */
export interface IoHostOptions {
  outbox: Outbox;
  post: (message: WorkerMessage) => void;
  clock: Clock;
  random: RandomSource;
  transport: Transport;
}

/** The worker's side: owns the connections, keeps them in the wanted state, and puts what arrives into the outbox. */
export class IoHost {
  readonly #options: IoHostOptions;
  readonly #links = new Map<number, HostedLink>();

  constructor(options: IoHostOptions) {
    this.#options = options;
  }

  /** Commands were checked in the thread that gave them. */
  handle(command: Command): void {
    const link = this.#links.get(command.link);
    switch (command.type) {
      case 'connection':
        this.#links.set(command.link, new HostedLink(command, this.#options));
        break;
      case 'want':
        link?.want(command);
        break;
      case 'token':
        link?.answered(command);
        break;
    }
  }
}

/** One connection in the worker. */
class HostedLink implements SourceListener {
  readonly #link: number;
  readonly #options: IoHostOptions;
  readonly #connection: Connection;
  #credentials: WantedCredentials | undefined;
  #modes: ReadonlyMap<number, Mode> = new Map();
  #token: RemoteToken | undefined;
  #questions = 0;
  #toldStatus: SourceStatus = 'down';

  constructor({ link, config }: Command & { type: 'connection' }, options: IoHostOptions) {
    const { clock, random, transport } = options;
    const endpoint = new Endpoint(config.url, config.allowInsecure);
    this.#link = link;
    this.#options = options;
    this.#connection = new Connection({ ...config, endpoint, clock, random, transport }, this);
  }

  want({ credentials, modes, ...wanted }: PlainWanted): void {
    if (modes) this.#modes = unpackModes(modes);
    if (this.#credentials?.revision !== credentials.revision)
      this.#credentials = { ...credentials, accessToken: this.#source(credentials.accessToken) };
    this.#connection.want({ ...wanted, credentials: this.#credentials, modes: this.#modes });
  }

  answered(answer: TokenAnswer): void {
    this.#token?.answered(answer);
  }

  state(state: TickerState, at: number, error: KiteError | undefined, retryInMs: number | undefined): void {
    if (state === 'open') this.#token?.opened();
    else if (state === 'closed') this.#token?.closed();
    else if (error?.code === 'KITE_CONNECTION_UNAUTHORIZED') this.#token?.refused();
    const { status, dialled } = this.#connection;
    this.#toldStatus = status;
    this.#options.outbox.state(this.#link, at, {
      state,
      status,
      ...(dialled !== undefined && { dialled }),
      ...(error && { error }),
      ...(retryInMs !== undefined && { retryInMs }),
    });
  }

  status(status: SourceStatus, at: number): void {
    if (status === this.#toldStatus) return;
    this.#toldStatus = status;
    this.#options.outbox.status(this.#link, at, status);
  }

  frame(bytes: Uint8Array, at: number): void {
    this.#options.outbox.frame(this.#link, at, bytes);
  }

  asked(revision: number, at: number): void {
    this.#options.outbox.asked(this.#link, at, revision);
  }

  text(text: string, at: number): void {
    this.#options.outbox.text(this.#link, at, text);
  }

  dropped(): void {
    // A connection in this thread drops nothing.
  }

  #source(accessToken: PlainAccessToken): AccessToken {
    this.#token = undefined;
    if (accessToken !== null) return accessToken;
    const { clock, post } = this.#options;
    const token = new RemoteToken(clock, () => {
      const request = ++this.#questions;
      post({ type: 'token', link: this.#link, request });
      return request;
    });
    this.#token = token;
    return () => token.next();
  }
}
