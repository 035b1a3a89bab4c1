import type { Clock } from '@kite/protocol';

import type { Chance } from '../plan/chance.js';
import { Lane } from './lane.js';
import type { MemoryBus } from './memory-bus.js';
import type { BusMessage, LeaseWatcher } from './nats-types.js';

/** A message in a stream, and when it was stored. */
export interface Stored extends BusMessage {
  readonly at: number;
  readonly id?: string;
}

/** A key of the bucket, its last statement, and when that was made. */
export interface Lease {
  readonly data: Uint8Array;
  readonly revision: number;
  readonly at: number;
}

const LEASE_MS = 10_000;

/** A NATS server in memory, in virtual time: subjects, the streams of ticks and orders, and the bucket of demand. */
export class MemoryServer {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ticks: Stored[] = [];
  readonly orders: Stored[] = [];
  readonly #buses = new Set<MemoryBus>();
  readonly #leases = new Map<string, Lease>();
  readonly #watchers = new Map<MemoryBus, Set<LeaseWatcher>>();
  /** What is stored, a moment after it was taken. */
  readonly #storing: Lane;
  #revision = 0;
  #readyAt = 0;
  isUp = true;
  /** Whether it stores ticks: one that is overrun leaves some out of the stream. */
  isStoring = true;
  hasStreams = false;
  hasBucket = false;

  constructor(clock: Clock, chance: Chance) {
    this.clock = clock;
    this.chance = chance;
    this.#storing = new Lane(clock, () => chance.integer(0, 20));
  }

  join(bus: MemoryBus): void {
    this.#buses.add(bus);
  }

  leave(bus: MemoryBus): void {
    this.#buses.delete(bus);
    this.#watchers.delete(bus);
  }

  /** Throws while the streams cannot be read: before the first publisher, and for a moment after a restart. */
  assertReady(): void {
    if (!this.hasStreams || this.clock.monotonic() < this.#readyAt) throw new Error('no responders');
  }

  take(message: BusMessage): void {
    for (const bus of this.#buses) bus.deliver(message);
    if (!this.isStoring || !this.hasStreams || !message.subject.startsWith('kite.t.')) return;
    this.#storing.send(() => {
      this.ticks.push({ ...message, at: this.clock.now() });
    });
  }

  /** Stores an order, once per id. */
  store(message: BusMessage, id: string): void {
    this.assertReady();
    if (this.orders.some((one) => one.id === id)) return;
    this.orders.push({ ...message, id, at: this.clock.now() });
    for (const bus of this.#buses) bus.ordersCame();
  }

  putLease(key: string, data: Uint8Array): number {
    this.assertReady();
    const revision = ++this.#revision;
    this.#leases.set(key, { data, revision, at: this.clock.now() });
    for (const [bus, watchers] of this.#watchers)
      for (const watcher of watchers) bus.receive(() => watcher.stated(key, data, revision));
    return revision;
  }

  removeLease(key: string): void {
    this.assertReady();
    this.#leases.delete(key);
    for (const [bus, watchers] of this.#watchers)
      for (const watcher of watchers) bus.receive(() => watcher.ended(key));
  }

  watchLeases(bus: MemoryBus, watcher: LeaseWatcher): () => void {
    this.assertReady();
    for (const [key, { data, revision, at }] of this.#leases)
      if (at < this.clock.now() - LEASE_MS) this.#leases.delete(key);
      else bus.receive(() => watcher.stated(key, data, revision));
    const watchers = this.#watchers.get(bus) ?? new Set();
    this.#watchers.set(bus, watchers.add(watcher));
    return () => watchers.delete(watcher);
  }

  /** Every connection is lost, with what is on its way; what was stored stays. */
  kill(): void {
    this.isUp = false;
    this.#watchers.clear();
    this.#storing.cut();
    for (const bus of [...this.#buses]) bus.lose();
  }

  /** Connections come back at times of their own, and streams are readable this much later. */
  start(readyAfterMs: number): void {
    this.isUp = true;
    this.#readyAt = this.clock.monotonic() + readyAfterMs;
    for (const bus of [...this.#buses]) bus.dial();
  }

  /** It hangs: nothing that is sent to it arrives. */
  pause(isPaused: boolean): void {
    for (const bus of this.#buses) bus.outward.hold(isPaused);
  }

  /** Ends what it had to do. */
  close(): void {
    this.#storing.cut();
  }
}
