import { decodeFrame, type Tick } from '@kite/protocol';
import { frameOf } from '@kite/testkit';

/** One packet, decoded. */
export function decodePacketOf(packet: Uint8Array): Tick {
  return decodeFrame(frameOf(packet))[0]!;
}
