import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Settings } from '../groups.js';
import { startServer } from '../harness/child.js';
import { reasonOf, reasons } from '../native/clients.js';
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
import { againstNative } from './against-native.js';
import { BARE_WS } from './forms.js';
import type { PeerSample } from './measure.js';
import { type PeerClient, peerClients } from './peer-clients.js';
import type { PeerServerJob } from './peer-server.js';
import {
  type Measured,
  pairs,
  type Samples,
  type Setting,
  settingName,
  SETTINGS,
  TICKS_PER_FRAME,
} from './settings.js';

const INSTRUMENTS = 3000;
const WARM_UP_MS = 700;
/** Frames come one by one, so the optimiser needs longer until it has seen enough of them. */
const PACED_WARM_UP_MS = 2500;
/** Below this pace it would need half a minute: those figures include its work. */
const WARM_FROM_TICKS_PER_SECOND = 30_000;
/** Nothing starts later than this after the clients are built, so that everything takes half an hour. */
const BUDGET_MS = 27 * 60_000;

/** From the server's send to the callback: ours in every form, beside the official clients and bare sockets. */
export async function peersGroup(settings: Settings): Promise<Table[]> {
  const certificate = temporaryFile('certificate.pem', SELF_SIGNED.cert);
  using available = await peerClients(certificate.file, (text) => settings.note(`peers: ${text}`));
  const { bySetting, isCutShort } = await measureAll(available.clients, settings);
  certificate.remove();
  const remarks = `${reasons(available.missing)}${isCutShort ? ' Cut short, to end within half an hour.' : ''}`;
  return [
    ...[...bySetting].map(([setting, samples]) => table(setting, samples, remarks)),
    againstNative(bySetting),
  ];
}

/** Runs one process of each client, then the next of each: a run cut short has fewer processes, but of all clients. */
async function measureAll(
  clients: readonly PeerClient[],
  settings: Settings,
): Promise<{ bySetting: ReadonlyMap<Setting, Samples>; isCutShort: boolean }> {
  const until = performance.now() + BUDGET_MS;
  const bySetting = new Map(
    SETTINGS.map((setting) => [setting, new Map<string, (Measured | undefined)[]>()]),
  );
  for (let restart = 0; restart < settings.restarts; restart++) {
    for (const [setting, samples] of bySetting) {
      for (const name of setting.names) {
        const client = clients.find((one) => one.name === name);
        if (!client) continue;
        if (performance.now() > until) return { bySetting, isCutShort: true };
        settings.note(`peers ${settingName(setting)}, process ${restart + 1}: ${name}`);
        try {
          const of = samples.get(name) ?? [];
          of[restart] = await measured(client, setting, settings.seconds);
          samples.set(name, of);
        } catch (error) {
          settings.note('');
          console.warn(`${name} ${settingName(setting)} has failed: ${reasonOf(error)}`);
        }
      }
    }
  }
  return { bySetting, isCutShort: false };
}

async function measured(client: PeerClient, { tls, load }: Setting, seconds: number): Promise<Measured> {
  const { name, connections, awaitsRequests, identity } = client;
  const warmUpMs = load >= WARM_FROM_TICKS_PER_SECOND ? PACED_WARM_UP_MS : WARM_UP_MS;
  const job: PeerServerJob = {
    ...{ identity: tls ? identity : 'plain', connections, awaitsRequests },
    ...{ ticksPerSecond: load, ticksPerFrame: TICKS_PER_FRAME, instruments: INSTRUMENTS },
    sendForMs: warmUpMs + seconds * 1000,
  };
  const server = await startServer('peer-server', job);
  try {
    const peerJob = {
      ...{ form: name, url: server.url, connections },
      ...{ isStamped: load > 0, warmUpMs },
    };
    const sample = await client.run(peerJob, TICKS_PER_FRAME);
    return { ...sample, sent: await server.ask<number>('sent') };
  } finally {
    await server.stop();
  }
}

function table(setting: Setting, samples: Samples, remarks: string): Table {
  return {
    title: `From the server to the callback ${settingName(setting)}, in frames of ${TICKS_PER_FRAME}`,
    note: `CPU of the whole process for a tick that reached the callback; at 3000 ticks a second the optimiser is still at work. Losses are shares of what the server sent. The official clients in JavaScript, Go, Java and Python have one connection, all others three.${remarks}`,
    columns: [
      ...['CPU a tick', 'bare ws = 1', 'p50', 'p99', 'p99.9'],
      ...['memory', 'lost, reported', 'lost, unreported'],
    ],
    rows: setting.names.map((name): Row => {
      const of = (samples.get(name) ?? []).filter((sample) => sample !== undefined);
      const floor = pairs(samples, name, BARE_WS).map(([one, bare]) => one.cpuMicros / bare.cpuMicros);
      return { name, cells: of.length > 0 ? cells(of, floor) : Array.from({ length: 8 }, () => null) };
    }),
  };
}

function cells(of: readonly Measured[], floor: readonly number[]): Figure[] {
  const latency = (which: keyof PeerSample['latency']): Figure =>
    milliseconds(of.map((sample) => sample.latency[which] ?? NaN).filter(Number.isFinite));
  return [
    microseconds(of.map(({ cpuMicros }) => cpuMicros)),
    ratio(floor),
    latency('p50'),
    latency('p99'),
    latency('p999'),
    megabytes(of.map(({ memoryMb }) => memoryMb)),
    percent(of.map(({ dropped, sent }) => dropped / sent)),
    percent(of.map(({ ticks, dropped, sent }) => Math.max(0, sent - ticks - dropped) / sent)),
  ];
}

function temporaryFile(name: string, content: string): { file: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'kite-bench-'));
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}
