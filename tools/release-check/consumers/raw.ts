import { asIndexQuote32, asTickRaw, decodeLazy, FrameCursor, packets, TickColumns } from '@kite/raw';

// Neither Node's types nor the DOM's are here to declare it.
declare const console: { log(line: string): void };

/** NIFTY 50 in full mode, in a frame of one packet. */
const hex = '000100200003e909001feab9001ff42d001fd0d8001ff0b8001ff2cafffff7ef65715d22';
const frame = Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

const read: Record<string, number | undefined> = {};
for (const body of packets(frame)) {
  if (asTickRaw(body)) throw new Error('an index is no tradable instrument');
  read['view'] = asIndexQuote32(body)?.lastPrice;
}
for (const tick of decodeLazy(frame)) read['lazy'] = tick.lastPrice;

const cursor = new FrameCursor();
cursor.reset(frame);
while (cursor.next()) read['cursor'] = cursor.lastPrice;

const columns = new TickColumns();
columns.append(frame);
read['columns'] = columns.lastPrice[0];

if (Object.values(read).some((price) => price !== 20_917.05)) throw new Error(JSON.stringify(read));
console.log(`read 20917.05 as ${Object.keys(read).join(', ')}`);
