import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { SimulatorOptions } from '@kite/simulator';

/** What the server in the other process can be told. */
export type Order =
  | { type: 'drop' }
  | { type: 'rate'; ticksPerSecond: number }
  | { type: 'burst'; ticks: number }
  | { type: 'order' }
  | { type: 'snapshot' }
  | { type: 'schedule'; orders: { afterMs: number; order: Order }[] };

/** What the server has seen and done; times in Unix milliseconds. */
export interface ServerReport {
  opened: { id: number; at: number }[];
  closed: { id: number; at: number }[];
  /** The tags of the orders that were posted. */
  orders: string[];
  snapshots: { id: number; at: number; pingsSent: number; pongsReceived: number }[];
  /** By token, the packet that was sent last, in hex. */
  newest: Record<number, string>;
  connections: {
    id: number;
    counters: { framesSent: number; ticksSent: number; textsSent: number; framesSkipped: number };
    book: [token: number, mode: string][];
    requests: string[];
  }[];
}

/** The answer to one message. */
export interface Done {
  id: number;
  result: string | ServerReport | undefined;
}

/** A simulator in a process of its own. */
export class RemoteSimulator implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ask: (message: object) => Promise<Done['result']>;

  private constructor(child: ChildProcess, ask: (message: object) => Promise<Done['result']>, url: string) {
    this.#child = child;
    this.#ask = ask;
    this.url = url;
  }

  static async start(options: SimulatorOptions = {}): Promise<RemoteSimulator> {
    const child = fork(new URL('./simulator-process.js', import.meta.url), { execArgv: [] });
    const waiting = new Map<number, (result: Done['result']) => void>();
    child.on('message', ({ id, result }: Done) => {
      waiting.get(id)?.(result);
      waiting.delete(id);
    });
    let lastId = 0;
    const ask = (message: object): Promise<Done['result']> =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, resolve);
        child.send({ ...message, id }, (error) => {
          if (error) reject(error);
        });
      });
    const url = (await ask({ type: 'start', options })) as string;
    return new RemoteSimulator(child, ask, url);
  }

  async tell(order: Order): Promise<void> {
    await this.#ask(order);
  }

  async report(): Promise<ServerReport> {
    return (await this.#ask({ type: 'report' })) as ServerReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
