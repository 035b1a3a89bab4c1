import { subjectFilter } from '@kite/testkit';

import { Lane } from './lane.js';
import type { MemoryServer, Stored } from './memory-server.js';
import type {
  Bus,
  BusMessage,
  BusState,
  LeaseOptions,
  Leases,
  LeaseWatcher,
  ReplayReader,
} from './nats-types.js';

/** A request without an answer fails after this. */
const ANSWER_WITHIN_MS = 2000;
const READ_AGAIN_MS = 50;
const AGAIN_AFTER_MS = 500;
const AT_ONCE = 100;

interface Subscription {
  readonly matches: (subject: string) => boolean;
  readonly listener: (message: BusMessage) => void;
}

/** A program's cursor in the stream of orders. */
interface Follower {
  /** The index of its next order; undefined: the server does not know it yet. */
  next: number | undefined;
  readonly since: number | undefined;
  readonly listener: (message: BusMessage) => void;
}

/** A connection to a server in memory: late, held up, cut off and back again, as the plan says. */
export class MemoryBus implements Bus {
  state: BusState = 'up';
  readonly maxBytes = 1024 * 1024;
  /** To the server, and from it. */
  readonly outward: Lane;
  readonly inward: Lane;
  readonly #server: MemoryServer;
  readonly #states = new Set<(state: BusState) => void>();
  readonly #subscriptions = new Set<Subscription>();
  /** Those that the server knows. */
  readonly #known = new Set<Subscription>();
  readonly #followers = new Set<Follower>();
  readonly #pending = new Set<(cause: Error) => void>();
  readonly #timers = new Set<unknown>();

