import type { Settings } from '../groups.js';
import { inChild } from '../harness/child.js';
import { bytes, count, type Table } from '../report/figure.js';
import type { ForgottenChannelJob, ForgottenChannelSample } from './forgotten-channel.js';

const TICKS = 108_000_000;
const HEAP_MIB = 1024;

/** Whether a program survives a channel that it opened and never reads. One process, since it takes minutes. */
export async function forgottenGroup({ note }: Settings): Promise<Table[]> {
  note('a forgotten channel');
  const job: ForgottenChannelJob = { ticks: TICKS };
  const flags = [`--max-old-space-size=${HEAP_MIB}`];
  const sample = await inChild<ForgottenChannelSample>('forgotten-channel', job, { flags });
  return [
    {
      title:
        'A unified channel that nobody reads: 108 million full ticks of 9000 instruments, unpaced, with presets.production',
      note: `Node with a heap of ${HEAP_MIB} MiB. The health says: ${sample.reasons.join('; ')}.`,
      columns: ['most resident memory', 'items waiting', 'ticks received', 'ticks dropped, and counted'],
      rows: [
        {
          name: 'forgotten-channel',
          cells: [
            bytes([sample.mostResidentBytes], { floor: 900_000_000, more: false }),
            count([sample.waitingItems]),
            count([sample.received], { floor: TICKS }),
            count([sample.dropped]),
          ],
        },
      ],
    },
  ];
}
