import type { Settings } from '../groups.js';
import { inChild } from '../harness/child.js';
import { count, microseconds, type Table } from '../report/figure.js';
import type { Readers, SubscribersJob, SubscribersSample } from './measure.js';

const JOB = { instruments: 3000, channels: 16, subscribers: 64, instrumentsEach: 500, size: 100 } as const;
const READERS: readonly Readers[] = ['everybody', 'channels-of-tokens', 'unwanted', 'subscribers'];

/** The cost of subscribers for each tick, beside one channel. */
export async function subscribersGroup({ restarts, note }: Settings): Promise<Table[]> {
  const samples = new Map<Readers, SubscribersSample[]>(READERS.map((readers) => [readers, []]));
  for (let restart = 0; restart < restarts; restart++) {
    note(`subscribers, process ${restart + 1}`);
    for (const readers of READERS) {
      const job: SubscribersJob = { ...JOB, readers };
      samples.get(readers)!.push(await inChild<SubscribersSample>('subscribers', job));
    }
  }
  const above = (readers: Readers, index: number): number =>
    samples.get(readers)![index]!.microsATick - samples.get('everybody')![index]!.microsATick;
  const alone = samples.get('everybody')!;
  const indices = alone.map((_, index) => index);
  /** The cost of a tick delivered beside the channel that reads all. */
  const perDelivery = (readers: Readers): number[] =>
    indices.map(
      (index) =>
        above(readers, index) / (samples.get(readers)![index]!.deliveredATick - alone[index]!.deliveredATick),
    );
  const ofChannel = perDelivery('channels-of-tokens');
  const ofSubscribers = perDelivery('subscribers');
  return [
    {
      title: 'Subscribers: 64 of 500 instruments each, by chance, out of 3000, beside a channel of all',
      note: 'CPU of one thread, a frame of 100 full ticks, from the frame to the reader. Each row compares processes, and V8 optimises each in its own way: a figure near zero, or below, is too small to see.',
      columns: ['µs'],
      rows: [
        {
          name: 'a tick that one channel of all reads: decoding, and the channel',
          cells: [microseconds(alone.map(({ microsATick }) => microsATick))],
        },
        {
          name: 'a tick that nobody else wants: above that, with a subscriber',
          cells: [
            microseconds(
              indices.map((index) => above('unwanted', index)),
              { floor: 0.1, more: false },
            ),
          ],
        },
        { name: 'a tick delivered to one of 16 channels with `tokens`', cells: [microseconds(ofChannel)] },
        { name: 'a tick delivered to a subscriber', cells: [microseconds(ofSubscribers)] },
        {
          name: 'a tick delivered to a subscriber: above such a channel',
          cells: [
            microseconds(
              indices.map((index) => ofSubscribers[index]! - ofChannel[index]!),
              { floor: 0.15, more: false },
            ),
          ],
        },
        {
          name: 'deliveries to subscribers for each tick of the market',
          cells: [count(samples.get('subscribers')!.map(({ deliveredATick }) => deliveredATick - 1))],
        },
      ],
    },
  ];
}
