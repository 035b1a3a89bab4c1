import { counted, listed, OwnedMap } from '@kite/kit';
import { KiteError, type KiteErrorCode, MAX_INSTRUMENTS_PER_CONNECTION, type Mode } from '@kite/protocol';

/** What one ticker should stream. Outlives sockets. */
export class Subscriptions {
  readonly #modes = new OwnedMap<number, Mode>();

  /** Token to mode, in the order of subscription. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes.view;
  }

  /**
   * Streams these instruments, all or none.
   *
   * @param mode for all of them; without it, subscribed ones keep theirs and the others get `defaultMode`
   * @throws KiteError `KITE_CONNECTION_CAPACITY`
   */
  subscribe(tokens: readonly number[], mode: Mode | undefined, defaultMode: Mode): void {
    this.#assertRoom(tokens);
    for (const token of tokens) this.#modes.set(token, mode ?? this.#modes.get(token) ?? defaultMode);
  }

  /** Removes tokens; those that are not subscribed are ignored. */
  unsubscribe(tokens: readonly number[]): void {
    for (const token of tokens) this.#modes.delete(token);
  }

  /** @throws KiteError `KITE_CONNECTION_NOT_SUBSCRIBED` with the `tokens` that are not, and then nothing has changed */
  changeMode(tokens: readonly number[], mode: Mode): void {
    const unknown = tokens.filter((token) => !this.#modes.has(token));
    if (unknown.length > 0) throw notSubscribed('KITE_CONNECTION_NOT_SUBSCRIBED', unknown);
    for (const token of tokens) this.#modes.set(token, mode);
  }

  #assertRoom(tokens: readonly number[]): void {
    const requested = new Set(tokens.filter((token) => !this.#modes.has(token))).size;
    const available = MAX_INSTRUMENTS_PER_CONNECTION - this.#modes.size;
    if (requested <= available) return;
    throw new KiteError(
      'KITE_CONNECTION_CAPACITY',
      `${counted(requested, 'more instrument does', 'more instruments do')} not fit: one connection streams ${MAX_INSTRUMENTS_PER_CONNECTION}, ${counted(available, 'is', 'are')} free; three connections of an account stream more (@kite/manager), several accounts more still (@kite/multi-api)`,
      { requested, available },
    );
  }
}

/**
 * The error of each layer, under its own code, for a change of instruments that are not subscribed.
 */
export function notSubscribed(
  code: KiteErrorCode,
  tokens: readonly number[],
  nameOf?: (token: number) => string | undefined,
): KiteError {
  const message = `not subscribed: ${listed(tokens, 10, nameOf)}`;
  return new KiteError(code, message, { field: 'tokens', tokens });
}
