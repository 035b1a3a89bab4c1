import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelOptions, KiteTickerManager, TickBatch } from '@kite/manager';

/** How one consumer reads. */
interface Habit {
  readonly options: ChannelOptions;
  /** How long it takes over each item. */
  readonly takesMs: number;
}

/** In turn: quick ones, slow ones that drop the oldest or the newest, and one that conflates. */
const HABITS: readonly Habit[] = [
  { options: {}, takesMs: 0 },
  { options: { overflow: 'drop-oldest', capacity: 100 }, takesMs: 20 },
  { options: { overflow: 'conflate', throttleMs: 250 }, takesMs: 0 },
  { options: { overflow: 'drop-newest', capacity: 50 }, takesMs: 50 },
];

const MOST = 6;

/** Consumers that come and go while a manager streams. */
export class ComeAndGo {
  readonly #manager: KiteTickerManager;
  readonly #channels: Channel<TickBatch>[] = [];
  readonly #reading = new Set<Promise<void>>();
  #came = 0;
  /** What all of them received, and the drops reported to them. */
  ticks = 0;
  dropped = 0;

  constructor(manager: KiteTickerManager) {
    this.#manager = manager;
  }

  get size(): number {
    return this.#channels.length;
  }

  /** Adds one; if there are many, the oldest leaves. */
  turn(): void {
    const { options, takesMs } = HABITS[this.#came++ % HABITS.length]!;
    const channel = this.#manager.ticks(options);
    this.#channels.push(channel);
    const reading = this.#read(channel, takesMs);
    this.#reading.add(reading);
    void reading.finally(() => this.#reading.delete(reading));
    if (this.#channels.length > MOST) this.#channels.shift()!.close();
  }

  /** Resolves when the last one has read its last item. */
  async gone(): Promise<void> {
    await Promise.all(this.#reading);
  }

  async #read(channel: Channel<TickBatch>, takesMs: number): Promise<void> {
    for await (const { ticks, dropped } of channel) {
      this.ticks += ticks.length;
      this.dropped += dropped;
      if (takesMs > 0) await sleep(takesMs);
    }
  }
}
