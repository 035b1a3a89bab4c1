import { setTimeout as sleep } from 'node:timers/promises';

import { microsApartMs, sharedMicros, startLoadMeter } from '../harness/processor.js';
import { quantile } from '../harness/statistics.js';
import { type ClientName, CLIENTS } from './clients.js';

export interface ReceiveJob {
  readonly client: ClientName;
  readonly url: string;
  readonly seconds: number;
  /** Whether frames carry their send time. */
  readonly stamped: boolean;
}

export interface ReceiveSample {
  readonly ticksPerSecond: number;
  /** CPU time of the whole process for a tick, in nanoseconds. */
  readonly cpuNsPerTick: number;
  /** Share of a core. */
  readonly load: number;
  /** From the server's send to the callback, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly p999: number };
}

/** Time for the optimiser and the connection. */
const WARM_UP_MS = 700;

export async function measureClient({ client, url, seconds, stamped }: ReceiveJob): Promise<ReceiveSample> {
  let ticks = 0;
  let measuring = false;
  const latencies: number[] = [];
  await CLIENTS[client](url, (count, stamp) => {
    ticks += count;
    if (stamped && measuring) latencies.push(microsApartMs(stamp, sharedMicros()));
  });
  await sleep(WARM_UP_MS);
  if (ticks === 0) throw new Error(`${client} received nothing`);
  ticks = 0;
  measuring = true;
  const load = startLoadMeter();
  await sleep(seconds * 1000);
  const { process: share, elapsedMs } = load();
  return {
    ticksPerSecond: (ticks / elapsedMs) * 1000,
    cpuNsPerTick: (share * elapsedMs * 1e6) / ticks,
    load: share,
    latency: {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      p999: quantile(latencies, 0.999),
    },
  };
}
