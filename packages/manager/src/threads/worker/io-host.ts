import type { AccessToken, RandomSource, Transport } from '@kite/connection';
import type { Clock, Gap, KiteError, TickerState } from '@kite/protocol';

import { Connection, type ConnectionListener, Endpoint, uncountedSlots } from '../../connection-parts.js';
import type { Command, PlainAccessToken, WorkerMessage } from '../wire/messages.js';
import type { Outbox } from './outbox.js';
import { RemoteToken } from './remote-token.js';

/** What the host stands on. */
export interface IoHostOptions {
  outbox: Outbox;
  post: (message: WorkerMessage) => void;
  clock: Clock;
  random: RandomSource;
  transport: Transport;
}

/** The worker's side: owns the connections, obeys commands, and puts what arrives into the outbox. */
export class IoHost {
  readonly #options: IoHostOptions;
  readonly #links = new Map<number, HostedLink>();

  constructor(options: IoHostOptions) {
    this.#options = options;
  }

  /** Commands were checked where they were given. */
  handle(command: Command): void {
    if (command.type === 'open') this.#links.set(command.link, new HostedLink(command, this.#options));
    else this.#links.get(command.link)?.handle(command);
  }
}

/** One connection in the worker. */
class HostedLink implements ConnectionListener {
  readonly #link: number;
  readonly #options: IoHostOptions;
  readonly #connection: Connection;
  #token: RemoteToken | undefined;
  #questions = 0;

  constructor(command: Command & { type: 'open' }, options: IoHostOptions) {
    const { link, config, apiKey, accessToken } = command;
    const { clock, random, transport } = options;
    this.#link = link;
    this.#options = options;
    this.#connection = new Connection(
      {
        ...config,
        apiKey,
        accessToken: this.#source(accessToken),
        endpoint: new Endpoint(config.url, config.allowInsecure),
        clock,
        random,
        transport,
        // Counted where the whole process can be seen.
        slots: uncountedSlots,
      },
      this,
    );
  }

  handle(command: Exclude<Command, { type: 'open' }>): void {
    const connection = this.#connection;
    switch (command.type) {
      case 'connect':
        // How it ends is told as a state.
        connection.connect().catch(() => undefined);
        break;
      case 'close':
        void connection.close();
        break;
      case 'assign':
        connection.assign(command.modes);
        break;
      case 'unsubscribe':
        connection.unsubscribe(command.tokens);
        break;
      case 'credentials':
        connection.updateCredentials(command.apiKey, this.#source(command.accessToken));
        break;
      case 'token':
        this.#token?.answered(command);
        break;
    }
  }

  state(state: TickerState, error: KiteError | undefined): void {
    if (state === 'open') this.#token?.opened();
    else if (error?.code === 'KITE_CONNECTION_UNAUTHORIZED') this.#token?.refused();
    const { outbox, clock } = this.#options;
    outbox.state(this.#link, clock.now(), state, error);
  }

  gap(gap: Gap): void {
    this.#options.outbox.gap(this.#link, gap.to, gap);
  }

  binary(bytes: Uint8Array, receivedAt: number): void {
    this.#options.outbox.binary(this.#link, receivedAt, bytes);
  }

  text(text: string, receivedAt: number): void {
    this.#options.outbox.text(this.#link, receivedAt, text);
  }

  #source(accessToken: PlainAccessToken): AccessToken {
    this.#token?.replaced();
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
