'use strict';
// The official client, unmodified, in a process of its own: its state is the module's, and it calls process.exit.
// Reports what it sees to its parent, and exits by itself only when it fails. Its time runs `speed` times as fast, so that
// its read timeout of seconds takes moments; what it looks at by an interval is nothing but that.
const [url, apiKey, plan, speed] = process.argv.slice(2);
const { full, quote, ltp } = JSON.parse(plan);
hasten(Number(speed));

const { KiteTicker } = require('kiteconnect');
const ticker = new KiteTicker({ root: url, api_key: apiKey, access_token: 'token' });
const report = (event, data) => process.send({ event, data });

ticker.on('connect', () => {
  ticker.subscribe([...full, ...quote, ...ltp]);
  ticker.setMode(ticker.modeFull, full);
  ticker.setMode(ticker.modeLTP, ltp);
  report('connect');
});
ticker.on('message', (frame) => {
  if (frame.byteLength === 1) report('heartbeat');
  else report('ticks', { frame: Buffer.from(frame).toString('base64'), ticks: ticker.parseBinary(frame) });
});
ticker.on('order_update', (order) => report('order', order));
for (const event of ['disconnect', 'error', 'close', 'reconnect', 'noreconnect']) {
  ticker.on(event, (detail) => report('trouble', `${event} ${detail?.message ?? detail?.code ?? ''}`));
}
process.on('disconnect', () => process.exit(0));
ticker.connect();

function hasten(factor) {
  const { Date: RealDate, setInterval: realSetInterval } = globalThis;
  const start = RealDate.now();
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      if (args.length > 0) super(...args);
      else super(start + (RealDate.now() - start) * factor);
    }
  };
  globalThis.setInterval = (callback, delayMs) =>
    realSetInterval(() => {
      callback();
      report('look');
    }, delayMs / factor);
}
