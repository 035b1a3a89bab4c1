import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { Network } from './network.js';
import { startChild } from './server-process.js';

/** The start data of the relay's process. */
export interface RelayJob {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly serverPort: number;
}

/** A path to the server that can vanish. */
export class RelayProcess {
  readonly #job: RelayJob;
  readonly #network: Network;
  #child: ChildProcess;

  private constructor(job: RelayJob, network: Network, child: ChildProcess) {
    this.#job = job;
    this.#network = network;
    this.#child = child;
  }

  static async start(serverPort: number, network: Network): Promise<RelayProcess> {
    const job = { host: network.address, port: 0, serverPort };
    const child = startChild('relay', job, network);
    const [port] = (await once(child, 'message')) as [number];
    return new RelayProcess({ ...job, port }, network, child);
  }

  get port(): number {
    return this.#job.port;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Starts a new one on the same port. */
  async startAgain(): Promise<void> {
    this.#child = startChild('relay', this.#job, this.#network);
    await once(this.#child, 'message');
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
