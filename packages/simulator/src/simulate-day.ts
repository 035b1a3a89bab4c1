import { checkDayOptions, type SimulateDayOptions } from './day-options.js';
import { VirtualDay } from './virtual-day.js';

/**
 * A day in virtual time: the server, its market, the network and the client's machine run in this process, as fast as
 * the processor allows. The same seed and the same program give the same day, byte for byte.
 *
 * Nothing happens until {@link VirtualDay.run} or {@link VirtualDay.runUntil} lets time pass.
 *
 * @throws KiteInputError `KITE_SIMULATOR_INVALID_OPTION`
 */
export function simulateDay(options: SimulateDayOptions = {}): VirtualDay {
  return new VirtualDay(checkDayOptions(options));
}
