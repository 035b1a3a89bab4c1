import { machineClock } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** The machine's own time. */
export const systemClock: Clock = machineClock();
