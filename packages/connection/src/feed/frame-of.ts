/** Bytes before a frame's first packet, and before each packet. */
const HEADER = 2;

/** A frame of these packets, in memory of its own. */
export function frameOf(bodies: readonly Uint8Array[]): Uint8Array {
  const length = bodies.reduce((sum, body) => sum + HEADER + body.length, HEADER);
  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, bodies.length);
  let at = HEADER;
  for (const body of bodies) {
    view.setUint16(at, body.length);
    frame.set(body, at + HEADER);
    at += HEADER + body.length;
  }
  return frame;
}
