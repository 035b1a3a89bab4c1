import type { Duplex } from 'node:stream';

import { FrameSource } from '../receive/frame-source.js';
import { type Identity, listenForSockets } from '../receive/wire-server.js';

/** A server that sends to a client's connections for a while, and counts. */
export interface PeerServerJob {
  readonly identity: Identity;
  /** Connections that the client opens. Sending starts when all are open. */
  readonly connections: number;
  /** Whether to send only after each connection has sent a request: some clients discard earlier data. */
  readonly awaitsRequests: boolean;
  /** Full ticks a second over all connections together, in turn; 0 floods each. */
  readonly ticksPerSecond: number;
  readonly ticksPerFrame: number;
  readonly instruments: number;
  /** How long it sends, in milliseconds. */
  readonly sendForMs: number;
}

/** Bytes written to the kernel at once in a flood. */
const FLOOD_BYTES = 65_536;

/** Answers with the number of ticks sent. */
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

/** As fast as the client takes it, except what its socket holds when time is up. */
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

/** Each frame at its own time, to each connection in turn. The thread sleeps in between: timers are too coarse. */
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
