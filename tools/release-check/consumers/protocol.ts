import { decodeFrame, encodeFrame, isKiteError, modeRequests, type Tick } from '@kite/protocol';

// Neither Node's types nor the DOM's are here to declare it.
declare const console: { log(line: string): void };

/** NIFTY 50 in full mode, in a frame of one packet. */
const hex = '000100200003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22';
const frame = Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

function show(tick: Tick | undefined): string {
  // Only a build whose types narrow gets past here.
  if (tick?.mode !== 'full' || tick.tradable) throw new Error('no index in full mode');
  const at = tick.exchangeTimestamp === null ? 'never' : new Date(tick.exchangeTimestamp).toISOString();
  return `decoded ${tick.instrumentToken}, ${tick.lastPrice} at ${at}`;
}

const ticks = decodeFrame(frame);
if (String(encodeFrame(ticks)) !== String(frame)) throw new Error('what is encoded is not what was decoded');

try {
  modeRequests('full', [0]);
  throw new Error('a token that there is not was let through');
} catch (error) {
  if (!isKiteError(error)) throw error;
}

console.log(show(ticks[0]));
