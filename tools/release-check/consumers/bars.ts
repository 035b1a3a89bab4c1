import {
  type Bar,
  BarBuilder,
  barsOf,
  isKiteError,
  MarketCalendar,
  resample,
  type TickSource,
} from '@kite/bars';

// Neither Node's types nor the DOM's are here to declare it.
declare const console: { log(line: string): void };

const builder = new BarBuilder({ interval: '1m', calendar: new MarketCalendar() });
const price = (lastPrice: number, time: string) =>
  builder.push(
    [{ mode: 'ltp', instrumentToken: 408065, segment: 1, tradable: true, lastPrice }],
    Date.parse(`2026-07-14T${time}:00+05:30`),
  );
price(100, '09:14');
price(101, '09:15');
price(99, '09:16');
const bars: Bar[] = builder.poll(Infinity);
const [hour] = resample(bars, '1h');
if (bars.length !== 2 || hour?.open !== 101 || hour.close !== 99) throw new Error(JSON.stringify(bars));

try {
  barsOf({} as TickSource, { interval: { ms: 0 } });
  throw new Error('took 0 for an interval');
} catch (error) {
  if (!isKiteError(error, 'KITE_BARS_INVALID_OPTION')) throw error;
  console.log(`${bars.length} bars, and ${error.code}`);
}
