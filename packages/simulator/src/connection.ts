import type { Mode } from '@kite/protocol';

import type { ClientRequest } from './server/client-request.js';
import type { Session, SessionCounters } from './server/session.js';

/** A request in the log. */
export interface LoggedRequest {
  /** Unix milliseconds. */
  readonly at: number;
  /** The connection that it came from. */
  readonly connectionId: number;
  /** The api key of that connection. */
  readonly apiKey: string;
  /** The request as the server understood it. */
  readonly request: ClientRequest;
}

/** One connection of a client, as the server sees it. */
export class SimulatedConnection {
  readonly #session: Session;
  readonly #requests: () => readonly LoggedRequest[];

  /** @internal */
  constructor(session: Session, requests: () => readonly LoggedRequest[]) {
    this.#session = session;
    this.#requests = requests;
  }

  /** Unique within the simulator, from 1 in the order of opening. */
  get id(): number {
    return this.#session.id;
  }

  /** The key the client connected with. */
  get apiKey(): string {
    return this.#session.account.apiKey;
  }

  /** The user whose orders it gets. */
  get userId(): string {
    return this.#session.account.userId;
  }

  /** Unix milliseconds. */
  get openedAt(): number {
    return this.#session.openedAt;
  }

  /** Subscribed tokens and their modes: live until the connection closes, then unchanged. */
  get book(): ReadonlyMap<number, Mode> {
    return this.#session.book;
  }

  /** The client's requests so far, oldest first. */
  get requests(): readonly ClientRequest[] {
    return this.#requests()
      .filter(({ connectionId }) => connectionId === this.id)
      .map(({ request }) => request);
  }

  /** A snapshot of the counters. */
  get counters(): Readonly<SessionCounters> {
    return { ...this.#session.counters };
  }

  /** Plain, and safe for `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { id, apiKey, userId, openedAt, counters } = this;
    return { id, apiKey, userId, openedAt, subscribed: this.book.size, counters };
  }
}
