import { counted, Timer } from '@kite/kit';
import { type Clock, isKiteError, KiteError, type Mode } from '@kite/protocol';

import type { Bus } from '../bus/bus.js';
import type { Leases } from '../bus/leases.js';
import { decodeAnswer, type DemandAnswer, encodeDemand } from '../wire/demand-message.js';
import type { Subjects } from '../wire/subjects.js';

/** What a demand reports. */
export interface DemandSink {
  /** A collector that served it until now, or has just started, cannot subscribe to it. */
  refused(error: KiteError): void;
  /** A collector has subscribed to it again, which it had not since this time, Unix milliseconds of the collector's clock. */
  lapsed(since: number): void;
}

/** A call that waits for its answer. */
interface Waiting {
  readonly revision: number;
  readonly timer: Timer;
  readonly settle: (error?: KiteError) => void;
}

const RENEW_EVERY_MS = 3000;
const ANSWER_WITHIN_MS = 3000;
const REMOVE_WITHIN_MS = 1000;

/**
 * What a program wants collectors to subscribe to: a lease, always stated whole and restated until the program ends. If
 * no collector serves demand, nothing is stated.
 */
export class StatedDemand {
  readonly #bus: Bus;
  readonly #subjects: Subjects;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #sink: DemandSink;
  readonly #renewal: Timer;
  readonly #stops: (() => void)[];
  #leases: Leases | undefined;
  #modes: ReadonlyMap<number, Mode> = new Map();
  #isStated = false;
  #isRefused = false;
  #isClosed = false;
  #lastAnswer: DemandAnswer | undefined;
  #waiting: Waiting[] = [];

  /** @param key unique to the program */
  constructor(bus: Bus, subjects: Subjects, clock: Clock, key: string, sink: DemandSink) {
    this.#bus = bus;
    this.#subjects = subjects;
    this.#clock = clock;
    this.#key = key;
    this.#sink = sink;
    this.#renewal = new Timer(clock);
    this.#stops = [
      bus.subscribe(subjects.answer(key), ({ data }) => this.#answered(decodeAnswer(data))),
      bus.onState((state) => {
        if (state === 'up') void this.#renew();
      }),
    ];
    this.#renewLater();
  }

  /**
   * From now on the program wants these. Resolves when a collector has subscribed to them, at once if none serves
   * demand or the server is gone, and after 3 s without an answer. Rejects with the error of the collector's own call, or
   * if one message of the server cannot hold it.
   */
  async state(modes: ReadonlyMap<number, Mode>): Promise<void> {
    this.#modes = new Map(modes);
    const revision = await this.#put().catch((cause: unknown) => {
      if (isKiteError(cause, 'KITE_NATS_DEMAND_REFUSED')) throw cause;
      return undefined;
    });
    if (revision === undefined || this.#isClosed) return;
    await new Promise<void>((resolve, reject: (error: KiteError) => void) => {
      const timer = new Timer(this.#clock);
      const waiting: Waiting = {
        ...{ revision, timer },
        settle: (error) => {
          timer.clear();
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiting.push(waiting);
      timer.set(ANSWER_WITHIN_MS, () => this.#settle((one) => one === waiting));
      // The answer may have been faster than the server's acknowledgement.
      this.#answered(this.#lastAnswer);
    });
  }

  /** The program wants nothing more. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#renewal.clear();
    for (const stop of this.#stops) stop();
    this.#settle(() => true);
    if (!this.#isStated || this.#bus.state !== 'up') return;
    const timer = new Timer(this.#clock);
    const late = new Promise<void>((resolve) => {
      timer.set(REMOVE_WITHIN_MS, resolve);
    });
    // Without the bucket, which may have gone, there is nothing to give back.
    await Promise.race([this.#leases?.remove(this.#key).catch(() => undefined), late]);
    timer.clear();
  }

  /** The revision of the statement; undefined: nothing had to be stated. */
  async #put(): Promise<number | undefined> {
    if (this.#bus.state !== 'up' || (this.#modes.size === 0 && !this.#isStated)) return undefined;
    this.#leases ??= await this.#bus.leases(this.#subjects.demandBucket, {});
    if (!this.#leases || this.#isClosed) return undefined;
    if (this.#modes.size === 0) {
      this.#isStated = false;
      await this.#leases.remove(this.#key);
      return undefined;
    }
    const demand = encodeDemand(this.#modes);
    const { maxBytes } = this.#bus;
    if (demand.length > maxBytes) {
      const what = `${counted(this.#modes.size, 'instrument')} take ${demand.length} bytes`;
      throw new KiteError('KITE_NATS_DEMAND_REFUSED', `${what}; the server accepts messages of ${maxBytes}`);
    }
    this.#isStated = true;
    return this.#leases.put(this.#key, demand);
  }

  async #renew(): Promise<void> {
    this.#renewLater();
    try {
      await this.#put();
    } catch {
      // The bucket may have gone with its server: look for it again.
      this.#leases = undefined;
    }
  }

  #renewLater(): void {
    this.#renewal.set(RENEW_EVERY_MS, () => {
      void this.#renew();
    });
  }

  #answered(answer: DemandAnswer | undefined): void {
    if (!answer || this.#isClosed) return;
    const known = this.#lastAnswer;
    this.#lastAnswer = answer;
    const { revision, error, lapsedAt } = answer;
    if (lapsedAt !== undefined && answer !== known) this.#sink.lapsed(lapsedAt);
    const isAwaited = this.#waiting.some((one) => one.revision === revision);
    this.#settle((one) => one.revision < revision);
    this.#settle((one) => one.revision === revision, error);
    if (error && !isAwaited && !this.#isRefused) this.#sink.refused(error);
    this.#isRefused = error !== undefined && !isAwaited;
  }

  #settle(which: (one: Waiting) => boolean, error?: KiteError): void {
    const settled = this.#waiting.filter((one) => which(one));
    this.#waiting = this.#waiting.filter((one) => !settled.includes(one));
    for (const one of settled) one.settle(error);
  }
}
