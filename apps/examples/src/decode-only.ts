/** Bytes to ticks and back, with only @kite/protocol: no socket, no Node API; it also runs in a browser. */
import { decodeFrame, encodeFrame, parseTextMessage } from '@kite/protocol';

/** A binary message as it comes from the socket: one packet, the index NIFTY 50 in full. */
const FRAME = '0001' + '0020' + '0003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22';

const frame = Uint8Array.from(FRAME.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

for (const tick of decodeFrame(frame)) {
  console.log(tick);
  // A packet's length decides its kind, so TypeScript knows its fields.
  if (tick.mode === 'full' && !tick.tradable)
    console.log(`index at ${tick.lastPrice}, ${tick.netChange} since yesterday's ${tick.ohlc.close}`);
  // And back, bit for bit: for tests, for relays, for a simulator.
  const again = encodeFrame([tick]);
  console.log(`the same ${again.length} bytes: ${again.every((byte, at) => byte === frame[at])}`);
}

// Decoding never throws. Problems in a frame are reported, and whole packets are decoded.
const cut = frame.subarray(0, 20);
const ticks = decodeFrame(cut, { onIssue: (issue) => console.log(`issue: ${JSON.stringify(issue)}`) });
console.log(`${ticks.length} ticks of a frame that was cut`);

// Text messages have a type; unknown ones pass through.
const message = parseTextMessage(
  '{"type":"order","data":{"order_id":"1","status":"COMPLETE","filled_quantity":50}}',
);
if (message.type === 'order') console.log(`order ${message.order.order_id}: ${message.order.status}`);
console.log(parseTextMessage('{"type":"something-new","data":[1]}'));
