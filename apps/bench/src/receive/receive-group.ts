import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Settings } from '../groups.js';
import { inChild, startServer } from '../harness/child.js';
import { milliseconds, percent, ratio, type Row, type Table, type Target } from '../report/figure.js';
import { type ClientName, CLIENTS } from './clients.js';
import type { ReceiveJob, ReceiveSample } from './measure.js';
import { SELF_SIGNED } from './self-signed.js';
import type { WireServerJob } from './wire-server.js';

const NAMES = Object.keys(CLIENTS) as ClientName[];
const INSTRUMENTS = 3000;
const PACE = { framesPerSecond: 3000, ticksPerFrame: 10 };

/** How a server sends. */
interface Condition extends WireServerJob {
  readonly name: string;
}

const FLOODS: readonly Condition[] = [
  ...[1, 10, 100].map((ticksPerFrame) => ({ ticksPerFrame, tls: false, name: `${ticksPerFrame}` })),
  { ticksPerFrame: 10, tls: true, name: '10, TLS' },
].map((condition) => ({ ...condition, framesPerSecond: 0, instruments: INSTRUMENTS }));

const PACES: readonly Condition[] = [false, true].map((tls) => ({
  ...PACE,
  tls,
  name: tls ? 'TLS' : 'plain',
  instruments: INSTRUMENTS,
}));

/** From the socket to the callback, with the server in another process. */
export async function receiveGroup(settings: Settings): Promise<Table[]> {
  const floods: (readonly [Condition, Samples])[] = [];
  for (const condition of FLOODS) floods.push([condition, await measured(condition, settings)]);
  const paces: (readonly [Condition, Samples])[] = [];
  for (const condition of PACES) paces.push([condition, await measured(condition, settings)]);
  return [
    floodTable(floods, 'CPU a tick', ({ cpuNsPerTick }) => 1 / cpuNsPerTick),
    floodTable(floods, 'ticks a second', ({ ticksPerSecond }) => ticksPerSecond),
    addedTable(floods),
    paceTable(paces),
    latencyTable(paces),
  ];
}

/** For each client, one sample a process; the n-th samples of all clients ran one after another. */
type Samples = ReadonlyMap<ClientName, readonly ReceiveSample[]>;

async function measured(condition: Condition, { restarts, seconds, note }: Settings): Promise<Samples> {
  const samples = new Map<ClientName, ReceiveSample[]>(NAMES.map((name) => [name, []]));
  const certificate = temporaryFile('certificate.pem', SELF_SIGNED.cert);
  for (let restart = 0; restart < restarts; restart++) {
    for (const client of NAMES) {
      note(
        `receive ${condition.framesPerSecond === 0 ? 'flooded' : 'paced'} ${condition.name}, process ${restart + 1}: ${client}`,
      );
      const server = await startServer('wire-server', condition);
      const job: ReceiveJob = { client, url: server.url, seconds, stamped: condition.framesPerSecond > 0 };
      const env = { NODE_EXTRA_CA_CERTS: certificate.file };
      samples.get(client)!.push(await inChild<ReceiveSample>('receive-client', job, { env }));
      await server.stop();
    }
  }
  certificate.remove();
  return samples;
}

function temporaryFile(name: string, content: string): { file: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'kite-bench-'));
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}

function floodTable(
  floods: readonly (readonly [Condition, Samples])[],
  what: string,
  figure: (sample: ReceiveSample) => number,
): Table {
  const rows: Row[] = NAMES.map((client) => ({
    name: client,
    cells: floods.map(([{ name }, samples]) => {
      const official = samples.get('official')!.map(figure);
      const values = samples.get(client)!.map((sample, index) => figure(sample) / official[index]!);
      return ratio(values, what === 'CPU a tick' ? FLOOD_TARGETS[client]?.[name] : undefined);
    }),
  }));
  return {
    title: `Receiving, flooded with full ticks: ${what}, times better than kiteconnect 5.3.0 (JS)`,
    note: 'Ticks a frame across. Loopback, the server in another process, each client in one of its own.',
    columns: floods.map(([{ name }]) => name),
    rows,
  };
}

/** What our layers cost on top of `ws`. */
function addedTable(floods: readonly (readonly [Condition, Samples])[]): Table {
  const ours = NAMES.filter((name) => name.startsWith('ours'));
  return {
    title: 'Receiving, flooded: CPU a tick that is added to bare ws which only counts bytes',
    columns: floods.map(([{ name }]) => name),
    rows: ours.map((client) => ({
      name: client,
      cells: floods.map(([, samples]) => {
        const bare = samples.get('bare ws, counting bytes')!;
        const values = samples
          .get(client)!
          .map(({ cpuNsPerTick }, index) => cpuNsPerTick / bare[index]!.cpuNsPerTick - 1);
        return percent(
          values,
          client === 'ours, raw frames undecoded' ? { floor: 20, aim: 10, more: false } : undefined,
        );
      }),
    })),
  };
}

function paceTable(paces: readonly (readonly [Condition, Samples])[]): Table {
  return {
    title:
      'Receiving 30 000 full ticks a second in 3000 frames: share of a core, and of what the official client needs',
    columns: paces.flatMap(([{ name }]) => [`core, ${name}`, `official = 1, ${name}`]),
    rows: NAMES.map((client) => ({
      name: client,
      cells: paces.flatMap(([, samples]) => {
        const official = samples.get('official')!;
        const of = samples.get(client)!;
        return [
          percent(of.map(({ load }) => load)),
          ratio(
            of.map(({ load }, index) => load / official[index]!.load),
            client === 'ours, on ticks' ? { floor: 0.17, aim: 0.11, more: false } : undefined,
          ),
        ];
      }),
    })),
  };
}

function latencyTable(paces: readonly (readonly [Condition, Samples])[]): Table {
  return {
    title: 'The same: from the server’s send to the callback',
    note: 'Of the machine as it is: both processes share its cores.',
    columns: paces.flatMap(([{ name }]) => ['p50', 'p99', 'p99.9'].map((what) => `${what}, ${name}`)),
    rows: NAMES.map((client) => ({
      name: client,
      cells: paces.flatMap(([, samples]) => {
        const latencies = samples.get(client)!.map(({ latency }) => latency);
        return [
          milliseconds(latencies.map(({ p50 }) => p50)),
          milliseconds(latencies.map(({ p99 }) => p99)),
          milliseconds(latencies.map(({ p999 }) => p999)),
        ];
      }),
    })),
  };
}

const FLOOD_TARGETS: Partial<Record<ClientName, Record<string, Target>>> = {
  'ours, on ticks': {
    1: { floor: 30, aim: 40 },
    10: { floor: 80, aim: 105 },
    100: { floor: 90, aim: 115 },
  },
  'ours, on frame + cursor': {
    1: { floor: 40, aim: 50 },
    10: { floor: 170, aim: 220 },
    100: { floor: 400, aim: 560 },
  },
};
