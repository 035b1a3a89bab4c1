import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { CommandOf } from '../native/build.js';
import { buildAll, CRATE, GO, JAVA, type NativeClient, PYTHON, reasonOf, RUST } from '../native/clients.js';
import { KiteHost } from '../native/kite-host.js';
import { jsClients } from './js-clients.js';
import type { PeerSample } from './measure.js';
import { CONNECTIONS, type PeerClient } from './peer-client.js';

const run = promisify(execFile);
/** A client that cannot keep up needs long for three seconds of data. */
const RUN_TIMEOUT_MS = 90_000;

export const RAW_CRATE = `${CRATE.name}, raw frames`;

/** The clients that can run here, and why the others cannot. Dispose of it after use. */
export interface PeerClients extends Disposable {
  readonly clients: readonly PeerClient[];
  readonly missing: ReadonlyMap<string, string>;
}

/** @param certificate a file with the certificate of the server on localhost */
export async function peerClients(certificate: string, note: (text: string) => void): Promise<PeerClients> {
  const { commands, missing } = await buildAll([CRATE, RUST, GO, JAVA, PYTHON], note);
  const unavailable = new Map(missing);
  let host: KiteHost | undefined;
  let reason = '';
  try {
    host = await KiteHost.create();
  } catch (error) {
    reason = reasonOf(error);
  }
  const native = [...commands].flatMap(([client, commandOf]) => {
    if (!client.dialsKite || host) return nativeClients(client, commandOf, certificate, host);
    unavailable.set(client.name, reason);
    return [];
  });
  return {
    clients: [...jsClients(certificate), ...native],
    missing: unavailable,
    [Symbol.dispose]: () => host?.[Symbol.dispose](),
  };
}

function nativeClients(
  client: NativeClient,
  commandOf: CommandOf,
  certificate: string,
  host: KiteHost | undefined,
): PeerClient[] {
  const one = (name: string, program: string): PeerClient => ({
    name,
    identity: client.dialsKite ? host!.identity : 'localhost',
    connections: client === CRATE || client === RUST ? CONNECTIONS : 1,
    awaitsRequests: client === CRATE,
    async run({ url, isStamped, warmUpMs, connections }, ticksPerFrame) {
      const command = [...commandOf(program), url, isStamped, ticksPerFrame, warmUpMs, connections].map(
        String,
      );
      const [file, ...args] = client.dialsKite ? host!.command(command) : command;
      const { stdout } = await run(file!, args, {
        env: { ...process.env, SSL_CERT_FILE: certificate, ...(client.dialsKite && host!.env) },
        timeout: RUN_TIMEOUT_MS,
      });
      return JSON.parse(stdout.trim().split('\n').at(-1)!) as PeerSample;
    },
  });
  const parsed = one(client.name, 'peer');
  return client === CRATE ? [parsed, one(RAW_CRATE, 'peer-raw')] : [parsed];
}
