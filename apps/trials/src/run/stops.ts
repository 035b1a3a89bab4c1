import { BUSY_CONSUMER, BUSY_STOPS } from './busy-stops.js';
import { Consumer } from './consumer.js';
import type { Program } from './program.js';
import type { TrialSystem } from './trial-system.js';

/** The longest a stop may take, in milliseconds. */
const STOPS_IN_MS = 2000;

/** The process's count of connections for each API key. */
const SLOTS = Symbol.for('@kite/connection/slots');

/** Clears the process's count of connections, so that an earlier trial's leftovers do not count against this one. */
export function forgetSlots(): void {
  Reflect.deleteProperty(globalThis, SLOTS);
}

/** Stops the client and checks that nothing is left: timers at once, the rest after a moment. */
export async function stopAndLook(
  system: TrialSystem,
  program: Program,
  consumers: readonly Consumer[],
  when = '',
): Promise<void> {
  const { day } = system;
  const stop = { isDone: false };
  for (const consumer of consumers) consumer.finish();
  program.stop(() => (stop.isDone = true));
  await day.runUntil(() => stop.isDone, STOPS_IN_MS);
  if (!stop.isDone) system.fail('does-not-settle', `stop()${when} took more than two seconds`);
  else if (day.pending.timers > 0)
    system.fail('left-over', `${day.pending.timers} timers after a stop${when}`);
  await day.run(STOPS_IN_MS);
  for (const name of program.pendingCalls) system.fail('does-not-settle', name);
  for (const { isReading, plan } of consumers)
    if (isReading) system.fail('left-over', `${plan.id} still waits for its channel after a stop${when}`);
  const { timers, sockets, workers } = day.pending;
  if (timers + sockets + workers > 0)
    system.fail('left-over', `${timers} timers, ${sockets} sockets, ${workers} workers after a stop${when}`);
  const { size } = (Reflect.get(globalThis, SLOTS) ?? new Map()) as Map<string, number>;
  if (size > 0) system.fail('left-over', `${size} keys still have connections after a stop${when}`);
}

/** Starts again several times, and stops while there is much to undo. */
export async function stopWhileBusy(system: TrialSystem, program: Program): Promise<void> {
  const { day, client, plan, scenario } = system;
  day.simulator.setTicksPerSecond(plan.ticksPerSecond);
  for (const { when, needsWorker, prepare, afterMs, disturb, stopsInMs } of BUSY_STOPS) {
    if (needsWorker && !scenario.worker) continue;
    day.simulator.heal();
    const consumer = new Consumer(BUSY_CONSUMER, client, day.options.clock, () => system.now);
    prepare?.(day);
    consumer.open();
    program.start();
    await day.run(afterMs);
    disturb?.(day);
    await day.run(stopsInMs);
    await stopAndLook(system, program, [consumer], ` ${when}`);
  }
}
