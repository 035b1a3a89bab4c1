import type { Settings } from '../groups.js';
import { inChild } from '../harness/child.js';
import { bytes, count, percent, type Table } from '../report/figure.js';
import type { BarsJob, BarsSample } from './measure.js';

/** A minute and a half, so that every builder except the daily one closes bars. */
const BUSY: BarsJob = { instruments: 9000, ticksPerSecond: 30_000, seconds: 90, everySeconds: 10 };
/** From 09:15 to 15:30, with fewer ticks: memory depends on instruments and bars. */
const DAY: BarsJob = { instruments: 9000, ticksPerSecond: 1000, seconds: 22_500, everySeconds: 3600 };

/** Bars of all instruments of an account, in four intervals at once. */
export async function barsGroup({ restarts, note }: Settings): Promise<Table[]> {
  const busy: BarsSample[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    note(`bars, process ${restart + 1}`);
    busy.push(await inChild('bars', BUSY, { flags: ['--expose-gc'] }));
  }
  note('bars, a whole day');
  const day = await inChild<BarsSample>('bars', DAY, { flags: ['--expose-gc'] });
  return [
    {
      title: 'Bars of 9000 instruments in four intervals: 1m, 5m, 15m, 1d',
      note: 'Four builders in one thread, 30 000 full ticks a second; decoding is not in it. Of one core.',
      columns: ['processor', 'heap', 'bars'],
      rows: [
        {
          name: '@kite/bars',
          cells: [
            percent(
              busy.map(({ load }) => load),
              { floor: 10, aim: 5, more: false },
            ),
            bytes(busy.map((sample) => sample.bytes.at(-1)!)),
            count(busy.map(({ bars }) => bars)),
          ],
        },
      ],
    },
    {
      title: 'The same for a whole day, 1000 ticks a second: heap in use after each hour of it',
      columns: [...day.bytes.slice(0, -1).map((_, hour) => `${hour + 1} h`), 'the end', 'bars'],
      rows: [
        {
          name: '@kite/bars',
          cells: [...day.bytes.map((used) => bytes([used])), count([day.bars])],
        },
      ],
    },
  ];
}
