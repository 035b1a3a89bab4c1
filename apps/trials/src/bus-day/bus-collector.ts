import type { Feed } from '@kite/connection';
import { Listeners } from '@kite/kit';
import { type DemandManager, DemandServer, type DemandShare, FeedPublisher, Subjects } from '@kite/nats';
import type { Clock, EventName, EventOf, Mode, OrderUpdate } from '@kite/protocol';

import type { BusMarket, MarketState } from './bus-market.js';
import { MemoryBus } from './memory-bus.js';
import type { MemoryServer } from './memory-server.js';

type FeedEvents = { [Type in EventName]: EventOf<Type> };

/** What a collector has of Kite: the instruments that programs asked for. */
class CollectorFeed implements DemandManager {
  readonly clock: Clock;
  readonly shares = new Map<string, ReadonlyMap<number, Mode>>();
  readonly #listeners = new Listeners<FeedEvents>((cause) => {
    throw cause;
  });
  readonly #onAdded: (token: number) => void;

  constructor(clock: Clock, onAdded: (token: number) => void) {
    this.clock = clock;
    this.#onAdded = onAdded;
  }

  get tokens(): Set<number> {
    return new Set([...this.shares.values()].flatMap((share) => [...share.keys()]));
  }

  on<Type extends EventName>(type: Type, listener: (event: EventOf<Type>) => unknown): () => void {
    return this.#listeners.on(type, listener);
  }

  emit<Type extends EventName>(type: Type, event: Omit<EventOf<Type>, 'channelId' | 'receivedAt'>): void {
    const received = { channelId: 0, receivedAt: this.clock.now() };
    this.#listeners.emit(type, { ...received, ...event } as FeedEvents[Type]);
  }

  subscriber({ name = '' }: { name?: string | undefined } = {}): DemandShare {
    this.shares.set(name, new Map());
    return {
      replaceSymbols: (modes) => {
        const before = this.tokens;
        this.shares.set(name, new Map(modes));
        for (const token of modes.keys()) if (!before.has(token)) this.#onAdded(token);
        return Promise.resolve();
      },
      close: () => {
        this.shares.delete(name);
        return Promise.resolve();
      },
    };
  }
}

interface Life {
  readonly feed: CollectorFeed;
  readonly buses: readonly MemoryBus[];
  publisher?: FeedPublisher;
  demand?: DemandServer;
}

const AGAIN_AFTER_MS = 300;

/** A collector: it publishes what it receives of Kite, serves demand, dies and starts again. */
export class BusCollector {
  readonly #name: string;
  readonly #server: MemoryServer;
  readonly #market: BusMarket;
  readonly #delayMs: number;
  #life: Life | undefined;
  /** When Kite was heard last, while the connection to it is cut. */
  #cutAt: number | undefined;
  #heardAt: number;
  /** Orders that this life has received. */
  orders: string[] = [];

  constructor(name: string, server: MemoryServer, market: BusMarket, delayMs: number) {
    this.#name = name;
    this.#server = server;
    this.#market = market;
    this.#delayMs = delayMs;
    this.#heardAt = server.clock.now();
  }

  /** What it is subscribed to; undefined: it is not at work. */
  get tokens(): Set<number> | undefined {
    return this.#life?.demand && this.#life.feed.tokens;
  }

  /** Whether its connections to the bus are as they should be. */
  get buses(): readonly MemoryBus[] {
    return this.#life?.buses ?? [];
  }

  async start(): Promise<void> {
    if (this.#life) return;
    const { clock, chance } = this.#server;
    const feed = new CollectorFeed(clock, (token) => this.#snapshot(token));
    const buses = [new MemoryBus(this.#server), new MemoryBus(this.#server)] as const;
    const life: Life = { feed, buses };
    this.#life = life;
    this.#cutAt = undefined;
    this.orders = [];
    const subjects = new Subjects();
    const ensure = () => buses[0].ensure();
    const openLeases = () => buses[1].leases(subjects.demandBucket, { createdWithTtlMs: 10_000 });
    try {
      await ensure();
      await openLeases();
    } catch {
      // Its supervisor starts it again.
      for (const bus of buses) bus.die();
      if (this.#life === life) this.#life = undefined;
      clock.setTimeout(() => void this.start(), AGAIN_AFTER_MS);
      return;
    }
    if (this.#life !== life) return;
    const onIssue = (): void => undefined;
    const parts = { feed: feed as unknown as Feed, bus: buses[0], subjects, publisher: this.#name, ensure };
    life.publisher = new FeedPublisher({ ...parts, random: () => chance.next(), onIssue });
    life.demand = new DemandServer({ manager: feed, bus: buses[1], subjects, openLeases, onIssue });
    feed.emit('state', { type: 'state', state: 'open' });
  }

  async kill(): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    for (const bus of life?.buses ?? []) bus.die();
    await life?.publisher?.close();
    await life?.demand?.close();
  }

  /** It ends as it should, and says so. */
  async close(): Promise<void> {
    await this.#life?.publisher?.close();
    await this.#life?.demand?.close();
  }

  cutKite(): void {
    if (this.#cutAt !== undefined || !this.#life?.publisher) return;
    this.#cutAt = this.#heardAt;
    this.#life.feed.emit('state', { type: 'state', state: 'waiting' });
  }

  mendKite(): void {
    const { feed, publisher } = this.#life ?? {};
    if (this.#cutAt === undefined || !feed || !publisher) return;
    const gap = { from: this.#cutAt, to: this.#server.clock.now(), reason: 'closed' };
    this.#cutAt = undefined;
    feed.emit('state', { type: 'state', state: 'open' });
    feed.emit('gap', { type: 'gap', ...gap });
    for (const token of feed.tokens) this.#snapshot(token);
  }

  /** The market has moved; it is received a little later. */
  show(state: MarketState): void {
    const receive = (): void => {
      const { feed, publisher } = this.#life ?? {};
      if (!feed || !publisher || this.#cutAt !== undefined) return;
      this.#heardAt = this.#server.clock.now();
      if (!feed.tokens.has(state.token)) return;
      state.receivedAt.push(this.#heardAt);
      feed.emit('frame', { bytes: this.#market.frameOf(state), dropped: 0 });
    };
    if (this.#delayMs === 0) receive();
    else this.#server.clock.setTimeout(receive, this.#delayMs);
  }

  order(order: OrderUpdate): void {
    const { feed, publisher } = this.#life ?? {};
    if (!feed || !publisher || this.#cutAt !== undefined) return;
    this.orders.push(order.order_id);
    feed.emit('order', { type: 'order', order });
  }

  /** Kite's first tick after a subscription is the last one, which may have come before. */
  #snapshot(token: number): void {
    const newest = this.#market.newest(token);
    const { feed, publisher } = this.#life ?? {};
    if (!newest || !feed || !publisher || this.#cutAt !== undefined) return;
    // What is still on its way to this collector is not in the last value it is given.
    const last = this.#market.states
      .get(token)!
      .filter(({ at }) => at + this.#delayMs <= this.#server.clock.now())
      .at(-1);
    if (!last) return;
    last.snapshots++;
    last.receivedAt.push(this.#server.clock.now());
    this.#heardAt = this.#server.clock.now();
    feed.emit('frame', { bytes: this.#market.frameOf(last), dropped: 0 });
  }
}
