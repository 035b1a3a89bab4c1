import { setTimeout as sleep } from 'node:timers/promises';

import { microsApartMs, sharedMicros } from '../harness/processor.js';
import { quantile } from '../harness/statistics.js';
import { FORMS } from './forms.js';
import { type Parts, Profile } from './profile.js';

/** The job of a client process. */
export interface PeerJob {
  readonly form: string;
  readonly url: string;
  readonly connections: number;
  /** Whether frames carry their send time. */
  readonly isStamped: boolean;
  /** Warm-up of the optimiser and the connection, not measured. */
  readonly warmUpMs: number;
  /** Whether V8's profiler runs meanwhile. It costs CPU time itself. */
  readonly isProfiled?: boolean;
}

/** A client process's result, sent when nothing has come for a while. Other languages print it as JSON. */
export interface PeerSample {
  /** Ticks that reached the callback, from the first on. */
  readonly ticks: number;
  /** Ticks that the client reported as lost. */
  readonly dropped: number;
  /** CPU time of the whole process for a tick that reached the callback after the warm-up, in microseconds. */
  readonly cpuMicros: number;
  /** From the server's send to the callback, in milliseconds; without stamps NaN, or null from other languages. */
  readonly latency: Readonly<Record<'p50' | 'p99' | 'p999', number | null>>;
  /** Peak memory of the process, in MB. */
  readonly memoryMb: number;
  /** If it was profiled, the time in JavaScript for a tick, in microseconds. */
  readonly javascript?: Parts | undefined;
}

/** After this silence the server counts as done. A shared machine may stall every process for a second. */
const QUIET_MS = 2000;

export async function measurePeer({
  form,
  url,
  connections,
  isStamped,
  warmUpMs,
  isProfiled = false,
}: PeerJob): Promise<PeerSample> {
  let ticks = 0;
  let dropped = 0;
  let isMeasuring = false;
  const latencies: number[] = [];
  await FORMS[form]!(url, connections, {
    frame(count, stamp) {
      ticks += count;
      if (isMeasuring && isStamped && stamp !== 0) latencies.push(microsApartMs(stamp, sharedMicros()));
    },
    dropped(count) {
      dropped += count;
    },
  });
  while (ticks === 0) await sleep(20);
  await sleep(warmUpMs);
  const profile = isProfiled ? await Profile.start() : undefined;
  isMeasuring = true;
  const warm = { cpu: process.cpuUsage(), ticks };
  let usage = process.cpuUsage(warm.cpu);
  for (let before = -1, since = performance.now(); performance.now() - since < QUIET_MS;) {
    if (ticks !== before) {
      before = ticks;
      since = performance.now();
      usage = process.cpuUsage(warm.cpu);
    }
    await sleep(50);
  }
  const measured = ticks - warm.ticks;
  return {
    ticks,
    dropped,
    cpuMicros: (usage.user + usage.system) / measured,
    latency: {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      p999: quantile(latencies, 0.999),
    },
    memoryMb: process.resourceUsage().maxRSS / 1024,
    javascript: await profile?.stop(measured),
  };
}
