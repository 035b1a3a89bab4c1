import { textOf, Timer } from '@kite/kit';
import { type Clock, KiteError, type KiteErrorCode, type Mode } from '@kite/protocol';

import type { Bus } from '../bus/bus.js';
import type { Leases } from '../bus/leases.js';
import { decodeDemand, encodeAnswer } from '../wire/demand-message.js';
import type { Subjects } from '../wire/subjects.js';

/** Subscribes for programs: a manager of one account or of many. */
export interface DemandManager {
  /** A share of the manager's subscriptions. */
  subscriber(options?: { name?: string | undefined }): DemandShare;
  /** Where its time comes from. */
  readonly clock: Clock;
}

/** What one program has of the manager's subscriptions. */
export interface DemandShare {
  /** Subscribes the program to exactly these. All or nothing. */
  replaceSymbols(modes: ReadonlyMap<number, Mode>): Promise<void>;
  /** Gives them up. */
  close(): Promise<void>;
}

/** What a collector has subscribed to for programs. */
export interface DemandStats {
  /** Programs, each by its name and the number of its life, with its count of subscribed instruments. */
  programs: { program: string; symbolCount: number }[];
  /** Demands that were refused. */
  refused: number;
}

/** The parts of a demand server. */
export interface DemandParts {
  readonly manager: DemandManager;
  readonly bus: Bus;
  readonly subjects: Subjects;
  /** Opens the bucket, again if it has gone with its server. */
  readonly openLeases: () => Promise<Leases>;
  readonly onIssue: (code: KiteErrorCode, message: string, cause: unknown) => void;
}

/** One program. */
interface Lease {
  readonly share: DemandShare;
  renewedAt: number;
  /** The statement that is subscribed for it. */
  applied: string;
  symbolCount: number;
}

/** A program states its demand every 3 s. */
export const LEASE_MS = 10_000;
/** Statements within this time go to Kite together. */
const GATHER_MS = 100;
/** At most this many programs at once: anyone who may write the bucket can invent their names. */
const MOST_PROGRAMS = 1000;
const LOOK_EVERY_MS = 1000;
const AGAIN_AFTER_MS = 1000;

