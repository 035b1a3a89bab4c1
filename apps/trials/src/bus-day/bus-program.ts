import { BusFeed, natsSeam, Subjects } from '@kite/nats';
import type { Mode, TickerMessage } from '@kite/protocol';

import type { ProgramPlan } from './bus-plan.js';
import { MemoryBus } from './memory-bus.js';
import type { MemoryServer } from './memory-server.js';

const { BusReader } = BusFeed[natsSeam];

/** A time in which an instrument was subscribed without a break; `to` is Infinity while it is. */
export interface Wanted {
  readonly token: number;
  readonly from: number;
  to: number;
}

/** What one channel of a program gave, and when it was read. */
export interface Read {
  readonly message: TickerMessage;
  readonly at: number;
}

/** A channel that began in the past. */
export interface ReplayRead {
  readonly from: number;
  readonly openedAt: number;
  readonly tokens: readonly number[];
  readonly read: Read[];
}

/** One life of a program: it opens a feed over the bus, says what it wants, and reads until it ends. */
export class BusProgramLife {
  readonly name: string;
  readonly openedAt: number;
  readonly read: Read[] = [];
  readonly wanted: Wanted[] = [];
  readonly replays: ReplayRead[] = [];
  readonly bus: MemoryBus;
  readonly feed: BusFeed;
  readonly pauseMs: number;
  /** When it was killed; Infinity: it lived to the end. */
  endedAt = Infinity;
  #isHurried = false;
  readonly #server: MemoryServer;

  constructor(name: string, life: number, server: MemoryServer, { pauseMs }: ProgramPlan) {
    this.name = `${name}.${life}`;
    this.#server = server;
    this.pauseMs = pauseMs;
    this.openedAt = server.clock.now();
    this.bus = new MemoryBus(server);
    const reader = new BusReader(this.bus, new Subjects(), server.clock);
    this.feed = new BusFeed(name, reader, reader.demandAs(this.name));
    void this.#readAll();
  }

  /** From now on it reads at once. */
  hurry(): void {
    this.#isHurried = true;
  }

  want(tokens: readonly number[]): void {
    const now = this.#server.clock.now();
    const before = new Set(this.wanted.filter(({ to }) => to === Infinity).map(({ token }) => token));
    for (const one of this.wanted) if (one.to === Infinity && !tokens.includes(one.token)) one.to = now;
    for (const token of tokens) if (!before.has(token)) this.wanted.push({ token, from: now, to: Infinity });
    const modes = new Map<number, Mode>(tokens.map((token) => [token, 'full']));
    this.feed.replaceSymbols(modes).catch(() => undefined);
  }

  replay(backMs: number): void {
    const openedAt = this.#server.clock.now();
    const from = openedAt - backMs;
    const tokens = [...this.feed.subscriptions.keys()];
    const replay: ReplayRead = { from, openedAt, tokens, read: [] };
    this.replays.push(replay);
    const channel = this.feed.ticks({ from, tokens });
    void (async () => {
      for await (const { ticks, gap, ...received } of channel) {
        const at = this.#server.clock.now();
        if (gap) replay.read.push({ message: { type: 'gap', ...gap, ...received }, at });
        replay.read.push({ message: { type: 'ticks', ticks, ...received }, at });
      }
    })().catch(() => undefined);
  }

  /** It dies: nobody reads any more. */
  async kill(): Promise<void> {
    this.endedAt = Math.min(this.endedAt, this.#server.clock.now());
    this.bus.die();
    await this.feed.close();
  }

  close(): Promise<void> {
    return this.feed.close();
  }

  async #readAll(): Promise<void> {
    const { clock } = this.#server;
    const channel = this.feed.messages(this.pauseMs > 0 ? { capacity: 20 } : {});
    let count = 0;
    try {
      for await (const message of channel) {
        this.read.push({ message, at: clock.now() });
        if (this.pauseMs > 0 && ++count % 50 === 0 && !this.#isHurried && this.endedAt === Infinity)
          await new Promise<void>((resolve) => clock.setTimeout(resolve, this.pauseMs));
      }
    } catch {
      // Its connection was closed under it: it was killed.
    }
  }
}
