import { readFileSync, writeFileSync } from 'node:fs';

import { type Line, lineChart } from '../chart/line-chart.js';
import { samplesOf, type SoakSample } from './soak-sample.js';

/** Draws the samples of a soak into an SVG file; for a running soak, the samples so far. */
export function soakChart(csvFile: string, svgFile: string): void {
  const samples = samplesOf(readFileSync(csvFile, 'utf8'));
  const line = (name: string, of: keyof SoakSample): Line => ({
    name,
    values: samples.map((sample) => sample[of]),
  });
  const charts = [
    {
      title: 'Memory',
      unit: 'MB',
      subtitle: 'the heap after a full collection, and the whole process with its I/O worker',
      lines: [line('heap', 'heapMb'), line('process', 'rssMb')],
    },
    {
      title: 'Event-loop delay of the main thread',
      unit: 'ms',
      subtitle: 'how late its timers came, in each span',
      lines: [line('99 of 100', 'delayP99Ms'), line('the worst', 'delayMaxMs')],
    },
    {
      title: 'Ticks',
      unit: 'a second',
      subtitle: 'what the manager received, and what its slow consumers lost, each counted by itself',
      lines: [line('received', 'ticksPerSecond'), line('dropped for slow consumers', 'droppedPerSecond')],
    },
    {
      title: 'Handles and consumers',
      unit: 'count',
      subtitle: 'what keeps the event loop alive; consumers come and go all the time',
      lines: [line('handles', 'handles'), line('consumers', 'consumers')],
    },
  ] as const;
  writeFileSync(
    svgFile,
    lineChart(
      samples.map(({ minutes }) => minutes),
      charts,
    ),
  );
}
