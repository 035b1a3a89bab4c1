import type { Settings } from '../groups.js';
import { microseconds, type Row, type Table } from '../report/figure.js';
import { CertificateFile } from './certificate-file.js';
import { BARE_WS } from './forms.js';
import { jsClients } from './js-clients.js';
import type { Parts } from './profile.js';
import { runPeer } from './run-peer.js';
import { type Setting, SETTINGS } from './settings.js';

const STEADY: Setting = SETTINGS.find(({ tls, load }) => tls && load === 30_000)!;

/** What is profiled: the main thread does all the work. */
const NAMES: readonly string[] = [BARE_WS, 'ours: cursor, inline', 'ours: ticks, inline'];

/** A longer run has enough of the profiler's samples. */
const SECONDS_FACTOR = 3;

/** One process measured, and one of the same kind profiled. */
interface Pair {
  readonly cpuMicros: number;
  readonly parts: Parts;
}

/** Where the CPU of a client goes at a steady pace. */
export async function profileGroup({ restarts, seconds, note }: Settings): Promise<Table[]> {
  using certificate = new CertificateFile();
  const clients = jsClients(certificate.path).filter(({ name }) => NAMES.includes(name));
  const pairs = new Map(clients.map(({ name }) => [name, [] as Pair[]]));
  for (let restart = 0; restart < restarts; restart++)
    for (const client of clients) {
      note(`profile, process ${restart + 1}: ${client.name}`);
      const { cpuMicros } = await runPeer(client, STEADY, seconds * SECONDS_FACTOR);
      const { javascript } = await runPeer(client, STEADY, seconds * SECONDS_FACTOR, true);
      pairs.get(client.name)!.push({ cpuMicros, parts: javascript! });
    }
  return [
    {
      title: 'Where the CPU of a tick goes: over TLS, 30000 full ticks a second, in frames of 10',
      note: 'By V8’s profiler in a second process, so that it does not add to the CPU of the first. “ours” includes the callback of the bench. The rest is spent outside JavaScript: in the kernel, in Node’s event loop, in TLS.',
      columns: ['CPU a tick', 'ours', 'ws', 'Node’s JavaScript', 'garbage', 'the rest'],
      rows: [...pairs].map(([name, of]): Row => ({ name, cells: cells(of) })),
    },
  ];
}

function cells(of: readonly Pair[]): Row['cells'] {
  const part = (name: keyof Parts) => microseconds(of.map(({ parts }) => parts[name]));
  return [
    microseconds(of.map(({ cpuMicros }) => cpuMicros)),
    ...[part('ours'), part('ws'), part('node'), part('collector')],
    microseconds(
      of.map(({ cpuMicros, parts: { ours, ws, node, collector } }) =>
        Math.max(0, cpuMicros - ours - ws - node - collector),
      ),
    ),
  ];
}
