import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SentTick } from '@kite/simulator';

import { commandIn, type Network } from './network.js';
import type {
  Asked,
  NthConnection,
  Question,
  ServedConnection,
  ServerJob,
  ServerMessage,
  ServerMethod,
} from './server-wire.js';

/** Starts a child of this program, in the network's namespace if there is one. */
export function startChild(name: string, job: unknown, network: Network | undefined): ChildProcess {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  const [program, ...args] = commandIn(network, [process.execPath, file, JSON.stringify(job)]);
  return spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
}

/** The server, as the client's process sees it. */
export class ServerProcess {
  readonly url: string;
  /** The server's connection number by the name of a client's socket. */
  readonly accepted = new Map<string, number>();
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #asked = 0;
  #sent: SentTick[] = [];

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    child.on('message', (message: ServerMessage) => this.#told(message));
    child.once('exit', (code, signal) => {
      if (child.connected || signal !== null || code !== 0)
        throw new Error(`the server's process ended: ${signal ?? code}`);
    });
  }

  static async start(job: ServerJob, network: Network | undefined): Promise<ServerProcess> {
    const child = startChild('server', job, network);
    const [message] = (await once(child, 'message')) as [ServerMessage];
    if (message.type !== 'listening') throw new Error('the server does not listen');
    return new ServerProcess(child, message.url);
  }

  /** Does this, and resolves when it is done. */
  do(method: ServerMethod, ...args: readonly unknown[]): Promise<unknown> {
    return this.#ask({ type: 'do', method, args });
  }

  /** Does this to one connection and gives its id; undefined if none is open. */
  async doTo(
    connection: NthConnection,
    method: ServerMethod,
    ...args: readonly unknown[]
  ): Promise<number | undefined> {
    const id = (await this.#ask({ type: 'find', connection })) as number | null;
    if (id === null) return undefined;
    await this.do(method, ...args, id);
    return id;
  }

  async connections(): Promise<readonly ServedConnection[]> {
    return (await this.#ask({ type: 'connections' })) as readonly ServedConnection[];
  }

  /** Everything that it sent since the last call. */
  async takeSent(): Promise<readonly SentTick[]> {
    await this.#ask({ type: 'look' });
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }

  #ask(question: Question): Promise<unknown> {
    return new Promise((resolve) => {
      const asked: Asked = { number: ++this.#asked, question };
      this.#waiting.set(asked.number, resolve);
      this.#child.send(asked);
    });
  }

  #told(message: ServerMessage): void {
    switch (message.type) {
      case 'sent':
        this.#sent.push(...message.ticks);
        break;
      case 'accepted':
        this.accepted.set(message.socket, message.connectionId);
        break;
      case 'answer':
        this.#waiting.get(message.number)?.(message.value);
        this.#waiting.delete(message.number);
        break;
      case 'listening':
    }
  }
}
