import type { SentTick } from '@kite/simulator';

import type { Arrival } from '../run/wire-log.js';
import type { Arrivals } from './arrivals.js';
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
  readonly copies: Copy[];
  /** Its first arrival at the client; undefined: it never came. */
  readonly arrival: Arrival | undefined;
  /** How often it may be delivered: packets that do not show the difference between two states count for each. */
  readonly most: number;
}

/** A state of an instrument, whichever accounts were sent it and in which modes: one for all packets that may show the same. */
export interface MergedState {
  readonly token: number;
  /** When it was first sent, in virtual milliseconds, by the server's clock, since the trial began. */
  readonly at: number;
  /** By the bytes of the packet. A packet of a lesser mode is the head of one of a greater mode. */
  readonly forms: ReadonlyMap<string, Form>;
  /** The first arrival of any form of it; undefined: none came. */
  readonly arrival: Arrival | undefined;
}

/** A form of which more copies may come. */
interface GrowingForm {
  readonly copies: Copy[];
  most: number;
  /** When its newest copies were sent, how many over each connection, and the most of these. */
  at: number;
  counts: Map<number, number>;
  mostAtOnce: number;
}

interface GrowingState {
  readonly token: number;
  readonly at: number;
  readonly forms: Map<string, GrowingForm>;
  /** Its greatest form. */
  longest: string;
}

/** An ltp packet: the only one that does not tell a state from the one before it. */
export const LTP_BYTES = 8;

/**
 * What the server sent to all accounts, by instrument, in the market's order: one sequence of states. Each packet shows the
 * state of the moment in which it was made, so that the order of sending is that of the states, also where accounts are shown
 * different samples of the market.
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
    const gathered = new Map<number, GrowingState[]>();
    for (const { at, apiKey, connectionId, instrumentToken: token, packet, damaged } of sent) {
      const order = counts.get(connectionId) ?? 0;
      counts.set(connectionId, order + 1);
      if (damaged) continue;
      let states = gathered.get(token);
      if (!states) gathered.set(token, (states = []));
      const key = keyOf(packet);
      let state = states.at(-1);
      if (!state || !mayBeSame(state.longest, key))
        states.push((state = { token, at: at - beganAt, forms: new Map(), longest: key }));
      if (key.length > state.longest.length) state.longest = key;
      add(state, key, { connectionId, order, account: accountOf(apiKey) }, at);
    }
    for (const [token, states] of gathered)
      this.#byToken.set(
        token,
        states.map((state) => complete(state, arrivals)),
      );
  }

  get tokens(): Iterable<number> {
    return this.#byToken.keys();
  }

  of(token: number): readonly MergedState[] {
    return this.#byToken.get(token) ?? [];
  }
}

/** Whether two packets, of whatever modes, may show one state. */
function mayBeSame(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function add({ forms }: GrowingState, key: string, copy: Copy, at: number): void {
  const isTold = key.length > LTP_BYTES;
  let form = forms.get(key);
  if (!form)
    forms.set(key, (form = { copies: [], most: isTold ? 1 : 0, at, counts: new Map(), mostAtOnce: 0 }));
  form.copies.push(copy);
  if (isTold) return;
  // The market moved between two times, or between two packets for one connection.
  if (form.at !== at) Object.assign(form, { at, counts: new Map(), mostAtOnce: 0 });
  const count = (form.counts.get(copy.connectionId) ?? 0) + 1;
  form.counts.set(copy.connectionId, count);
  if (count <= form.mostAtOnce) return;
  form.mostAtOnce = count;
  form.most++;
}

function complete({ token, at, forms: grown }: GrowingState, arrivals: Arrivals): MergedState {
  const forms = new Map<string, Form>();
  let first: Arrival | undefined;
  for (const [key, { copies, most }] of grown) {
    const arrival = earliest(copies.map(({ connectionId, order }) => arrivals.ofPacket(connectionId, order)));
    forms.set(key, { copies, most, arrival });
    first = earliest([first, arrival]);
  }
  return { token, at, forms, arrival: first };
}

function earliest(list: readonly (Arrival | undefined)[]): Arrival | undefined {
  let first: Arrival | undefined;
  for (const one of list) if (one && (!first || one.sequence < first.sequence)) first = one;
  return first;
}
