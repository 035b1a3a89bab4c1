import { groupBy } from '@kite/kit';

import type { Failure } from '../oracle/failure.js';
import { FAULT_KINDS, type FaultKind, type Skipped } from './fault-kind.js';
import { addSurvival, NO_SURVIVAL, type Survival } from './survivors.js';

/** Counts of ticks. */
export interface TickCounts {
  /** States that the server sent, copies included. */
  readonly sent: number;
  /** Ticks that the consumer that reads everything received. */
  readonly delivered: number;
  /** Ticks reported to it as dropped. */
  readonly dropped: number;
  /** Gaps reported to it, and states that a gap reports as too late. */
  readonly gaps: number;
  readonly tooLate: number;
  /** Neither delivered nor dropped: in gaps, unwanted, or copies of what was delivered. */
  readonly rest: number;
  readonly orders: number;
}

const NO_TICKS: TickCounts = { sent: 0, delivered: 0, dropped: 0, gaps: 0, tooLate: 0, rest: 0, orders: 0 };

/** A breach, and who broke the rule in which round. */
export interface Breach extends Failure {
  readonly round: number;
  readonly layer: string;
}

/** The counts so far. */
export class Tally {
  readonly faults = new Map<FaultKind, number>();
  readonly ticks = new Map<string, TickCounts>();
  readonly breaches: Breach[] = [];
  survival = NO_SURVIVAL;
  rounds = 0;

  struck(kind: FaultKind): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  counted(layer: string, counts: TickCounts): void {
    this.ticks.set(layer, sum(this.ticks.get(layer) ?? NO_TICKS, counts));
  }

  survived(survival: Survival): void {
    this.survival = addSurvival(this.survival, survival);
  }

  get allFaults(): number {
    return [...this.faults.values()].reduce((all, count) => all + count, 0);
  }

  /** One line of progress. */
  progress(minutes: number): string {
    const delivered = [...this.ticks.values()].reduce((all, counts) => all + counts.delivered, 0);
    return (
      `${minutes.toFixed(1)} min: round ${this.rounds}, ${this.allFaults} faults, ` +
      `${delivered} ticks delivered, ${this.breaches.length} breaches`
    );
  }

  /** Everything, at the end. */
  report(seed: number, hours: number, skipped: Skipped): string[] {
    const ticks = [...this.ticks].map(
      ([layer, { sent, delivered, dropped, gaps, tooLate, rest, orders }]) =>
        `${layer}: ${sent} ticks sent, ${delivered} delivered, ${dropped} told as dropped, ` +
        `${tooLate} told as too late, ${rest} others (in one of ${gaps} gaps, unwanted, or copies); ${orders} orders`,
    );
    const { kills, arrived, undelivered, inGaps } = this.survival;
    return [
      `${this.rounds} rounds, ${this.allFaults} faults, ${Math.round(this.allFaults / hours)} an hour:`,
      ...FAULT_KINDS.map(
        (kind) =>
          `  ${kind}: ${skipped.has(kind) ? `skipped, ${skipped.get(kind)}` : (this.faults.get(kind) ?? 0)}`,
      ),
      ...ticks,
      `replicas: ${kills} kills of one account; ${arrived} states reached a surviving account meanwhile, ` +
        `${undelivered} of them were not delivered, ${inGaps} of those lie in a gap that was told`,
      ...breachLines(this.breaches, seed),
    ];
  }
}

function breachLines(breaches: readonly Breach[], seed: number): string[] {
  if (breaches.length === 0) return ['no rule was broken'];
  const rules = groupBy(breaches, ({ layer, rule }) => `${layer}: ${rule}`);
  return [
    `${breaches.length} breaches:`,
    ...[...rules].map(([name, of]) => {
      const rounds = [...new Set(of.map(({ round }) => round))];
      return `  ${name}: ${of.length}, in rounds ${rounds.join(' ')}; npm run chaos -- --seed ${seed} --round ${rounds[0]}`;
    }),
  ];
}

function sum(one: TickCounts, other: TickCounts): TickCounts {
  return Object.fromEntries(
    Object.entries(one).map(([name, count]: [string, number]) => [
      name,
      count + other[name as keyof TickCounts],
    ]),
  ) as unknown as TickCounts;
}
