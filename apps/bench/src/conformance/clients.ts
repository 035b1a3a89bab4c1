import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { CRATE, GO, JAVA, type NativeClient, PYTHON, RUST } from '../native/clients.js';
import { KiteHost } from '../native/kite-host.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** A client and its known failures. */
export interface Client {
  readonly name: string;
  /** The facts that it fails: more or fewer fail the run. */
  readonly fails: readonly number[];
  /** Those that it fails in one run and passes in another. */
  readonly failsAtTimes?: readonly number[];
  /** @returns its command @throws if its language or registry is not available */
  prepare(): Promise<readonly string[]>;
}

export const CLIENTS: readonly Client[] = [
  script('@kite/connection', 'ours.js', []),
  script('kiteconnect 5.3.0 (JavaScript)', 'kiteconnect.js', [11, 13, 14, 22, 37]),
  native(PYTHON, [12, 22, 30, 37]),
  native(GO, [11, 12, 16, 18, 19]),
  // It depends on when it dials: what stands in for Kite accepts it before the simulator is there.
  { ...native(JAVA, [11, 13, 14, 19, 27, 28, 29, 30, 37, 38, 39]), failsAtTimes: [32] },
  native(RUST, [12, 16, 18, 39]),
  native(CRATE, [9, 10, 11, 16, 24, 27, 28, 29, 30, 31, 32, 38, 39]),
];

function script(name: string, file: string, fails: readonly number[]): Client {
  return { name, fails, prepare: () => Promise.resolve([process.execPath, path.join(here, file)]) };
}

function native(client: NativeClient, fails: readonly number[]): Client {
  return {
    name: client.name,
    fails,
    async prepare() {
      const command = (await client.build())('conformance');
      if (!client.dialsKite) return command;
      // Print the reason before the suite reports that the client never came.
      using _host = await KiteHost.create();
      return [process.execPath, path.join(here, 'at-kite.js'), ...command];
    },
  };
}
