import type { WireLog } from '../run/wire-log.js';
import type { Failure } from './failure.js';
import { OpenedSockets } from './opened-sockets.js';
import type { StreamRecord } from './stream-record.js';

/** Timers and rounding within one turn of the event loop. */
const TOLERANCE_MS = 0.5;

/**
 * Judges the gaps of connections that came back: each has one, from the last data of the old socket or earlier to the
 * opening of the new one or later. For a consumer that was there from the beginning and lost nothing.
 */
export function judgeGaps(stream: StreamRecord, wire: WireLog): Failure[] {
  const failures: Failure[] = [];
  const opened = new OpenedSockets(stream, wire.sockets);
  /** By connection of the client, the last time that data came over a socket of it. */
  const lastDataOf = new Map<string, number>();
  const pending = new Map<string, { at: number; from: number; to: number }>();
  const fail = (rule: 'gap-missing' | 'gap-short', at: number, text: string): void => {
    failures.push({ rule, at, consumer: stream.consumer, text });
  };
  for (const { at, item } of stream.items) {
    const channel = `${item.from.account}, connection ${item.from.channelId + 1}`;
    const expected = pending.get(channel);
    if (item.type === 'state' && item.state === 'open') {
      const socket = opened.of(item);
      const lastData = lastDataOf.get(channel);
      if (lastData !== undefined && socket?.openedWall !== undefined)
        pending.set(channel, { at, from: lastData, to: socket.openedWall });
      if (socket) lastDataOf.set(channel, Math.max(socket.openedWall!, socket.lastDataWall ?? 0));
    } else if (item.type === 'gap' && expected && !item.gap.instrumentTokens) {
      pending.delete(channel);
      const { from, to } = item.gap;
      if (from > expected.from + TOLERANCE_MS)
        fail('gap-short', at, `${channel}: from ${from}, and the last data came at ${expected.from}`);
      if (to < expected.to - TOLERANCE_MS)
        fail('gap-short', at, `${channel}: to ${to}, and the next socket opened at ${expected.to}`);
    } else if (item.type === 'ticks' && expected) {
      pending.delete(channel);
      fail('gap-missing', at, `${channel} came back at ${expected.at}`);
    }
  }
  return failures;
}
