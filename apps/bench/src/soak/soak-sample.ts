/** Measurements of a process under load over some seconds. */
export interface SoakSample {
  /** Since the load began. */
  readonly minutes: number;
  /** After a full collection. */
  readonly heapMb: number;
  /** Of the process, all threads. */
  readonly rssMb: number;
  /** The resources that keep the event loop alive, as Node counts them. */
  readonly handles: number;
  /** How late the main thread's timers fired. */
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly ticksPerSecond: number;
  /** Dropped ticks reported to all consumers together. */
  readonly droppedPerSecond: number;
  readonly consumers: number;
  /** Since the load began. */
  readonly reconnects: number;
}

const COLUMNS: readonly (keyof SoakSample)[] = [
  ...(['minutes', 'heapMb', 'rssMb', 'handles', 'delayP50Ms', 'delayP99Ms', 'delayMaxMs'] as const),
  ...(['ticksPerSecond', 'droppedPerSecond', 'consumers', 'reconnects'] as const),
];

/** The first line of a table of samples. */
export const CSV_HEAD = `${COLUMNS.join(',')}\n`;

/** A sample as a line of the table. */
export function csvLine(sample: SoakSample): string {
  return `${COLUMNS.map((column) => Number(sample[column].toFixed(3))).join(',')}\n`;
}

/** The samples of a table. */
export function samplesOf(csv: string): SoakSample[] {
  const [, ...lines] = csv.trim().split('\n');
  return lines.map((line) => {
    const values = line.split(',').map(Number);
    return Object.fromEntries(
      COLUMNS.map((column, index) => [column, values[index]!]),
    ) as unknown as SoakSample;
  });
}
