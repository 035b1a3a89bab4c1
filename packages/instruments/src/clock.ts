import { machineClock } from '@kite/kit';
import type { Clock } from '@kite/protocol';

/** The machine's own clock. */
export const systemClock: Clock = machineClock();
