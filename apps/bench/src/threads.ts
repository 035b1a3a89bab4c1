import { KiteTickerManager, Mode } from '@kite/manager';
import { startSimulator } from '@kite/simulator';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { median } from './harness/statistics.js';

/**
 * Prints what the main thread pays for 30 000 full ticks a second, in frames of ten, with an I/O worker and without: its
 * share of a core, and the ratio of the two. The server is in a process of its own, and so is each measurement.
 */
const { values } = parseArgs({
  options: {
    restarts: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    role: { type: 'string', default: 'table' },
    url: { type: 'string', default: '' },
    threads: { type: 'boolean', default: false },
    consumer: { type: 'string', default: 'frame' },
  },
});

const INSTRUMENTS = 3000;
const CONSUMERS = ['frame', 'ticks'] as const;
type Consumer = (typeof CONSUMERS)[number];

/** Shares of a core, and what arrived. */
interface Sample {
  main: number;
  process: number;
  framesPerSecond: number;
  ticksPerSecond: number;
}

switch (values.role) {
  case 'server':
    await serve();
    break;
  case 'client':
    process.stdout.write(JSON.stringify(await measure(values.consumer as Consumer)));
    break;
  default:
    await printTable();
}

async function serve(): Promise<void> {
  const simulator = await startSimulator({
    instruments: INSTRUMENTS,
    ticksPerSecond: 30_000,
    stepIntervalMs: 1,
    maxTicksPerFrame: 10,
  });
  process.send?.(simulator.url);
  process.on('disconnect', () => void simulator.stop());
}

async function measure(consumer: Consumer): Promise<Sample> {
  const manager = new KiteTickerManager({
    apiKey: 'key',
    accessToken: 'token',
    url: values.url,
    maxConnections: 1,
    enableDedicatedParsers: values.threads,
  });
  manager.on('issue', ({ issue }) => {
    throw new Error(`not a fair run: ${JSON.stringify(issue)}`);
  });
  let frames = 0;
  let ticks = 0;
  manager.on('frame', () => frames++);
  if (consumer === 'ticks') manager.on('ticks', (message) => (ticks += message.ticks.length));
  await manager.start();
  await manager.subscribeSymbols(
    Array.from({ length: INSTRUMENTS }, (_, index) => index * 256 + 257),
    Mode.Full,
  );
  await sleep(2000);
  const before = {
    frames,
    ticks: ticksReceived(manager),
    main: mainThreadMs(),
    process: processMs(),
    at: performance.now(),
  };
  await sleep(Number(values.seconds) * 1000);
  const elapsedMs = performance.now() - before.at;
  const sample: Sample = {
    main: (mainThreadMs() - before.main) / elapsedMs,
    process: (processMs() - before.process) / elapsedMs,
    framesPerSecond: ((frames - before.frames) / elapsedMs) * 1000,
    ticksPerSecond: ((ticksReceived(manager) - before.ticks) / elapsedMs) * 1000,
  };
  await manager.stop();
  return sample;
}

function ticksReceived(manager: KiteTickerManager): number {
  return manager.getStats().connectionStats.reduce((sum, { ticksReceived: each }) => sum + each, 0);
}

/** The CPU time of this thread: Linux tells it for each thread; elsewhere the time that the event loop was busy. */
function mainThreadMs(): number {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  if (!existsSync(file)) return performance.eventLoopUtilization().active;
  return Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6;
}

function processMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function printTable(): Promise<void> {
  const server: ChildProcess = fork(fileURLToPath(import.meta.url), ['--role', 'server']);
  const [url] = (await once(server, 'message')) as [string];
  const samples = new Map<string, Sample[]>();
  // Interleaved, so that whatever else the machine does falls on all alike.
  for (let restart = 0; restart < Number(values.restarts); restart++) {
    for (const consumer of CONSUMERS) {
      for (const threads of [false, true]) {
        const sample = await inProcess(url, consumer, threads);
        const key = `${consumer} ${threads}`;
        samples.set(key, [...(samples.get(key) ?? []), sample]);
      }
    }
  }
  server.disconnect();
  console.log(`Node ${process.version}, ${values.restarts} processes each; shares of one core\n`);
  console.table(
    Object.fromEntries(
      CONSUMERS.flatMap((consumer) => {
        const [off, on] = [false, true].map((threads) => samples.get(`${consumer} ${threads}`) ?? []);
        const ratios = on!.map((sample, index) => sample.main / off![index]!.main);
        return [
          [`${consumer}, threads off`, row(off!)],
          [`${consumer}, threads on`, { ...row(on!), 'main on / off': median(ratios).toFixed(2) }],
        ];
      }),
    ),
  );
}

function row(of: readonly Sample[]): Record<string, string> {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    'main thread': percent(median(of.map(({ main }) => main))),
    'whole process': percent(median(of.map((sample) => sample.process))),
    'frames/s': median(of.map(({ framesPerSecond }) => framesPerSecond)).toFixed(0),
    'ticks/s': median(of.map(({ ticksPerSecond }) => ticksPerSecond)).toFixed(0),
  };
}

async function inProcess(url: string, consumer: Consumer, threads: boolean): Promise<Sample> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileURLToPath(import.meta.url),
    ...['--role', 'client', '--url', url, '--consumer', consumer, '--seconds', values.seconds],
    ...(threads ? ['--threads'] : []),
  ]);
  return JSON.parse(stdout) as Sample;
}
