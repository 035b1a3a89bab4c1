import { type NotATickMessage, readHead, TICK_HEAD, type TickHead } from './head.js';

/** A decoded message of `kite.f.<publisher>.<connection>`: the head, and the frame as a view into the message. */
export interface FrameMessage extends Pick<
  TickHead,
  'account' | 'connection' | 'epoch' | 'sequence' | 'previous' | 'receivedAt'
> {
  /** The frame as Kite sent it, a heartbeat of one byte included. `slice()` what is kept. */
  frame: Uint8Array;
}

/** Reads a message with a whole frame. Never throws; bytes that are no such message come back with their flaw. */
export function decodeFrameMessage(message: Uint8Array): FrameMessage | NotATickMessage {
  const head = readHead(message);
  if ('flaw' in head) return head;
  const { account, connection, epoch, sequence, previous, receivedAt } = head;
  const frame = message.subarray(TICK_HEAD.length);
  return { account, connection, epoch, sequence, previous, receivedAt, frame };
}
