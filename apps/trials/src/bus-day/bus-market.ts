import { encodeFrame } from '@kite/protocol';
import { fullTick, ltpFrame } from '@kite/testkit';

/** One state of an instrument: the market shows each price once. */
export interface MarketState {
  readonly token: number;
  readonly price: number;
  readonly at: number;
  /** When collectors at work received it. */
  readonly receivedAt: number[];
  /** How often it was shown again, as the last value when a collector subscribed. */
  snapshots: number;
}

/** What the market has shown, and who received it. */
export class BusMarket {
  readonly states = new Map<number, MarketState[]>();
  readonly #form: 'ltp' | 'full';

  constructor(tokens: readonly number[], form: 'ltp' | 'full') {
    for (const token of tokens) this.states.set(token, []);
    this.#form = form;
  }

  next(token: number, at: number): MarketState {
    const states = this.states.get(token)!;
    const state = { token, price: states.length + 1, at, receivedAt: [], snapshots: 0 };
    states.push(state);
    return state;
  }

  newest(token: number): MarketState | undefined {
    return this.states.get(token)!.at(-1);
  }

  frameOf({ token, price, at }: MarketState): Uint8Array {
    if (this.#form === 'ltp') return ltpFrame([token], price);
    const exchangeTimestamp = Math.floor(at / 1000) * 1000;
    return encodeFrame([{ ...fullTick(price, price, 0), instrumentToken: token, exchangeTimestamp }]);
  }
}
