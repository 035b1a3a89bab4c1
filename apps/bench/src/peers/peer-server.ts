import type { Duplex } from 'node:stream';

import { FrameSource } from '../receive/frame-source.js';
import { type Identity, listenForSockets } from '../receive/wire-server.js';

/** A server that sends for a while to a client's connections, and counts. */
export interface PeerServerJob {
  readonly identity: Identity;
  /** Connections that the client opens. Nothing is sent before all of them are there. */
  readonly connections: number;
  /** Whether nothing is sent before each of them has asked for something: what comes earlier some clients throw away. */
  readonly awaitsRequests: boolean;
  /** Full ticks a second over all connections together, by turns; 0 floods each. */
  readonly ticksPerSecond: number;
  readonly ticksPerFrame: number;
  readonly instruments: number;
  /** How long it sends, in milliseconds. */
  readonly sendForMs: number;
}

/** So much is handed to the kernel at once when flooding. */
const FLOOD_BYTES = 65_536;

/** Answers with the ticks that it has sent. */
export async function startPeerServer(
  job: PeerServerJob,
): Promise<{ url: string; answer: (question: string) => number }> {
  let frames = 0;
  const source = new FrameSource(job);
  const ready = new Set<Duplex>();
  const { url } = await listenForSockets(
    job.identity,
    (socket) => {
      if (!job.awaitsRequests) begin(socket);
    },
    (socket) => {
      if (job.awaitsRequests) begin(socket);
    },
  );
  return { url, answer: () => frames * job.ticksPerFrame };

  function begin(socket: Duplex): void {
    if (ready.has(socket) || ready.add(socket).size !== job.connections) return;
    const until = performance.now() + job.sendForMs;
    const hasEnded = (): boolean => performance.now() >= until;
    const sent = (count: number): void => {
      frames += count;
    };
    if (job.ticksPerSecond > 0)
      pace([...ready], source, job.ticksPerSecond / job.ticksPerFrame, hasEnded, sent);
    else for (const one of ready) flood(one, source, hasEnded, sent);
  }
}

/** As fast as the client takes it, but for what its socket holds when time is over. */
function flood(
  socket: Duplex,
  source: FrameSource,
  hasEnded: () => boolean,
  sent: (frames: number) => void,
): void {
  const { bytes, frames } = source.wireMessages(FLOOD_BYTES);
  const more = (): void => {
    while (!hasEnded() && !socket.destroyed) {
      sent(frames);
      if (!socket.write(bytes)) return;
    }
  };
  socket.on('drain', more);
  more();
}

/** Each frame at its own time, to one connection after the other. The thread sleeps between them: timers are coarser. */
function pace(
  sockets: readonly Duplex[],
  source: FrameSource,
  framesPerSecond: number,
  hasEnded: () => boolean,
  sent: (frames: number) => void,
): void {
  const intervalMs = 1000 / framesPerSecond;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let due = performance.now();
  let next = 0;
  const step = (): void => {
    if (hasEnded()) return;
    const now = performance.now();
    for (; due <= now; due += intervalMs) {
      sockets[next]!.write(source.nextStamped());
      sent(1);
      next = (next + 1) % sockets.length;
    }
    setImmediate(() => {
      const pauseMs = due - performance.now();
      if (pauseMs > 0) Atomics.wait(sleeper, 0, 0, pauseMs);
      step();
    });
  };
  step();
}
