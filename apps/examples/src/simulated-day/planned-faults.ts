import type { Fault, FaultAction, FaultPlan } from '@kite/simulator';

/** The start of the day: yesterday's token is valid for another ten minutes. */
export const DAY_BEGINS = '05:50';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/**
 * The faults in this example, all in one day. A plan is data: it could come from a file, and the shortest plan that
 * still shows a bug belongs in a test.
 */
export const PLANNED_FAULTS: FaultPlan = {
  faults: [
    // After six no token is valid, and a disconnected client waits for the login at 08:30.
    at('06:30', { kind: 'drop' }),
    at('09:40', { kind: 'drop', who: 1 }),
    at('10:05', { kind: 'order', order: { status: 'COMPLETE' } }),
    at('10:30', { kind: 'restart', forMs: 8 * SECOND_MS }),
    // The main thread is blocked, and the I/O worker reads on.
    at('11:15', { kind: 'block-main', forMs: 5 * SECOND_MS }),
    at('12:05', { kind: 'sleep', forMs: 3 * MINUTE_MS }),
    at('13:00', { kind: 'stall', who: 2, forMs: 20 * SECOND_MS }),
    at('13:45', { kind: 'crash-worker' }),
    at('14:20', { kind: 'cut-silently', who: 0 }),
    at('15:10', { kind: 'jump-clock', byMs: -2 * SECOND_MS }),
  ],
};

function at(time: string, action: FaultAction): Fault {
  return { at: minutesOf(time) * MINUTE_MS - minutesOf(DAY_BEGINS) * MINUTE_MS, ...action };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return 60 * hours + minutes;
}
