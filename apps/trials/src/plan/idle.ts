import type { Plan } from './plan.js';

/** From when to when something happens, in milliseconds. */
type Span = readonly [from: number, to: number];

/** The same plan with less time in which nothing happens: no such stretch is longer than this. */
export function idleCut(plan: Plan, longestMs: number): Plan {
  const moved = movedBy(spansOf(plan), longestMs);
  return {
    ...plan,
    lengthMs: moved(plan.lengthMs),
    faults: {
      ...plan.faults,
      faults: plan.faults.faults.map((fault) => ({ ...fault, at: moved(fault.at) })),
    },
    actions: plan.actions.map((action) => ({ ...action, at: moved(action.at) })),
    consumers: plan.consumers.map((consumer) => ({
      ...consumer,
      from: moved(consumer.from),
      ...(consumer.to !== undefined && { to: moved(consumer.to) }),
    })),
  };
}

function spansOf({ faults, actions, consumers, lengthMs }: Plan): Span[] {
  return [
    ...faults.faults.map((fault): Span => {
      const forMs = 'forMs' in fault ? fault.forMs : 'loginAfterMs' in fault ? (fault.loginAfterMs ?? 0) : 0;
      return [fault.at, fault.at + forMs];
    }),
    ...actions.map(({ at }): Span => [at, at]),
    ...consumers.flatMap(({ from, to }): Span[] => [
      [from, from],
      ...(to === undefined ? [] : [[to, to] as Span]),
    ]),
    [lengthMs, lengthMs],
  ];
}

/** Where each time comes to be, when the time between these spans is cut. */
function movedBy(spans: readonly Span[], longestMs: number): (at: number) => number {
  const cuts: { after: number; ms: number }[] = [];
  let busyUntil = 0;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from - busyUntil > longestMs) cuts.push({ after: from, ms: from - busyUntil - longestMs });
    busyUntil = Math.max(busyUntil, to);
  }
  return (at) => cuts.reduce((moved, { after, ms }) => (at >= after ? moved - ms : moved), at);
}