/** Subscribes to what programs want: the union, in the highest mode. From `serveDemand`; works until {@link close}. */
export class DemandServer implements AsyncDisposable {
  readonly #parts: DemandParts;
  readonly #leasesByKey = new Map<string, Lease>();
  /** When demands lapsed whose programs may come back, Unix milliseconds, in that order. */
  readonly #lapsedAt = new Map<string, number>();
  /** The last statement of each program that is not applied yet; undefined: the program has ended. */
  readonly #stated = new Map<string, { data: Uint8Array; revision: number } | undefined>();
  readonly #gathering: Timer;
  readonly #looking: Timer;
  readonly #again: Timer;
  readonly #stopState: () => void;
  #stopWatch: () => void = () => undefined;
  #isGathering = false;
  #refused = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: DemandParts) {
    this.#parts = parts;
    const { clock } = parts.manager;
    this.#gathering = new Timer(clock);
    this.#looking = new Timer(clock);
    this.#again = new Timer(clock);
    this.#stopState = parts.bus.onState((state) => {
      if (state !== 'up') return;
      // No program could renew its lease meanwhile.
      for (const lease of this.#leasesByKey.values()) lease.renewedAt = clock.monotonic();
      this.#watch();
    });
    this.#watch();
    this.#look();
  }

  /** Plain figures: what is subscribed for which program. */
  getStats(): DemandStats {
    const programs = [...this.#leasesByKey].map(([program, { symbolCount }]) => ({ program, symbolCount }));
    return { programs, refused: this.#refused };
  }

  /** Gives up what was subscribed for programs and closes its own connection. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watch(): void {
    this.#stopWatch();
    this.#again.clear();
    let isStopped = false;
    this.#stopWatch = () => {
      isStopped = true;
    };
    const failed = (cause: unknown): void => {
      if (isStopped) return;
      if (this.#parts.bus.state === 'up')
        this.#parts.onIssue('KITE_NATS_STREAM_FAILED', `demand cannot be read: ${textOf(cause)}`, cause);
      this.#again.set(AGAIN_AFTER_MS, () => this.#watch());
    };
    const begin = async (): Promise<void> => {
      const leases = await this.#parts.openLeases();
      if (isStopped) return;
      this.#stopWatch = leases.watch({
        stated: (key, data, revision) => {
          this.#heard(key, { data: data.slice(), revision });
        },
        ended: (key) => {
          this.#heard(key, undefined);
        },
        failed,
      });
    };
    begin().catch(failed);
  }

  #heard(key: string, stated: { data: Uint8Array; revision: number } | undefined): void {
    this.#stated.delete(key);
    this.#stated.set(key, stated);
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#gathering.set(GATHER_MS, () => {
      this.#isGathering = false;
      this.#apply();
    });
  }

  /** All in one turn, for the fewest requests to Kite. Ends come first, then statements, the newest last. */
  #apply(): void {
    const stated = [...this.#stated];
    this.#stated.clear();
    for (const [key, one] of stated) if (!one) this.#end(key);
    const inOrder = stated.flatMap(([key, one]) => (one ? [{ key, ...one }] : []));
    inOrder.sort((a, b) => a.revision - b.revision);
    for (const { key, data, revision } of inOrder) void this.#take(key, data, revision);
  }

  async #take(key: string, data: Uint8Array, revision: number): Promise<void> {
    const { bus, subjects } = this.#parts;
    const lapsedAt = this.#lapsedAt.get(key);
    try {
      await this.#subscribe(key, data);
      this.#lapsedAt.delete(key);
      bus.publish(
        subjects.answer(key),
        encodeAnswer({ revision, ...(lapsedAt !== undefined && { lapsedAt }) }),
      );
    } catch (cause) {
      this.#refused++;
      const error =
        cause instanceof KiteError ? cause : new KiteError('KITE_NATS_DEMAND_REFUSED', textOf(cause));
      bus.publish(subjects.answer(key), encodeAnswer({ revision, error }));
    }
  }

  async #subscribe(key: string, data: Uint8Array): Promise<void> {
    const { manager } = this.#parts;
    const content = new TextDecoder().decode(data);
    const known = this.#leasesByKey.get(key);
    if (known) known.renewedAt = manager.clock.monotonic();
    if (known?.applied === content) return;
    const modes = decodeDemand(data);
    if (typeof modes === 'string')
      throw new KiteError('KITE_NATS_NOT_A_MESSAGE', `the demand of ${key} is invalid: ${modes}`);
    if (!known && this.#leasesByKey.size >= MOST_PROGRAMS)
      throw new KiteError('KITE_NATS_DEMAND_REFUSED', `${MOST_PROGRAMS} programs want instruments already`);
    const lease = known ?? {
      share: manager.subscriber({ name: key }),
      renewedAt: manager.clock.monotonic(),
      ...{ applied: '', symbolCount: 0 },
    };
    this.#leasesByKey.set(key, lease);
    await lease.share.replaceSymbols(modes);
    lease.applied = content;
    lease.symbolCount = modes.size;
  }

  #look(): void {
    const { bus, manager } = this.#parts;
    const dueAt = manager.clock.monotonic() + LOOK_EVERY_MS;
    this.#looking.set(LOOK_EVERY_MS, () => {
      const now = manager.clock.monotonic();
      for (const [key, lease] of this.#leasesByKey) {
        // A process that was blocked has not read yet what was stated meanwhile.
        lease.renewedAt = Math.min(now, lease.renewedAt + now - dueAt);
        if (bus.state === 'up' && now - lease.renewedAt > LEASE_MS) this.#lapse(key);
      }
      this.#look();
    });
  }

  /** A program was not heard for too long: blocked, cut off, or dead without a word. */
  #lapse(key: string): void {
    this.#end(key);
    this.#lapsedAt.set(key, this.#parts.manager.clock.now());
    const [oldest] = this.#lapsedAt.keys();
    if (this.#lapsedAt.size > MOST_PROGRAMS) this.#lapsedAt.delete(oldest!);
  }

  #end(key: string): void {
    const lease = this.#leasesByKey.get(key);
    this.#leasesByKey.delete(key);
    this.#lapsedAt.delete(key);
    lease?.share.close().catch((cause: unknown) => {
      this.#parts.onIssue('KITE_NATS_DEMAND_REFUSED', `${key} could not be ended: ${textOf(cause)}`, cause);
    });
  }

  async #close(): Promise<void> {
    this.#stopState();
    this.#stopWatch();
    for (const timer of [this.#gathering, this.#looking, this.#again]) timer.clear();
    for (const key of [...this.#leasesByKey.keys()]) this.#end(key);
    await this.#parts.bus.close().catch(() => undefined);
  }
}
