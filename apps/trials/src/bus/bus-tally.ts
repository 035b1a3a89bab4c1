import { judgeBusOrders } from './judge-bus-orders.js';
import type { Seen } from './ledger.js';
import type { StoredOrder } from './stored-orders.js';
import type { CollectorTold, ProgramTold } from './told.js';

/** How often something was killed or stopped. */
export interface BusKills {
  collector: number;
  /** Of these, how often both at once: the times, not the processes. */
  both: number;
  program: number;
  server: number;
  pause: number;
}

/** What a trial of the bus has come to. */
export interface BusVerdict {
  readonly kills: BusKills;
  /** Packets that collectors handed to the server. */
  readonly published: number;
  /** Of all lives of all programs together. */
  readonly total: Omit<Seen, 'breaches'>;
  /** Ticks that each program received, and ticks that it was told as dropped. */
  readonly programs: Readonly<Record<string, { ticks: number; dropped: number; orders: number }>>;
  readonly lives: number;
  /** Orders in the stream. */
  readonly ordersStored: number;
  /** What must not have happened. */
  readonly breaches: readonly string[];
}

/** What is asked of a whole run. */
export interface BusGoal {
  /** At least so many kills of collectors. */
  readonly kills: number;
  /** Programs that are too slow: they must have dropped ticks. */
  readonly slow: readonly string[];
  /** Instruments that programs want together. */
  readonly symbolCount: number;
}

const COUNTS = ['ticks', 'gaps', 'inGaps', 'dropped', 'unexplained', 'orders'] as const;
/** A life of this length without a tick has seen nothing of the market. */
const TICKS_WITHIN_MS = 30_000;
/** At the end nothing has been killed for longer than this. */
const BEHIND_MS = 10_000;
const MOST_OF_A_KIND = 5;

/** Adds up what the lives of programs and collectors have told, and judges the whole run. Pure. */
export class BusTally {
  readonly kills: BusKills = { collector: 0, both: 0, program: 0, server: 0, pause: 0 };
  readonly #goal: BusGoal;
  readonly #lives: { readonly name: string; readonly told: ProgramTold; readonly isLast: boolean }[] = [];
  readonly #collectors: {
    readonly name: string;
    readonly told: CollectorTold | undefined;
    readonly isLast: boolean;
  }[] = [];

  constructor(goal: BusGoal) {
    this.#goal = goal;
  }

  /** A program was killed. @param isLast at the end of the run */
  programEnded(name: string, told: ProgramTold | undefined, isLast: boolean): void {
    if (told) this.#lives.push({ name, told, isLast });
  }

  /** A collector was killed. @param isLast at the end of the run */
  collectorEnded(name: string, told: CollectorTold | undefined, isLast: boolean): void {
    this.#collectors.push({ name, told, isLast });
  }

  verdict(stored: readonly StoredOrder[]): BusVerdict {
    const total: BusVerdict['total'] = {
      ...{ ticks: 0, gaps: 0, inGaps: 0, byReason: {}, dropped: 0, unexplained: 0, orders: 0 },
    };
    const programs: Record<string, { ticks: number; dropped: number; orders: number }> = {};
    for (const { name, told } of this.#lives) {
      for (const key of COUNTS) total[key] += told[key];
      for (const [reason, steps] of Object.entries(told.byReason))
        total.byReason[reason] = (total.byReason[reason] ?? 0) + steps;
      const own = (programs[name] ??= { ticks: 0, dropped: 0, orders: 0 });
      own.ticks += told.ticks;
      own.dropped += told.dropped;
      own.orders += told.orders;
    }
    return {
      kills: this.kills,
      published: this.#collectors.reduce((sum, { told }) => sum + (told?.published ?? 0), 0),
      ...{ total, programs, lives: this.#lives.length, ordersStored: stored.length },
      breaches: [
        ...this.#lives.flatMap(({ name, told, isLast }) =>
          judgeLife(told, stored, isLast).map((what) => `${name}: ${what}`),
        ),
        ...this.#collectors.flatMap((one) => this.#judgeCollector(one, stored)),
        ...this.#judgeRun(total, programs),
      ],
    };
  }

  #judgeCollector(
    { name, told, isLast }: { name: string; told: CollectorTold | undefined; isLast: boolean },
    stored: readonly StoredOrder[],
  ): string[] {
    const known = new Set(stored.map(({ id }) => id));
    const lost = (told?.storedOrderIds ?? []).filter((id) => !known.has(id));
    const { symbolCount } = this.#goal;
    const isOff = isLast && told?.symbolCount !== symbolCount;
    return [
      ...lost.map((id) => `collector ${name}: the order ${id} was acknowledged, and is not stored`),
      ...(isOff
        ? [
            `collector ${name}: has ${told?.symbolCount ?? 0} instruments at the end; programs want ${symbolCount}`,
          ]
        : []),
    ];
  }

  /** A run in which nothing happened shows nothing. */
  #judgeRun(total: BusVerdict['total'], programs: BusVerdict['programs']): string[] {
    const { kills, slow } = this.#goal;
    const breaches: string[] = [];
    for (const [name, own] of Object.entries(programs))
      for (const key of ['ticks', 'orders'] as const)
        if (own[key] === 0) breaches.push(`${name}: received no ${key}`);
    for (const name of slow)
      if ((programs[name]?.dropped ?? 0) === 0)
        breaches.push(`${name}: is too slow, and has dropped nothing`);
    if (total.gaps === 0) breaches.push('no gap was reported');
    if (this.kills.collector < kills)
      breaches.push(`${this.kills.collector} collectors were killed, and not ${kills}`);
    return breaches;
  }
}

function judgeLife(told: ProgramTold, stored: readonly StoredOrder[], isLast: boolean): string[] {
  const { ticks, unexplained, open, dropped, behindMs, openedAt, toldAt } = told;
  const breaches = [...told.breaches, ...judgeBusOrders(told, stored).slice(0, MOST_OF_A_KIND)];
  if (unexplained + open > dropped)
    breaches.push(`${unexplained + open} ticks are in no gap, and ${dropped} were told as dropped`);
  if (ticks === 0 && toldAt - openedAt > TICKS_WITHIN_MS) breaches.push('received no tick in its life');
  if (isLast && (behindMs === null || behindMs > BEHIND_MS))
    breaches.push(
      `the last step of an instrument is ${behindMs === null ? 'missing' : `${behindMs} ms old`} at the end`,
    );
  return breaches;
}
