import { FrameWalker } from '@kite/protocol';

/** The packet bodies of a frame, up to where it is cut off: views, not copies. */
export function* packetsOf(frame: Uint8Array): Generator<Uint8Array> {
  const walker = new FrameWalker().reset(frame);
  while (walker.next()) yield new Uint8Array(walker.view.buffer, walker.offset, walker.length);
}

/** The instrument token of a packet body. */
export function tokenOf(packet: Uint8Array): number {
  // No DataView: a log of everything sent would create millions.
  return ((packet[0]! << 24) | (packet[1]! << 16) | (packet[2]! << 8) | packet[3]!) >>> 0;
}
