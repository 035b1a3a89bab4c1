import { startServer } from '../harness/child.js';
import type { PeerClient } from './peer-client.js';
import type { PeerServerJob } from './peer-server.js';
import { type Measured, type Setting, TICKS_PER_FRAME } from './settings.js';

const INSTRUMENTS = 3000;
const WARM_UP_MS = 700;
/** Frames come one by one, so the optimiser needs longer until it has seen enough of them. */
const PACED_WARM_UP_MS = 2500;
/** Below this pace it would need half a minute: those figures include its work. */
const WARM_FROM_TICKS_PER_SECOND = 30_000;

/** Runs one process of the client against a server of its own. */
export async function runPeer(
  client: PeerClient,
  { tls, load }: Setting,
  seconds: number,
  isProfiled = false,
): Promise<Measured> {
  const { name, connections, awaitsRequests, identity } = client;
  const warmUpMs = load >= WARM_FROM_TICKS_PER_SECOND ? PACED_WARM_UP_MS : WARM_UP_MS;
  const job: PeerServerJob = {
    ...{ identity: tls ? identity : 'plain', connections, awaitsRequests },
    ...{ ticksPerSecond: load, ticksPerFrame: TICKS_PER_FRAME, instruments: INSTRUMENTS },
    sendForMs: warmUpMs + seconds * 1000,
  };
  const server = await startServer('peer-server', job);
  try {
    const peerJob = {
      ...{ form: name, url: server.url, connections },
      ...{ isStamped: load > 0, warmUpMs, isProfiled },
    };
    const sample = await client.run(peerJob, TICKS_PER_FRAME);
    return { ...sample, sent: await server.ask<number>('sent') };
  } finally {
    await server.stop();
  }
}
