import type { SentTick } from '@kite/simulator';

/** A state of an instrument as the server sent it. */
export interface SentState {
  /** Virtual milliseconds, by the server's clock, since the trial began. */
  readonly at: number;
  readonly account: string;
  /** The server's number of the connection. */
  readonly connectionId: number;
  /** Which packet of the connection it was, counted from 0; of each connection that carried a copy of it. */
  readonly copies: readonly { readonly connectionId: number; readonly order: number }[];
  /** The packet's bytes, as text that can be compared. */
  readonly key: string;
}

/** Everything that the server sent, by instrument, in its order. */
export class SentStates {
  readonly #byToken = new Map<number, SentState[]>();

  /** @param merges several connections send copies of one state: each is taken in once, when it was first sent */
  constructor(
    sent: readonly SentTick[],
    beganAt: number,
    accountOf: (apiKey: string) => string,
    merges: boolean,
  ) {
    const counts = new Map<number, number>();
    for (const { at, apiKey, connectionId, instrumentToken, packet, damaged } of sent) {
      if (damaged) continue;
      let states = this.#byToken.get(instrumentToken);
      if (!states) this.#byToken.set(instrumentToken, (states = []));
      const key = keyOf(packet);
      const order = counts.get(connectionId) ?? 0;
      counts.set(connectionId, order + 1);
      const copy = { connectionId, order };
      const latest = merges ? latestOfItsLength(states, key) : undefined;
      if (latest?.key === key) (latest.copies as (typeof copy)[]).push(copy);
      else states.push({ at: at - beganAt, account: accountOf(apiKey), connectionId, copies: [copy], key });
    }
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly SentState[] {
    return this.#byToken.get(token) ?? [];
  }
}

/** A packet's bytes as text that can be compared and kept. */
export function keyOf(packet: Uint8Array): string {
  return Buffer.from(packet.buffer, packet.byteOffset, packet.length).toString('latin1');
}

/** Packets of different modes do not tell one state from another. */
function latestOfItsLength(states: readonly SentState[], key: string): SentState | undefined {
  for (let index = states.length - 1; index >= 0; index--)
    if (states[index]!.key.length === key.length) return states[index];
  return undefined;
}
