import type { Settings } from '../groups.js';
import { reasonOf, reasons } from '../native/clients.js';
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
import { CertificateFile } from './certificate-file.js';
import { BARE_WS } from './forms.js';
import type { PeerSample } from './measure.js';
import type { PeerClient } from './peer-client.js';
import { peerClients } from './peer-clients.js';
import { runPeer } from './run-peer.js';
import {
  type Measured,
  pairs,
  type Samples,
  type Setting,
  settingName,
  SETTINGS,
  TICKS_PER_FRAME,
} from './settings.js';

/** Nothing starts later than this after the clients are built, so that everything takes half an hour. */
const BUDGET_MS = 27 * 60_000;

/** From the server's send to the callback: ours in every form, beside the official clients and bare sockets. */
export async function peersGroup(settings: Settings): Promise<Table[]> {
  using certificate = new CertificateFile();
  using available = await peerClients(certificate.path, (text) => settings.note(`peers: ${text}`));
  const { bySetting, isCutShort } = await measureAll(available.clients, settings);
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
          of[restart] = await runPeer(client, setting, settings.seconds);
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
