import { RandomStream, scramble } from '@kite/kit';
import { NatsServer } from '@kite/testkit';

import { integer, positive, readCommandLine } from '../../../tools/command-line.mjs';
import { busRun } from './bus/bus-run.js';

const {
  options: { minutes, seed, instruments: count, every: everyMs, kills },
} = readCommandLine({
  command: 'npm run bus-trial --',
  about:
    'Runs two collectors, three programs and a NATS server, and kills them at random. The exit code is 1 if something was lost that was not reported.',
  options: {
    minutes: positive('N', 'how long', { otherwise: 10 }),
    seed: integer('N', 'what draws the kills', { otherwise: 1 }),
    instruments: integer('N', 'how many', { from: 3, otherwise: 300 }),
    every: positive('MS', 'milliseconds between two kills', { otherwise: 6000 }),
    kills: integer('N', 'go on until there were this many', { from: 0, otherwise: 1 }),
  },
});

await using server = await NatsServer.start('-js');
const stream = new RandomStream(scramble(seed));
const startAt = Date.now();
const verdict = await busRun({
  plan: {
    ...{ startAt, stepMs: 50, orderEvery: 20 },
    tokens: Array.from({ length: count }, (_, index) => ((index + 1) << 8) | 1),
  },
  ...{ server, everyMs, kills, forMs: minutes * 60_000, random: () => stream.next() },
  note: (what) => {
    console.log(`${((Date.now() - startAt) / 1000).toFixed(1).padStart(7)} s  ${what}`);
  },
});
console.log(JSON.stringify(verdict, undefined, 2));
console.log(verdict.breaches.length === 0 ? 'nothing was lost that was not told' : 'BROKEN');
process.exitCode = verdict.breaches.length === 0 ? 0 : 1;
