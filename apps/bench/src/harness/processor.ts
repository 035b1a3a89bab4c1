import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** CPU time of this process, all threads, user and system, in milliseconds. */
function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU time of the main thread in milliseconds; outside Linux, the time that the event loop was busy. */
function mainThreadMs(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(file)) return performance.eventLoopUtilization().active;
  return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6;
}

/** Microseconds of a clock that all processes of the machine share, in 32 bits: it wraps every 71 minutes. */
export function sharedMicros(): number {
  return Number(process.hrtime.bigint() / 1000n) >>> 0;
}

/** Milliseconds between two readings of {@link sharedMicros}, across a wrap. */
export function microsApartMs(from: number, to: number): number {
  return ((to - from) >>> 0) / 1000;
}

/** Measures the used share of one core, from now on. */
export function startLoadMeter(): () => { main: number; process: number; elapsedMs: number } {
  const start = { main: mainThreadMs(), process: processMs(), at: performance.now() };
  return () => {
    const elapsedMs = performance.now() - start.at;
    return {
      main: (mainThreadMs() - start.main) / elapsedMs,
      process: (processMs() - start.process) / elapsedMs,
      elapsedMs,
    };
  };
}
