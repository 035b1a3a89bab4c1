import fc from 'fast-check';
import { expect, test } from 'vitest';

import { bench } from '../support/overflow-bench.js';
import { OverflowModel } from '../support/overflow-model.js';

const LENGTHS = [8, 28, 32, 44, 184, 60] as const;

test('several links: each text once and in order, packets in order of arrival between them, the newest of each instrument over each link, and every loss told before what is newer', () => {
  const link = fc.integer({ min: 1, max: 3 });
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        link,
        frame: fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...LENGTHS)), {
          maxLength: 6,
        }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ link, heartbeat: fc.constant(true) }) },
    { weight: 2, arbitrary: fc.record({ link, text: fc.nat(300) }) },
    { weight: 1, arbitrary: fc.record({ link, state: fc.constantFrom('open', 'closing') }) },
    { weight: 1, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 800 }) }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.constant(2) }) },
    { weight: 4, arbitrary: fc.record({ turn: fc.constant(1) }) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 256, max: 2048 }),
      fc.array(step, { maxLength: 120 }),
      (ringBytes, steps) => {
        const { clock, outbox, reader, holes, drainAll } = bench(ringBytes);
        const model = new OverflowModel();
        let at = 0;
        for (const step of steps) {
          if ('read' in step) reader.read(step.read);
          else if ('wait' in step) clock.pass(step.wait);
          else if ('turn' in step) at++;
          else if ('text' in step) outbox.text(step.link, at, model.text(step.link, step.text));
          else if ('state' in step) {
            model.state();
            outbox.state(step.link, at, { state: step.state, status: 'down' });
          } else outbox.frame(step.link, at, model.frame(step));
        }
        const read = drainAll();
        expect(holes).toEqual([]);
        model.judge(read);
      },
    ),
    {
      numRuns: 1000,
      // A lost frame is told, and what would have gone out behind it is replaced before it is.
      examples: [
        [
          385,
          [
            {
              link: 1,
              frame: [
                [1, 184],
                [1, 60],
                [1, 184],
              ],
            },
            {
              link: 3,
              frame: [
                [2, 8],
                [1, 8],
              ],
            },
            { link: 3, frame: [[1, 8]] },
            { read: 289 },
            { link: 1, frame: [[1, 8]] },
          ],
        ],
      ],
    },
  );
});
