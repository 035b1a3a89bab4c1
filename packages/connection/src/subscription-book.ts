import {
  KiteError,
  MAX_INSTRUMENTS_PER_CONNECTION,
  Mode,
  modeRequests,
  SERVER_DEFAULT_MODE,
  subscribeRequests,
  unsubscribeRequests,
} from '@kite/protocol';

/**
 * What one connection is to stream: the desired state, which outlives sockets.
 *
 * Each change gives the fewest requests that bring an open connection there; {@link replay} gives those for a new one.
 */
export class SubscriptionBook {
  readonly #modes = new Map<number, Mode>();

  /** Token to mode, in the order of subscription. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes;
  }

  /**
   * Adds tokens, all or none.
   *
   * @param mode for all of them; without it, those that are subscribed keep theirs and the others get `defaultMode`
   * @throws KiteError `KITE_CONNECTION_CAPACITY`
   */
  subscribe(tokens: readonly number[], mode: Mode | undefined, defaultMode: Mode): string[] {
    const added = tokens.filter((token) => !this.#modes.has(token));
    this.#assertRoom(added.length);
    const moved: number[] = [];
    for (const token of tokens) {
      const before = this.#modes.get(token);
      const after = mode ?? before ?? defaultMode;
      if (after !== (before ?? SERVER_DEFAULT_MODE)) moved.push(token);
      this.#modes.set(token, after);
    }
    return [...subscribeRequests(added), ...modeRequests(mode ?? defaultMode, moved)];
  }

  /** Removes tokens; those that are not subscribed are ignored. */
  unsubscribe(tokens: readonly number[]): string[] {
    return unsubscribeRequests(tokens.filter((token) => this.#modes.delete(token)));
  }

  /** @throws KiteError `KITE_CONNECTION_NOT_SUBSCRIBED` with the `tokens` that are not, and then nothing has changed */
  changeMode(tokens: readonly number[], mode: Mode): string[] {
    const unknown = tokens.filter((token) => !this.#modes.has(token));
    if (unknown.length > 0) throw notSubscribed(unknown);
    const moved = tokens.filter((token) => this.#modes.get(token) !== mode);
    for (const token of moved) this.#modes.set(token, mode);
    return modeRequests(mode, moved);
  }

  /** The requests for a new socket: one subscribe, and one mode request for each mode that is not the server's default. */
  replay(): string[] {
    const requests = subscribeRequests(this.#modes.keys());
    for (const mode of Object.values(Mode)) {
      if (mode === SERVER_DEFAULT_MODE) continue;
      const tokens = [...this.#modes.keys()].filter((token) => this.#modes.get(token) === mode);
      requests.push(...modeRequests(mode, tokens));
    }
    return requests;
  }

  #assertRoom(requested: number): void {
    const available = MAX_INSTRUMENTS_PER_CONNECTION - this.#modes.size;
    if (requested <= available) return;
    throw new KiteError(
      'KITE_CONNECTION_CAPACITY',
      `${requested} more instruments do not fit: one connection streams ${MAX_INSTRUMENTS_PER_CONNECTION}, ${available} are free`,
      { requested, available },
    );
  }
}

function notSubscribed(tokens: readonly number[]): KiteError {
  const shown = tokens.slice(0, 10).join(', ') + (tokens.length > 10 ? `, … (${tokens.length} in all)` : '');
  return new KiteError('KITE_CONNECTION_NOT_SUBSCRIBED', `not subscribed: ${shown}`, {
    field: 'tokens',
    tokens,
  });
}
