// `npm run chaos -- --minutes 60 --seed 1`: ticker, manager and multi-api over real sockets, TLS and threads, under faults.
// `npm run chaos -- --seed 1 --round 7`: the faults of one round once more.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { selfSigned } from './chaos/certificate.js';
import { type FaultKind, NETEM_KINDS, NETWORK_KINDS } from './chaos/fault-kind.js';
import { makeNetwork, netemMissing, type NetworkOutcome, removeNetwork } from './chaos/network.js';
import type { RunJob } from './chaos/run-job.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    round: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const onlyRound = values.round === undefined ? undefined : Number(values.round);
if (!(minutes > 0)) throw new Error('--minutes takes a positive number');
if (!Number.isSafeInteger(seed)) throw new Error('--seed takes an integer');
if (onlyRound !== undefined && !Number.isSafeInteger(onlyRound)) throw new Error('--round takes an integer');

const outcome = makeNetwork();
const network = 'network' in outcome ? outcome.network : undefined;
const folder = mkdtempSync(path.join(tmpdir(), 'kite-chaos-'));
try {
  const skipped = skippedBy(outcome);
  for (const [kind, why] of skipped) console.log(`skipped: ${kind}, ${why}`);
  const tls = await selfSigned(['localhost', network?.address ?? '127.0.0.1']);
  const ca = path.join(folder, 'ca.pem');
  writeFileSync(ca, tls.cert);
  process.exitCode = await run({ seed, minutes, onlyRound, tls, network, skipped: [...skipped] }, ca);
} finally {
  if (network) removeNetwork(network);
  rmSync(folder, { recursive: true });
}

/** The certificate is trusted from the start of a process on, in all its threads. */
async function run(job: RunJob, ca: string): Promise<number> {
  const file = fileURLToPath(new URL('./chaos/children/run.js', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', file, JSON.stringify(job)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function skippedBy(made: NetworkOutcome): ReadonlyMap<FaultKind, string> {
  const skipped = new Map<FaultKind, string>([
    ['corrupt', 'TLS lets no flipped bit through, and what it would decode to was never sent'],
  ]);
  const skip = (kinds: readonly FaultKind[], why: string): void => {
    for (const kind of kinds) skipped.set(kind, why);
  };
  if ('missing' in made) {
    skip([...NETWORK_KINDS, ...NETEM_KINDS], `this machine makes no network namespace: ${made.missing}`);
    return skipped;
  }
  const missing = netemMissing(made.network);
  if (missing !== undefined) skip(NETEM_KINDS, `its kernel has no netem: ${missing}`);
  return skipped;
}
