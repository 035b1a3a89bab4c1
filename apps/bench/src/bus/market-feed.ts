import { type Feed, systemClock } from '@kite/connection';
import { encodeFrame, type EventName, type EventOf, type FullTick } from '@kite/protocol';

const EVERY_MS = 10;
const TICKS_A_FRAME = 10;
const OHLC = { open: 1, high: 2, low: 1, close: 1 };
const LEVELS = Array.from({ length: 5 }, () => ({ quantity: 1, price: 1, orders: 1 }));

/** The tokens of so many instruments. */
export function instrumentsOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => ((index + 1) << 8) | 1);
}

/** A feed of ready-made frames of ten full ticks, at a steady pace. */
export class BenchFeed {
  readonly clock = systemClock;
  readonly #listeners = new Map<EventName, Set<(event: never) => unknown>>();
  readonly #frames: readonly Uint8Array[];
  #next = 0;

  constructor(tokens: readonly number[]) {
    this.#frames = Array.from({ length: Math.ceil(tokens.length / TICKS_A_FRAME) }, (_, frame) =>
      encodeFrame(tokens.slice(frame * TICKS_A_FRAME, (frame + 1) * TICKS_A_FRAME).map(fullTick)),
    );
  }

  get asFeed(): Feed {
    return this as unknown as Feed;
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Brings so many ticks a second for this long. Resolves with how many it brought. */
  async run(ticksPerSecond: number, seconds: number): Promise<number> {
    const began = performance.now();
    let sent = 0;
    for (;;) {
      const elapsed = Math.min(seconds * 1000, performance.now() - began);
      const due = Math.floor((elapsed * ticksPerSecond) / 1000);
      for (; sent + TICKS_A_FRAME <= due; sent += TICKS_A_FRAME) this.bring();
      if (elapsed >= seconds * 1000) return sent;
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  bring(): void {
    const bytes = this.#frames[this.#next++ % this.#frames.length]!;
    const frame = { bytes, dropped: 0, channelId: 0, receivedAt: systemClock.now() };
    for (const listener of this.#listeners.get('frame') ?? []) listener(frame as never);
  }
}

function fullTick(instrumentToken: number): FullTick {
  return {
    ...{ mode: 'full', instrumentToken, segment: 1, tradable: true, lastPrice: 100, lastTradedQuantity: 1 },
    ...{ averageTradedPrice: 100, volumeTraded: 1000, totalBuyQuantity: 1, totalSellQuantity: 1, ohlc: OHLC },
    ...{ netChange: 99, changePercent: 9900, lastTradeTime: null, oi: 0, oiDayHigh: 0, oiDayLow: 0 },
    ...{ exchangeTimestamp: 1_795_147_200_000, depth: { buy: LEVELS, sell: LEVELS } },
  } as unknown as FullTick;
}
