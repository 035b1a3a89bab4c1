import type { SentTick } from '@kite/simulator';

/** A state of an instrument as the server sent it. */
export interface SentState {
  /** Virtual milliseconds, by the server's clock, since the trial began. */
  readonly at: number;
  readonly account: string;
  /** The server's number of the connection. */
  readonly connectionId: number;
  /** Which packet of the connection it was, counted from 0. */
  readonly order: number;
  /** The packet's bytes, as text that can be compared. */
  readonly key: string;
}

/** Everything that the server sent, by instrument, in its order. */
export class SentStates {
  readonly #byToken = new Map<number, SentState[]>();
  readonly #byKey = new Map<string, SentState[]>();

  constructor(sent: readonly SentTick[], beganAt: number, accountOf: (apiKey: string) => string) {
    const counts = new Map<number, number>();
    for (const { at, apiKey, connectionId, instrumentToken, packet, damaged } of sent) {
      if (damaged) continue;
      let states = this.#byToken.get(instrumentToken);
      if (!states) this.#byToken.set(instrumentToken, (states = []));
      const key = keyOf(packet);
      const order = counts.get(connectionId) ?? 0;
      counts.set(connectionId, order + 1);
      const state = { at: at - beganAt, account: accountOf(apiKey), connectionId, order, key };
      states.push(state);
      const same = this.#byKey.get(key);
      if (same) same.push(state);
      else this.#byKey.set(key, [state]);
    }
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly SentState[] {
    return this.#byToken.get(token) ?? [];
  }

  /** Those with these bytes. */
  with(key: string): readonly SentState[] {
    return this.#byKey.get(key) ?? [];
  }
}

/** A packet's bytes as text that can be compared and kept. */
export function keyOf(packet: Uint8Array): string {
  return Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString('latin1');
}

/** The instrument of a packet, by its {@link keyOf}. */
export function tokenOf(key: string): number {
  let token = 0;
  for (let index = 0; index < 4; index++) token = token * 256 + key.charCodeAt(index);
  return token;
}
