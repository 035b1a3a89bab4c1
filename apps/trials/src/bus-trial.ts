// `npm run bus-trial -- --minutes 10 --seed 1`: two collectors, three programs and a NATS server, killed at random.
import { parseArgs } from 'node:util';
import { RandomStream, scramble } from '@kite/kit';
import { NatsServer } from '@kite/testkit';

import { busRun } from './bus/bus-run.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    instruments: { type: 'string', default: '300' },
    every: { type: 'string', default: '6000' },
    kills: { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const count = Number(values.instruments);
const everyMs = Number(values.every);
const kills = Number(values.kills);
if (!(minutes > 0)) throw new Error('--minutes takes a positive number');
if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
if (!Number.isSafeInteger(count) || count < 3) throw new Error('--instruments takes an integer from 3 on');
if (!Number.isSafeInteger(kills) || kills < 0) throw new Error('--kills takes an integer from 0 on');
if (!(everyMs > 0)) throw new Error('--every takes a positive number of milliseconds');

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
