import { counted } from '@kite/kit';
import {
  KiteError,
  type KiteErrorCode,
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
export class Subscriptions {
  readonly #modes = new Map<number, Mode>();

  /** Token to mode, in the order of subscription. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes;
  }

  /**
   * Streams these instruments in these modes, all or none: those that are subscribed change to theirs.
   *
   * @throws KiteError `KITE_CONNECTION_CAPACITY`
   */
  assign(modes: ReadonlyMap<number, Mode>): string[] {
    const requests = requestsFor(modes, this.#modes);
    this.#assertRoom(modes);
    for (const [token, mode] of modes) this.#modes.set(token, mode);
    return requests;
  }

  /**
   * {@link assign} with one mode.
   *
   * @param mode for all of them; without it, those that are subscribed keep theirs and the others get `defaultMode`
   * @throws KiteError `KITE_CONNECTION_CAPACITY`
   */
  subscribe(tokens: readonly number[], mode: Mode | undefined, defaultMode: Mode): string[] {
    return this.assign(
      new Map(tokens.map((token) => [token, mode ?? this.#modes.get(token) ?? defaultMode])),
    );
  }

  /** Removes tokens; those that are not subscribed are ignored. */
  unsubscribe(tokens: readonly number[]): string[] {
    return unsubscribeRequests(tokens.filter((token) => this.#modes.delete(token)));
  }

  /** @throws KiteError `KITE_CONNECTION_NOT_SUBSCRIBED` with the `tokens` that are not, and then nothing has changed */
  changeMode(tokens: readonly number[], mode: Mode): string[] {
    const unknown = tokens.filter((token) => !this.#modes.has(token));
    if (unknown.length > 0) throw notSubscribed('KITE_CONNECTION_NOT_SUBSCRIBED', unknown);
    return this.assign(new Map(tokens.map((token) => [token, mode])));
  }

  /** The requests for a new socket. */
  replay(): string[] {
    return requestsFor(this.#modes, new Map());
  }

  #assertRoom(modes: ReadonlyMap<number, Mode>): void {
    let requested = 0;
    for (const token of modes.keys()) if (!this.#modes.has(token)) requested++;
    const available = MAX_INSTRUMENTS_PER_CONNECTION - this.#modes.size;
    if (requested <= available) return;
    throw new KiteError(
      'KITE_CONNECTION_CAPACITY',
      `${counted(requested, 'more instrument does', 'more instruments do')} not fit: one connection streams ${MAX_INSTRUMENTS_PER_CONNECTION}, ${counted(available, 'is', 'are')} free`,
      { requested, available },
    );
  }
}

/**
 * One subscribe for what the server does not stream yet, and one mode request for each mode that instruments have to
 * change to. A new one starts in the server's default mode, which needs no request.
 */
function requestsFor(wanted: ReadonlyMap<number, Mode>, current: ReadonlyMap<number, Mode>): string[] {
  const added: number[] = [];
  const moved: Record<Mode, number[]> = { ltp: [], quote: [], full: [] };
  for (const [token, mode] of wanted) {
    if (!current.has(token)) added.push(token);
    if (mode !== (current.get(token) ?? SERVER_DEFAULT_MODE)) moved[mode].push(token);
  }
  return [
    ...subscribeRequests(added),
    ...Object.values(Mode).flatMap((mode) => modeRequests(mode, moved[mode])),
  ];
}

/**
 * The error of each layer, under its own code, for a change of instruments that are not subscribed.
 */
export function notSubscribed(code: KiteErrorCode, tokens: readonly number[]): KiteError {
  const shown = tokens.slice(0, 10).join(', ') + (tokens.length > 10 ? `, … (${tokens.length} in all)` : '');
  return new KiteError(code, `not subscribed: ${shown}`, { field: 'tokens', tokens });
}
