import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Settings } from '../groups.js';
import { inChild, startServer } from '../harness/child.js';
import { SELF_SIGNED } from '../receive/self-signed.js';
import {
  type Figure,
  megabytes,
  microseconds,
  milliseconds,
  percent,
  ratio,
  type Row,
  type Table,
} from '../report/figure.js';
import { FORMS } from './forms.js';
import type { PeerJob, PeerSample } from './measure.js';
import type { PeerServerJob } from './peer-server.js';
import { NOT_MEASURED, PROGRAMS } from './programs.js';

/** What the server sends: full ticks a second over all connections; 0 floods them. */
const LOADS = [3000, 30_000, 100_000, 0] as const;
const TICKS_PER_FRAME = 10;
const INSTRUMENTS = 3000;
/** As many as an account has. The official clients open one, which gets everything. */
const CONNECTIONS = 3;
const WARM_UP_MS = 700;
/** What all others are compared with. */
const FLOOR = 'bare ws, counting packets';

/** Runs a client against a server until that ends. */
interface Client {
  readonly name: string;
  readonly connections: number;
  run(job: PeerJob): Promise<PeerSample>;
}

/** A client's process, and what the server sent it. */
interface Measured extends PeerSample {
  readonly sent: number;
}

/** From the server's send to the callback over TLS, ours in every form beside the official clients and beside bare sockets. */
export async function peersGroup(settings: Settings): Promise<Table[]> {
  const certificate = temporaryFile('certificate.pem', SELF_SIGNED.cert);
  const clients = await available(certificate.file, settings.note);
  const tables: Table[] = [];
  for (const load of LOADS) tables.push(table(load, await measured(load, clients, settings)));
  certificate.remove();
  return tables;
}

async function available(certificate: string, note: Settings['note']): Promise<Client[]> {
  const env = { NODE_EXTRA_CA_CERTS: certificate };
  const clients = Object.keys(FORMS).map((name): Client => ({
    name,
    connections: name.startsWith('kiteconnect') ? 1 : CONNECTIONS,
    run: (job) => inChild('peer-client', job, { env }),
  }));
  for (const program of PROGRAMS) {
    note(`peers: building ${program.name}`);
    try {
      const run = await program.prepare();
      clients.push({
        name: program.name,
        connections: 1,
        run: (job) => run(job, TICKS_PER_FRAME, certificate),
      });
    } catch (error) {
      note('');
      console.warn(`${program.name} cannot be had here: ${String(error).split('\n')[0]}`);
    }
  }
  return clients;
}

/** By client, one sample a process; the n-th of all were measured next to each other. */
async function measured(
  load: number,
  clients: readonly Client[],
  { restarts, seconds, note }: Settings,
): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const samples = new Map<string, Measured[]>();
  for (let restart = 0; restart < restarts; restart++) {
    for (const client of clients) {
      const { name, connections } = client;
      note(`peers at ${loadName(load)}, process ${restart + 1}: ${name}`);
      const job: PeerServerJob = {
        ...{ tls: true, connections, ticksPerSecond: load },
        ...{ ticksPerFrame: TICKS_PER_FRAME, instruments: INSTRUMENTS },
        sendForMs: WARM_UP_MS + seconds * 1000,
      };
      const server = await startServer('peer-server', job);
      try {
        const { url } = server;
        const sample = await client.run({
          form: name,
          url,
          connections,
          isStamped: load > 0,
          warmUpMs: WARM_UP_MS,
        });
        samples.set(name, [
          ...(samples.get(name) ?? []),
          { ...sample, sent: await server.ask<number>('sent') },
        ]);
      } catch (error) {
        note('');
        console.warn(`${name} at ${loadName(load)} has failed: ${String(error).split('\n')[0]}`);
      }
      await server.stop();
    }
  }
  return samples;
}

function table(load: number, samples: ReadonlyMap<string, readonly Measured[]>): Table {
  const floor = samples.get(FLOOR) ?? [];
  const names = [...Object.keys(FORMS), ...PROGRAMS.map(({ name }) => name), ...NOT_MEASURED];
  return {
    title: `From the server to the callback over TLS, ${loadName(load)}, in frames of ${TICKS_PER_FRAME}`,
    note: 'CPU of the whole process for a tick that reached the callback. Losses are shares of what the server sent. An official client has one connection, all others three.',
    columns: [
      'CPU a tick',
      'bare ws = 1',
      'p50',
      'p99',
      'p99.9',
      'memory',
      'lost, reported',
      'lost, unreported',
    ],
    rows: names.map((name): Row => {
      const of = samples.get(name);
      return { name, cells: of ? cells(of, floor) : [null, null, null, null, null, null, null, null] };
    }),
  };
}

function cells(of: readonly Measured[], floor: readonly Measured[]): Figure[] {
  const latency = (which: keyof PeerSample['latency']): Figure =>
    milliseconds(of.map((sample) => sample.latency[which]).filter((ms) => Number.isFinite(ms)));
  return [
    microseconds(of.map(({ cpuMicros }) => cpuMicros)),
    ratio(of.map(({ cpuMicros }, index) => cpuMicros / (floor[index]?.cpuMicros ?? NaN))),
    latency('p50'),
    latency('p99'),
    latency('p999'),
    megabytes(of.map(({ memoryMb }) => memoryMb)),
    percent(of.map(({ dropped, sent }) => dropped / sent)),
    percent(of.map(({ ticks, dropped, sent }) => Math.max(0, sent - ticks - dropped) / sent)),
  ];
}

function loadName(load: number): string {
  return load === 0 ? 'flooded' : `${load} full ticks a second`;
}

function temporaryFile(name: string, content: string): { file: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'kite-bench-'));
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}