  constructor(server: MemoryServer) {
    this.#server = server;
    const { clock, chance } = server;
    this.outward = new Lane(clock, () => chance.integer(0, 3));
    this.inward = new Lane(clock, () => chance.integer(0, 3));
    if (!server.isUp) this.state = 'down';
    server.join(this);
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
    const message = { subject, data: data.slice() };
    this.outward.send(() => this.#server.take(message));
  }

  flush(): Promise<void> {
    return this.#request(() => undefined, Infinity);
  }

  store(subject: string, data: Uint8Array, id: string): Promise<void> {
    return this.#request(() => this.#server.store({ subject, data }, id));
  }

  ensure(): Promise<void> {
    return this.#request(() => {
      this.#server.hasStreams = true;
    });
  }

  subscribe(subject: string, listener: (message: BusMessage) => void): () => void {
    const subscription = { matches: subjectFilter(subject), listener };
    this.#subscriptions.add(subscription);
    if (this.state === 'up') this.outward.send(() => this.#known.add(subscription));
    return () => {
      this.#subscriptions.delete(subscription);
      this.#known.delete(subscription);
    };
  }

  lastOf(_stream: string, subjects: readonly string[]): Promise<BusMessage[]> {
    const filters = subjects.map(subjectFilter);
    return this.#request(() => {
      this.#server.assertReady();
      const last = new Map<string, BusMessage>();
      for (const one of this.#server.ticks)
        if (filters.some((matches) => matches(one.subject))) last.set(one.subject, one);
      return [...last.values()];
    });
  }

  follow(
    _stream: string,
    since: number | undefined,
    listener: (message: BusMessage) => void,
    onFailed: (cause: unknown) => void,
  ): () => void {
    const follower: Follower = { next: undefined, since, listener };
    this.#request(() => this.#begin(follower)).then(
      () => {
        this.#followers.add(follower);
        this.#pump(follower);
      },
      (cause: unknown) => onFailed(cause),
    );
    return () => this.#followers.delete(follower);
  }

  replay(
    _stream: string,
    subjects: readonly string[] | undefined,
    since: number,
    reader: ReplayReader,
  ): () => void {
    let isStopped = false;
    const filters = subjects?.map(subjectFilter);
    const isWanted = ({ subject }: Stored): boolean =>
      !filters || filters.some((matches) => matches(subject));
    const run = async (): Promise<void> => {
      let next = await this.#request(() => {
        this.#server.assertReady();
        const first = this.#server.ticks.findIndex(({ at }) => at >= since);
        return first < 0 ? this.#server.ticks.length : first;
      });
      let counted = next;
      let behind = 0;
      const countBehind = (): number => {
        const { ticks } = this.#server;
        for (; counted < ticks.length; counted++) if (isWanted(ticks[counted]!)) behind++;
        return behind;
      };
      reader.begun(countBehind(), 0);
      const isOver = (): boolean => isStopped || this.state === 'closed';
      while (!isOver()) {
        const some = await this.#request(() => this.#server.ticks.slice(next, next + AT_ONCE)).catch(
          () => [],
        );
        for (const message of some) {
          next++;
          if (isOver() || !isWanted(message)) continue;
          countBehind();
          behind--;
          await reader.message(message, behind);
        }
        if (some.length === 0) await this.#wait(READ_AGAIN_MS);
      }
    };
    run().catch((cause: unknown) => {
      if (!isStopped) reader.failed(cause);
    });
    return () => {
      isStopped = true;
    };
  }

  leases(bucket: string, options: { createdWithTtlMs: number }): Promise<Leases>;
  async leases(_bucket: string, { createdWithTtlMs }: LeaseOptions): Promise<Leases | undefined> {
    const server = this.#server;
    const isThere = await this.#request(() => {
      if (createdWithTtlMs !== undefined) server.hasBucket = true;
      return server.hasBucket;
    });
    if (!isThere) return undefined;
    return {
      put: (key, data) => this.#request(() => server.putLease(key, data.slice())),
      remove: (key) => this.#request(() => server.removeLease(key)),
      watch: (watcher: LeaseWatcher) => {
        let isStopped = false;
        let stop = (): void => undefined;
        const kept: LeaseWatcher = {
          stated: (...stated) => {
            if (!isStopped) watcher.stated(...stated);
          },
          ended: (key) => {
            if (!isStopped) watcher.ended(key);
          },
          failed: (cause) => {
            if (!isStopped) watcher.failed(cause);
          },
        };
        this.#request(() => {
          stop = server.watchLeases(this, kept);
        }).catch((cause: unknown) => kept.failed(cause));
        return () => {
          isStopped = true;
          stop();
        };
      },
    };
  }

  /** The owner lets go of it. */
  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  /** The process has died: nothing is said any more, and what it sent last may arrive or not. */
  die(): void {
    this.#end();
  }

  /** A message of the server, on its way here. */
  receive(arrive: () => void): void {
    this.inward.send(arrive);
  }

  deliver(message: BusMessage): void {
    for (const one of this.#known)
      if (one.matches(message.subject))
        this.receive(() => {
          if (this.#subscriptions.has(one)) one.listener(message);
        });
  }

  /** There are more orders than this program has. */
  ordersCame(): void {
    for (const follower of this.#followers) this.#pump(follower);
  }

  /** The connection is lost, and what is on its way with it. */
  lose(): void {
    if (this.state !== 'up') return;
    this.outward.cut();
    this.inward.cut();
    this.#known.clear();
    for (const refuse of [...this.#pending]) refuse(new Error('disconnected'));
    for (const follower of this.#followers) follower.next ??= 0;
    this.#turn('down');
  }

  /** Connects again after a while, if the server is there. */
  dial(afterMs = this.#server.chance.integer(100, 2500)): void {
    void this.#wait(afterMs).then(() => {
      if (this.state !== 'down' || !this.#server.isUp) return;
      this.inward.hold(false);
      this.outward.hold(false);
      for (const one of this.#subscriptions) this.outward.send(() => this.#known.add(one));
      this.#turn('up');
      for (const follower of this.#followers) void this.#resume(follower);
    });
  }

  #begin(follower: Follower): void {
    this.#server.assertReady();
    const { since } = follower;
    const first = this.#server.orders.findIndex(({ at }) => since !== undefined && at >= since);
    follower.next ??= first < 0 ? this.#server.orders.length : first;
  }

  /** Hands on what is stored behind the program's cursor, which moves when it has arrived. */
  #pump(follower: Follower): void {
    const { next } = follower;
    if (next === undefined) return;
    for (let index = next; index < this.#server.orders.length; index++)
      this.receive(() => {
        if (index !== follower.next) return;
        follower.next = index + 1;
        follower.listener(this.#server.orders[index]!);
      });
  }

  async #resume(follower: Follower): Promise<void> {
    while (this.state === 'up' && this.#followers.has(follower))
      try {
        await this.#request(() => this.#begin(follower));
        this.#pump(follower);
        return;
      } catch {
        await this.#wait(AGAIN_AFTER_MS);
      }
  }

  /** Does something at the server, and resolves with what it answers. */
  #request<T>(act: () => T, withinMs = ANSWER_WITHIN_MS): Promise<T> {
    if (this.state !== 'up') return Promise.reject(new Error('disconnected'));
    const { clock } = this.#server;
    return new Promise<T>((resolve, reject) => {
      const timer =
        withinMs === Infinity ? undefined : clock.setTimeout(() => refuse(new Error('timeout')), withinMs);
      const settle = (): void => {
        this.#pending.delete(refuse);
        clock.clearTimeout(timer);
      };
      const refuse = (cause: Error): void => {
        settle();
        reject(cause);
      };
      this.#pending.add(refuse);
      this.outward.send(() => {
        try {
          const answer = act();
          this.receive(() => {
            settle();
            resolve(answer);
          });
        } catch (cause) {
          this.receive(() => refuse(cause as Error));
        }
      });
    });
  }

  #wait(ms: number): Promise<void> {
    if (this.state === 'closed') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#server.clock.setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }

  #end(): void {
    this.#server.leave(this);
    this.outward.cut();
    this.inward.cut();
    for (const refuse of [...this.#pending]) refuse(new Error('closed'));
    for (const timer of this.#timers) this.#server.clock.clearTimeout(timer);
    this.#followers.clear();
    this.#subscriptions.clear();
    this.#known.clear();
    this.#turn('closed');
    this.#states.clear();
  }

  #turn(state: BusState): void {
    if (this.state === state || this.state === 'closed') return;
    this.state = state;
    for (const listener of [...this.#states]) listener(state);
  }
}
