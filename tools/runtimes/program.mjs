// What the packages without Node's APIs promise, in any runtime that has the global WebSocket and fetch: the list of
// instruments over HTTP, ticks over a socket in every form, a bar, the calendar. Prints one line of JSON.
import process from 'node:process';
import { BarBuilder } from '@kite/bars';
import { MarketCalendar } from '@kite/calendar';
import { Instruments } from '@kite/instruments';
import { decodeFrame, modeRequests, parseTextMessage, subscribeRequests } from '@kite/protocol';
import { asTickRaw, FrameCursor, packets } from '@kite/raw';

const [url = '', httpUrl = '', cacheDir] = process.argv.slice(2);

const instruments = await Instruments.load({ url: `${httpUrl}/instruments`, cacheDir });
const again = await Instruments.load({ url: 'http://127.0.0.1:9/', cacheDir }).catch(({ code }) => code);
const infy = instruments.tokenOf('NSE:INFY');
if (infy === undefined) throw new Error('the list has no NSE:INFY');

const socket = new WebSocket(`${url}?api_key=runtimes&access_token=token`);
socket.binaryType = 'arraybuffer';
socket.addEventListener('open', () => {
  for (const request of [...subscribeRequests([infy]), ...modeRequests('full', [infy])]) socket.send(request);
});
const texts = new Set();
const frame = await new Promise((resolve, reject) => {
  socket.addEventListener('error', () => reject(new Error('the socket has failed')));
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') texts.add(parseTextMessage(data).type);
    else {
      const ticks = decodeFrame(new Uint8Array(data)).filter(({ mode }) => mode === 'full');
      if (ticks.length > 0) resolve(new Uint8Array(data));
    }
  });
});
socket.close();

const [tick] = decodeFrame(frame);
const [body] = packets(frame);
const cursor = new FrameCursor();
cursor.reset(frame);
cursor.next();
const bars = new BarBuilder({ interval: '1m' });
// In the morning of a trading day: the night has no bars.
const morning = Date.parse('2026-11-20T09:20:10+05:30');
bars.push([{ ...tick, exchangeTimestamp: morning, lastTradeTime: morning }]);
bars.push([
  {
    ...tick,
    exchangeTimestamp: morning + 1000,
    lastTradeTime: morning + 1000,
    volumeTraded: tick.volumeTraded + 1,
  },
]);
console.log(
  JSON.stringify({
    list: instruments.size > 1000 && instruments.search('infy')[0]?.instrumentToken === infy,
    refused: again === 'KITE_INSTRUMENTS_LOAD_FAILED',
    texts: texts.has('instruments-meta'),
    tick: tick?.instrumentToken === infy && tick.lastPrice > 0,
    view: body !== undefined && asTickRaw(body)?.header.lastPrice === tick?.lastPrice,
    cursor: cursor.instrumentToken === infy && cursor.lastPrice === tick?.lastPrice,
    bar: bars.forming(infy)?.close === tick?.lastPrice,
    holiday: !new MarketCalendar().isTradingDay('NSE', '2026-01-26'),
  }),
);
