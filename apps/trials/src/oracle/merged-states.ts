import type { SentTick } from '@kite/simulator';

import type { Arrivals, PacketArrival } from './arrivals.js';
import { keyOf } from './sent-states.js';

/** One packet that the server sent. */
export interface Copy {
  /** The server's number of the connection. */
  readonly connectionId: number;
  /** Which packet of the connection it was, counted from 0. */
  readonly order: number;
  readonly account: string;
}

/** A state as the packets of one mode show it. */
export interface Form {
  readonly copies: readonly Copy[];
  /** Its first arrival at the client; undefined: it never came. */
  readonly arrival: PacketArrival | undefined;
}

/** A state of an instrument, over all accounts and modes. */
export interface MergedState {
  readonly token: number;
  /** When it was first sent: virtual milliseconds since the trial began, by the server's clock. */
  readonly at: number;
  /** By the bytes of the packet. A packet of a lesser mode is the head of one of a greater mode. */
  readonly forms: ReadonlyMap<string, Form>;
  /** The first arrival of any form; undefined: none came. */
  readonly arrival: PacketArrival | undefined;
  /** When the last packet of any form came, in virtual milliseconds since the trial began; -Infinity: none did. */
  readonly until: number;
}

interface GrowingState {
  readonly at: number;
  readonly forms: Map<string, Copy[]>;
}

/**
 * What the server sent to all accounts, by instrument, in the market's order: one sequence of states, even if accounts
 * see different samples of the market.
 */
export class MergedStates {
  readonly #byToken = new Map<number, readonly MergedState[]>();

  constructor(
    sent: readonly SentTick[],
    beganAt: number,
    accountOf: (apiKey: string) => string,
    arrivals: Arrivals,
  ) {
    const counts = new Map<number, number>();
    const byChange = new Map<number, Map<number, GrowingState>>();
    for (const { at, apiKey, connectionId, instrumentToken, change, packet, damaged } of sent) {
      const order = counts.get(connectionId) ?? 0;
      counts.set(connectionId, order + 1);
      if (damaged) continue;
      let states = byChange.get(instrumentToken);
      if (!states) byChange.set(instrumentToken, (states = new Map<number, GrowingState>()));
      let state = states.get(change);
      if (!state) states.set(change, (state = { at: at - beganAt, forms: new Map() }));
      const key = keyOf(packet);
      const copy = { connectionId, order, account: accountOf(apiKey) };
      const copies = state.forms.get(key);
      if (copies) copies.push(copy);
      else state.forms.set(key, [copy]);
    }
    for (const [token, states] of byChange) {
      const inOrder = [...states].sort(([one], [other]) => one - other);
      this.#byToken.set(
        token,
        inOrder.map(([, state]) => complete(token, state, arrivals)),
      );
    }
  }

  /** Those of some instruments. */
  only(tokens: Iterable<number>): Pick<MergedStates, 'tokens' | 'of'> {
    const known = [...tokens].filter((token) => this.#byToken.has(token));
    return { tokens: known, of: (token) => (known.includes(token) ? this.of(token) : []) };
  }

  /** Those of all other instruments. */
  without(tokens: ReadonlySet<number>): Pick<MergedStates, 'tokens' | 'of'> {
    return this.only([...this.tokens].filter((token) => !tokens.has(token)));
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly MergedState[] {
    return this.#byToken.get(token) ?? [];
  }
}

function complete(token: number, { at, forms: grown }: GrowingState, arrivals: Arrivals): MergedState {
  const forms = new Map<string, Form>();
  let first: PacketArrival | undefined;
  let until = -Infinity;
  for (const [key, copies] of grown) {
    const came = copies.map(({ connectionId, order }) => arrivals.ofPacket(connectionId, order));
    const arrival = earliest(came);
    forms.set(key, { copies, arrival });
    first = earliest([first, arrival]);
    for (const one of came) if (one) until = Math.max(until, one.at);
  }
  return { token, at, forms, arrival: first, until };
}

function earliest(list: readonly (PacketArrival | undefined)[]): PacketArrival | undefined {
  let first: PacketArrival | undefined;
  for (const one of list) if (one && (!first || one.sequence < first.sequence)) first = one;
  return first;
}
