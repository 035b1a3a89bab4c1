/** Runs the rounds of chaos: the client's process, which also judges. */
import { systemClock } from '@kite/connection';

import { failureText } from '../../report/print.js';
import { IoThreads } from '../io-threads.js';
import { Leftovers } from '../leftovers.js';
import type { Note } from '../note.js';
import { RelayProcess } from '../relay-process.js';
import { Round, type Stage, TICKS_PER_SECOND } from '../round.js';
import { drawRound } from '../round-plan.js';
import type { RunJob } from '../run-job.js';
import { ServerProcess } from '../server-process.js';
import { SocketWatch } from '../socket-watch.js';
import { Tally } from '../tally.js';

/** The longest round: faults and everything after them. */
const ROUND_MS = 60_000;
const AFTERWARDS_MS = 20_000;

/** How many breaches of one kind are printed for a round. */
const MOST_PRINTED = 5;

const {
  seed,
  minutes,
  onlyRound,
  tls,
  network,
  skipped: skippedList,
} = JSON.parse(process.argv[2]!) as RunJob;
const skipped = new Map(skippedList);
const host = network?.address ?? '127.0.0.1';
const server = await ServerProcess.start(
  { host, seed, ticksPerSecond: TICKS_PER_SECOND, stepIntervalMs: 50, tls },
  network,
);
const relay = network && (await RelayProcess.start(Number(new URL(server.url).port), network));
const notes: Note[] = [];
const tell = (note: Note): void => void notes.push(note);
const tally = new Tally();
const stage: Stage = {
  ...{ server, relay, network, tally },
  threads: new IoThreads(tell),
  watch: new SocketWatch('main', tell),
  leftovers: new Leftovers(),
  workerUrl: new URL('./io-worker.js', import.meta.url),
  takeNotes: () => notes.splice(0),
};
process.on('unhandledRejection', (error) => {
  const text = `nobody has caught ${String(error)}`;
  tally.breaches.push({ rule: 'threw', at: 0, text, round: tally.rounds + 1, layer: 'any' });
});

const began = systemClock.monotonic();
const elapsedMs = (): number => systemClock.monotonic() - began;
const progress = setInterval(() => console.log(tally.progress(elapsedMs() / 60_000)), 60_000).unref();
let number = onlyRound ?? 1;
do {
  const left = minutes * 60_000 - elapsedMs() - AFTERWARDS_MS;
  const lengthMs = onlyRound === undefined ? Math.min(ROUND_MS, Math.max(10_000, left)) : ROUND_MS;
  await runRound(number++, lengthMs);
} while (onlyRound === undefined && elapsedMs() + AFTERWARDS_MS + 10_000 < minutes * 60_000);
clearInterval(progress);
for (const line of tally.report(seed, elapsedMs() / 3_600_000, skipped)) console.log(line);
stage.threads.close();
await relay?.stop();
await server.stop();
process.exitCode = tally.breaches.length === 0 ? 0 : 1;

async function runRound(number: number, lengthMs: number): Promise<void> {
  const before = tally.breaches.length;
  await new Round(drawRound(seed, number, lengthMs, skipped), stage).run();
  const told = new Map<string, number>();
  for (const breach of tally.breaches.slice(before)) {
    const kind = `${breach.layer} ${breach.rule}`;
    const count = (told.get(kind) ?? 0) + 1;
    told.set(kind, count);
    if (count <= MOST_PRINTED) console.log(`round ${number}, ${breach.layer}: ${failureText(breach)}`);
  }
}
