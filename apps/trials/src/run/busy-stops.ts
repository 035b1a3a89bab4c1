import type { VirtualDay } from '@kite/simulator';

import type { ConsumerPlan } from '../plan/plan.js';

/** A moment at which a stop has work to undo. */
export interface BusyStop {
  readonly when: string;
  /** Only where there is an I/O worker. */
  readonly needsWorker?: boolean;
  /** Done before the start. */
  readonly prepare?: (day: VirtualDay) => void;
  /** From the start to the disturbance. */
  readonly afterMs: number;
  readonly disturb?: (day: VirtualDay) => void;
  /** From there to the stop. */
  readonly stopsInMs: number;
}

/** Every connection that can open is open after this. Less than `stableAfterMs`. */
const BUSY_MS = 1500;

/** Longer than ticks are on their way, and less than a lost connection waits. */
const FRESH_MS = 1000;

/** Between the first connection's attempt and the second's. */
const STAGGERED_MS = 20;

/** Before a worker that crashed is replaced. */
const CRASHED_MS = 50;

/** The stops that follow once a trial is judged, one after the other. */
export const BUSY_STOPS: readonly BusyStop[] = [
  {
    when: 'while everything streams and a channel gathers',
    afterMs: BUSY_MS,
    disturb: ({ simulator }) => {
      simulator.burst(1);
    },
    stopsInMs: FRESH_MS,
  },
  {
    when: 'while every connection waits',
    afterMs: BUSY_MS,
    disturb: ({ simulator }) => {
      simulator.drop();
    },
    stopsInMs: FRESH_MS,
  },
  {
    when: 'while every connection dials',
    prepare: ({ simulator }) => {
      simulator.slowHandshake(60_000);
    },
    afterMs: BUSY_MS,
    stopsInMs: FRESH_MS,
  },
  {
    when: 'before the second connection dials',
    afterMs: STAGGERED_MS,
    stopsInMs: 0,
  },
  {
    when: 'before a crashed worker is replaced',
    needsWorker: true,
    afterMs: BUSY_MS,
    disturb: (day) => {
      day.inject({ kind: 'crash-worker' });
    },
    stopsInMs: CRASHED_MS,
  },
];

/** The consumer during these stops: its channel holds ticks back until after the stop. */
export const BUSY_CONSUMER: ConsumerPlan = {
  id: 'throttled to the end',
  kind: 'messages',
  overflow: 'conflate',
  capacity: 1000,
  throttleMs: 10_000,
  from: 0,
  takesMs: 0,
};
