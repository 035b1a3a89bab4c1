import type { SocketListener, TransportSocket } from '@kite/connection';

import { WireLog } from '../run/wire-log.js';
import type { Note } from './note.js';
import type { Moment } from './shared-clock.js';

const NO_SOCKET: TransportSocket = {
  send: () => undefined,
  ping: () => undefined,
  close: () => undefined,
  terminate: () => undefined,
};

/**
 * Replays the notes of threads into a wire log, in order of time, as if they happened now.
 *
 * @param accepted by the name of a socket, the server's number of its connection
 */
export function replayedWire(
  notes: readonly Note[],
  began: Moment,
  accepted: ReadonlyMap<string, number>,
): WireLog {
  let now: Pick<Note, 'at' | 'wall'> = { at: began.sharedMs, wall: began.wall };
  let listener: SocketListener | undefined;
  const wire = new WireLog({ trueNow: () => now.at - began.sharedMs, wallNow: () => now.wall });
  const { transport } = wire.over({
    open: (_, given) => {
      listener = given;
      return NO_SOCKET;
    },
  });
  const sockets = new Map<string, { socket: TransportSocket; listener: SocketListener }>();
  wire.look();
  for (const note of [...notes].sort((a, b) => a.at - b.at)) {
    now = note;
    if (note.type === 'dialled') {
      const socket = transport.open({ url: note.url, headers: {}, maxPayloadBytes: 0 }, UNHEARD);
      sockets.set(note.socket, { socket, listener: listener! });
      const connectionId = accepted.get(note.socket);
      if (connectionId !== undefined) wire.accepted(`trial-${wire.sockets.length - 1}`, connectionId);
      continue;
    }
    const known = sockets.get(note.socket);
    if (known) replay(note, known.socket, known.listener);
  }
  return wire;
}

function replay(note: Note, socket: TransportSocket, listener: SocketListener): void {
  switch (note.type) {
    case 'opened':
      listener.opened();
      break;
    case 'frame':
      listener.binary(Uint8Array.of(note.packets >> 8, note.packets & 0xff));
      break;
    case 'heartbeat':
      listener.binary(Uint8Array.of(0));
      break;
    case 'text':
      listener.text(note.text);
      break;
    case 'sent':
      socket.send(note.text);
      break;
    case 'left':
      socket.terminate();
      break;
    case 'dialled':
  }
}

const UNHEARD: SocketListener = {
  opened: () => undefined,
  binary: () => undefined,
  text: () => undefined,
  alive: () => undefined,
  pong: () => undefined,
  ended: () => undefined,
};

/** By socket name, the positions of the packets that were cut off on their way, counted from 0. */
export function cutPackets(notes: readonly Note[]): ReadonlyMap<string, ReadonlySet<number>> {
  const cut = new Map<string, Set<number>>();
  const packets = new Map<string, number>();
  for (const note of notes) {
    if (note.type !== 'frame') continue;
    const first = packets.get(note.socket) ?? 0;
    packets.set(note.socket, first + note.packets);
    for (let place = first + note.whole; place < first + note.packets; place++) {
      const places = cut.get(note.socket);
      if (places) places.add(place);
      else cut.set(note.socket, new Set([place]));
    }
  }
  return cut;
}
