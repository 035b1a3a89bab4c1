import { subjectFilter } from '@kite/testkit';

import type { Bus, BusMessage, BusState, ReplayReader } from '../../src/bus/bus.js';
import type { LeaseOptions, Leases, LeaseWatcher } from '../../src/bus/leases.js';

/** A bucket of leases in memory. */
export class MemoryLeases implements Leases {
  readonly entries = new Map<string, { data: Uint8Array; revision: number }>();
  readonly #watchers = new Set<LeaseWatcher>();
  readonly #isUp: () => boolean;
  #revision = 0;
  isWorking = true;

  constructor(isUp: () => boolean = () => true) {
    this.#isUp = isUp;
  }

  put(key: string, data: Uint8Array): Promise<number> {
    if (!this.isWorking || !this.#isUp()) return Promise.reject(new Error('no answer'));
    const revision = ++this.#revision;
    this.entries.set(key, { data, revision });
    for (const watcher of this.#watchers) watcher.stated(key, data, revision);
    return Promise.resolve(revision);
  }

  remove(key: string): Promise<void> {
    if (this.entries.delete(key)) for (const watcher of this.#watchers) watcher.ended(key);
    return Promise.resolve();
  }

  watch(watcher: LeaseWatcher): () => void {
    for (const [key, { data, revision }] of this.entries) watcher.stated(key, data, revision);
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/** A server in memory: what it has taken, and who hears of it. */
export class MemoryServer {
  readonly last = new Map<string, BusMessage>();
  /** The bucket of demand, once somebody has created it. */
  leases: MemoryLeases | undefined;
  /** What was stored, by id. */
  readonly stored = new Map<string, BusMessage>();
  /** The stream of ticks. */
  readonly ticks: { message: BusMessage; at: number }[] = [];
  /** Whether what comes is stored, in the streams of ticks and of last values. */
  isStoring = true;
  /** Who waits for something more to be stored. */
  readonly onStored = new Set<() => void>();
  readonly #buses = new Set<MemoryBus>();
  readonly #now: () => number;

  constructor(now = (): number => 0) {
    this.#now = now;
  }

  join(bus: MemoryBus): void {
    this.#buses.add(bus);
  }

  take(message: BusMessage): void {
    if (this.isStoring) {
      this.last.set(message.subject, message);
      if (message.subject.includes('.t.')) this.ticks.push({ message, at: this.#now() });
    }
    for (const bus of this.#buses) bus.hear(message);
    for (const resolve of this.onStored) resolve();
    this.onStored.clear();
  }

  store(message: BusMessage, id: string): void {
    if (this.stored.has(id)) return;
    this.stored.set(id, message);
    for (const bus of this.#buses) bus.hearStored(message);
  }
}

type OnItsWay = BusMessage | { answer: () => void; refuse: (reason: unknown) => void };

/** A connection to a server in memory, which takes, loses and answers when the test says so. */
export class MemoryBus implements Bus {
  state: BusState = 'up';
  maxBytes = 1024 * 1024;
  /** What the server has from here, in order. */
  readonly taken: BusMessage[] = [];
  /** Whether the server reads: what is sent to one that does not is on its way. */
  isReading = true;
  isStoring = true;
  isClosed = false;
  /** How many read the stream of ticks. */
  replays = 0;
  /** Since when the stream of ticks is whole. */
  ticksSince = 0;
  /** Called before the stream of ticks is read. */
  beforeReplay: () => Promise<void> | void = () => undefined;
  /** Called before the last values are read. */
  beforeLast: () => Promise<void> | void = () => undefined;
  readonly #server: MemoryServer;
  #onItsWay: OnItsWay[] = [];
  readonly #states = new Set<(state: BusState) => void>();
  readonly #subscriptions = new Set<{
    matches: (subject: string) => boolean;
    listener: (message: BusMessage) => void;
  }>();
  readonly #followers = new Set<(message: BusMessage) => void>();

  constructor(server = new MemoryServer()) {
    this.#server = server;
    server.join(this);
  }

  get stored(): Map<string, BusMessage> {
    return this.#server.stored;
  }

  /** Those that listen to something, and did not stop. */
  get listeners(): number {
    return this.#subscriptions.size + this.#followers.size + this.#states.size;
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  onRefused(): () => void {
    return () => undefined;
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.state !== 'up') return;
    this.#onItsWay.push({ subject, data: data.slice() });
    if (this.isReading) this.read();
  }

  flush(): Promise<void> {
    if (this.state !== 'up') return Promise.reject(new Error('disconnected'));
    return new Promise((answer, refuse) => {
      this.#onItsWay.push({ answer, refuse });
      if (this.isReading) this.read();
    });
  }

  async store(subject: string, data: Uint8Array, id: string): Promise<void> {
    if (this.state !== 'up' || !this.isStoring) throw new Error('no answer');
    this.#server.store({ subject, data }, id);
  }

  ensure(): Promise<void> {
    return Promise.resolve();
  }

  subscribe(subject: string, listener: (message: BusMessage) => void): () => void {
    const subscription = { matches: subjectFilter(subject), listener };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  async lastOf(_stream: string, subjects: readonly string[]): Promise<BusMessage[]> {
    await this.beforeLast();
    if (this.state !== 'up') throw new Error('disconnected');
    const filters = subjects.map(subjectFilter);
    return [...this.#server.last.values()].filter(({ subject }) =>
      filters.some((matches) => matches(subject)),
    );
  }

  follow(_stream: string, _since: number | undefined, listener: (message: BusMessage) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  replay(
    _stream: string,
    subjects: readonly string[] | undefined,
    since: number,
    reader: ReplayReader,
  ): () => void {
    this.replays++;
    let isStopped = false;
    const filters = subjects?.map(subjectFilter);
    const isWanted = ({ subject }: BusMessage): boolean =>
      !filters || filters.some((matches) => matches(subject));
    const run = async (): Promise<void> => {
      await this.beforeReplay();
      if (this.state !== 'up') throw new Error('disconnected');
      const wanted = () =>
        this.#server.ticks
          .filter(({ at, message }) => at >= since && isWanted(message))
          .map(({ message }) => message);
      reader.begun(wanted().length, this.ticksSince);
      for (let next = 0; !isStopped;) {
        const found = wanted();
        if (next < found.length) await reader.message(found[next++]!, found.length - next);
        else await new Promise<void>((resolve) => this.#server.onStored.add(resolve));
      }
    };
    run().catch((cause: unknown) => {
      if (!isStopped) reader.failed(cause);
    });
    return () => {
      isStopped = true;
      this.replays--;
    };
  }

  leases(_bucket: string, options: { createdWithTtlMs: number }): Promise<Leases>;
  async leases(_bucket: string, { createdWithTtlMs }: LeaseOptions): Promise<Leases | undefined> {
    if (createdWithTtlMs !== undefined) this.#server.leases ??= new MemoryLeases();
    return this.#server.leases;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  hear(message: BusMessage): void {
    if (this.state !== 'up') return;
    for (const { matches, listener } of this.#subscriptions) if (matches(message.subject)) listener(message);
  }

  hearStored(message: BusMessage): void {
    for (const listener of this.#followers) listener(message);
  }

  /** The server reads what is on its way: so many messages, or all. */
  read(count = Infinity): void {
    for (let n = 0; n < count && this.#onItsWay.length > 0; n++) {
      const next = this.#onItsWay.shift()!;
      if ('answer' in next) next.answer();
      else {
        this.taken.push(next);
        this.#server.take(next);
      }
    }
  }

  /** The connection is lost, and what was on its way with it. */
  lose(): void {
    this.state = 'down';
    for (const one of this.#onItsWay) if ('refuse' in one) one.refuse(new Error('disconnected'));
    this.#onItsWay = [];
    this.#tell();
  }

  return(): void {
    this.state = 'up';
    this.isReading = true;
    this.#tell();
  }

  /** It is closed for good, by somebody else. */
  end(): void {
    this.state = 'closed';
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#states]) listener(this.state);
  }
}
