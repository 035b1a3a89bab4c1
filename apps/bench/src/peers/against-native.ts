import { CRATE, RUST } from '../native/clients.js';
import { type Cell, milliseconds, ratio, type Row, type Table, type Target } from '../report/figure.js';
import { RAW_CRATE } from './peer-clients.js';
import { type Measured, pairs, type Samples, type Setting, SETTINGS } from './settings.js';

/** One of our forms, what it is compared with, and its target: less is better. */
interface Comparison {
  readonly form: string;
  readonly peer: string;
  readonly tls: boolean;
  readonly cpu: Partial<Record<number, Target>>;
  readonly p50?: Partial<Record<number, Target>>;
}

const less = (floor: number, aim: number): Target => ({ floor, aim, more: false });

const COMPARISONS: readonly Comparison[] = [
  {
    ...{ form: 'ours: ticks, inline', peer: CRATE.name, tls: true },
    cpu: { 30_000: less(0.75, 0.6), 0: less(0.5, 0.4) },
  },
  {
    ...{ form: 'ours: ticks, worker, balanced', peer: CRATE.name, tls: true },
    cpu: { 30_000: less(0.95, 0.85), 0: less(0.65, 0.5) },
    p50: { 3000: less(2, 1.5) },
  },
  {
    ...{ form: 'ours: ticks, worker, lowest', peer: CRATE.name, tls: true },
    cpu: { 30_000: less(1.4, 1.2) },
    p50: { 3000: less(2, 1.5), 30_000: less(1.5, 1.2) },
  },
  {
    ...{ form: 'ours: cursor, inline', peer: RAW_CRATE, tls: true },
    cpu: { 30_000: less(1.25, 1.05), 0: less(0.85, 0.7) },
  },
  {
    ...{ form: 'ours: ticks, inline', peer: RUST.name, tls: false },
    cpu: { 30_000: less(1.6, 1.2), 0: less(1.15, 1) },
  },
  { form: 'ours: cursor, inline', peer: RUST.name, tls: false, cpu: {} },
];

/** Ours as a share of native clients, in one run and process by process. */
export function againstNative(bySetting: ReadonlyMap<Setting, Samples>): Table {
  const of = (tls: boolean, load: number): Samples =>
    bySetting.get(SETTINGS.find((one) => one.tls === tls && one.load === load)!) ?? new Map();
  const loads = [...new Set(SETTINGS.map(({ load }) => load))];
  const paced = loads.filter((load) => load > 0);
  return {
    title: 'Ours as a share of native clients: less is better',
    columns: [
      ...loads.map((load) => `CPU, ${load === 0 ? 'flooded' : load}`),
      ...paced.map((load) => `p50, ${load}`),
      'p50 of ours, 30000',
    ],
    rows: COMPARISONS.map(({ form, peer, tls, cpu, p50 = {} }): Row => {
      const cell = (load: number, read: (sample: Measured) => number, target?: Target): Cell => {
        const values = pairs(of(tls, load), form, peer).map(([ours, theirs]) => read(ours) / read(theirs));
        return values.length === 0 ? null : ratio(values, target);
      };
      const own = (of(tls, 30_000).get(form) ?? []).flatMap((one) => one?.latency.p50 ?? []);
      return {
        name: `${form} / ${peer}${tls ? '' : ', plain ws'}`,
        cells: [
          ...loads.map((load) => cell(load, ({ cpuMicros }) => cpuMicros, cpu[load])),
          ...paced.map((load) => cell(load, ({ latency }) => latency.p50 ?? NaN, p50[load])),
          own.length === 0 ? null : milliseconds(own, form.includes('balanced') ? less(0.8, 0.7) : undefined),
        ],
      };
    }),
  };
}
