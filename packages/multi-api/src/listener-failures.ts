import type { Clock, KiteError } from '@kite/protocol';

import { listenerFailed } from './parts.js';

/** What listener failures need. */
export interface ListenerFailuresOptions {
  readonly clock: Clock;
  /** Whether anybody listens to `issue`. */
  readonly isHeard: () => boolean;
  /** Reports the error in the stream of this account; without one, in that of the first. */
  readonly report: (error: KiteError, apiKeyId: string | undefined) => void;
  /** Nobody listens to `issue`. */
  readonly onUnheard: (error: KiteError) => void;
}

/** The failures of the listeners over all accounts: reports each, counts them, and remembers them for health. */
export class ListenerFailures {
  readonly #options: ListenerFailuresOptions;
  /** By event, when one of its listeners last failed, by the monotonic clock. */
  readonly #lastAt = new Map<string, number>();
  #count = 0;

  constructor(options: ListenerFailuresOptions) {
    this.#options = options;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** A listener of this event has failed. */
  failed(cause: unknown, type: string, apiKeyId?: string): void {
    const { clock, isHeard, report, onUnheard } = this.#options;
    this.#count++;
    this.#lastAt.set(type, clock.monotonic());
    // A failing listener of issues would receive its own failure, without end.
    if (type === 'issue') return;
    const error = listenerFailed(cause, type);
    report(error, apiKeyId);
    if (!isHeard()) onUnheard(error);
  }

  /** The events with listeners that failed within this time, in milliseconds. */
  within(ms: number): string[] {
    const since = this.#options.clock.monotonic() - ms;
    return [...this.#lastAt].filter(([, at]) => at >= since).map(([type]) => type);
  }
}
