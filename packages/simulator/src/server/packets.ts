import { FrameWalker } from '@kite/protocol';

/** The packet bodies of a frame, up to where it breaks off: views, not copies. */
export function* packetsOf(frame: Uint8Array): Generator<Uint8Array> {
  const walker = new FrameWalker().reset(frame);
  while (walker.next()) yield new Uint8Array(walker.view.buffer, walker.offset, walker.length);
}

/** The instrument token of a packet body. */
export function tokenOf(packet: Uint8Array): number {
  return new DataView(packet.buffer, packet.byteOffset, 4).getUint32(0);
}
