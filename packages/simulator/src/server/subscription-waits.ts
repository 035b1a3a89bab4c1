import { type Clock, KiteError, type Mode } from '@kite/protocol';

import type { Session } from './session.js';

interface Wait {
  readonly token: number;
  readonly mode: Mode | undefined;
  readonly timer: unknown;
  resolve(session: Session): void;
  reject(error: KiteError): void;
}

/** Callers that wait for a subscription. */
export class SubscriptionWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves with the first session that has the instrument, in this mode if one is given, now or within the time.
   *
   * @throws KiteError `KITE_SIMULATOR_NOT_SUBSCRIBED`, `KITE_SIMULATOR_STOPPED`
   */
  wait(
    sessions: Iterable<Session>,
    token: number,
    mode: Mode | undefined,
    timeoutMs: number,
  ): Promise<Session> {
    for (const session of sessions) if (has(session, token, mode)) return Promise.resolve(session);
    return new Promise((resolve, reject) => {
      const expire = () => this.#settle(wait, () => wait.reject(notSubscribed(token, mode, timeoutMs)));
      const timer = timeoutMs === Infinity ? undefined : this.#clock.setTimeout(expire, timeoutMs);
      const wait: Wait = { token, mode, timer, resolve, reject };
      this.#waits.add(wait);
    });
  }

  /** Call it when a session's subscriptions have changed. */
  look(session: Session): void {
    for (const wait of [...this.#waits])
      if (has(session, wait.token, wait.mode)) this.#settle(wait, () => wait.resolve(session));
  }

  stop(): void {
    for (const wait of [...this.#waits])
      this.#settle(wait, () =>
        wait.reject(
          new KiteError(
            'KITE_SIMULATOR_STOPPED',
            `the simulator was stopped before ${wait.token} was subscribed`,
          ),
        ),
      );
  }

  #settle(wait: Wait, settle: () => void): void {
    this.#waits.delete(wait);
    this.#clock.clearTimeout(wait.timer);
    settle();
  }
}

function has(session: Session, token: number, mode: Mode | undefined): boolean {
  const now = session.book.get(token);
  return now !== undefined && (mode === undefined || now === mode);
}

function notSubscribed(token: number, mode: Mode | undefined, timeoutMs: number): KiteError {
  const what = mode === undefined ? `${token}` : `${token} in mode ${mode}`;
  return new KiteError(
    'KITE_SIMULATOR_NOT_SUBSCRIBED',
    `nobody has subscribed to ${what} within ${timeoutMs} ms`,
  );
}
