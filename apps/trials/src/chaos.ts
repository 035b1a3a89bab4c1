import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { integer, positive, readCommandLine } from '../../../tools/command-line.mjs';
import { selfSigned } from './chaos/certificate.js';
import { type FaultKind, NETEM_KINDS, NETWORK_KINDS } from './chaos/fault-kind.js';
import { makeNetwork, netemMissing, type NetworkOutcome, removeNetwork } from './chaos/network.js';
import type { RunJob } from './chaos/run-job.js';

const {
  options: { minutes, seed, round: onlyRound },
} = readCommandLine({
  command: 'npm run chaos --',
  about:
    'Runs a ticker, a manager and a multi-api over real sockets, TLS and threads, under random faults. The exit code is 1 if a round broke a rule.',
  options: {
    minutes: positive('N', 'how long', { otherwise: 10 }),
    seed: integer('N', 'what draws the faults', { otherwise: 1 }),
    round: integer('N', 'only the faults of this round'),
  },
});

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
