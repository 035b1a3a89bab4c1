import { CRATE, GO, JAVA, PYTHON, RUST } from '../native/clients.js';
import { BARE_WS, FORMS } from './forms.js';
import type { PeerSample } from './measure.js';
import { RAW_CRATE } from './peer-clients.js';

export const TICKS_PER_FRAME = 10;

/** What is measured side by side. */
export interface Setting {
  readonly tls: boolean;
  /** Full ticks a second over all connections; 0 floods them. */
  readonly load: number;
  /** The clients, in the order of the table. */
  readonly names: readonly string[];
}

const OVER_TLS = [...Object.keys(FORMS), CRATE.name, RAW_CRATE, GO.name, JAVA.name, PYTHON.name];
/** The rows beside the client that trusts only its built-in certificates. */
const PLAIN = [BARE_WS, 'ours: ticks, inline', 'ours: cursor, inline', RUST.name];

export const SETTINGS: readonly Setting[] = [
  ...[3000, 30_000, 100_000, 0].map((load) => ({ tls: true, load, names: OVER_TLS })),
  ...[30_000, 0].map((load) => ({ tls: false, load, names: PLAIN })),
];

/** A client's process, and what the server sent it. */
export interface Measured extends PeerSample {
  readonly sent: number;
}

/** By client, one sample a process, none if it failed; the n-th samples of all clients ran one after another. */
export type Samples = ReadonlyMap<string, readonly (Measured | undefined)[]>;

/** The ratio of two clients, process by process. */
export function pairs(samples: Samples, name: string, other: string): [Measured, Measured][] {
  const others = samples.get(other) ?? [];
  return (samples.get(name) ?? []).flatMap((one, index): [Measured, Measured][] => {
    const beside = others[index];
    return one && beside ? [[one, beside]] : [];
  });
}

export function settingName({ tls, load }: Setting): string {
  const over = tls ? 'over TLS' : 'over plain ws';
  return load === 0 ? `${over}, flooded` : `${over}, ${load} full ticks a second`;
}
