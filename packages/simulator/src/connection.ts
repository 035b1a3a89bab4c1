import type { Mode } from '@kite/protocol';

import type { ClientRequest } from './server/client-request.js';
import type { Session, SessionCounters } from './server/session.js';

/** A request as it is remembered. */
export interface LoggedRequest {
  /** Unix milliseconds. */
  readonly at: number;
  /** Of the connection that it came from. */
  readonly connectionId: number;
  /** Whose connection that is. */
  readonly apiKey: string;
  /** What it asks for, as it was understood. */
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

  /** What the client connected with. */
  get apiKey(): string {
    return this.#session.account.apiKey;
  }

  /** Whose orders it is told. */
  get userId(): string {
    return this.#session.account.userId;
  }

  /** Unix milliseconds. */
  get openedAt(): number {
    return this.#session.openedAt;
  }

  /** What is subscribed, and in which mode: live, and left as it was when the connection closed. */
  get book(): ReadonlyMap<number, Mode> {
    return this.#session.book;
  }

  /** What the client asked for so far, oldest first. */
  get requests(): readonly ClientRequest[] {
    return this.#requests()
      .filter(({ connectionId }) => connectionId === this.id)
      .map(({ request }) => request);
  }

  /** What has been counted so far, as it is now. */
  get counters(): Readonly<SessionCounters> {
    return { ...this.#session.counters };
  }

  /** Plain, and safe for `JSON.stringify`. */
  toJSON(): Record<string, unknown> {
    const { id, apiKey, userId, openedAt, counters } = this;
    return { id, apiKey, userId, openedAt, subscribed: this.book.size, counters };
  }
}
