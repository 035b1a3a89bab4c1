import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** How a proxy behaves. */
export interface ProxySettings {
  /** What it does with a request that it could answer. Default: opens a tunnel. */
  behaviour?:
    | 'tunnel'
    /** Cuts the tunnel at the first bytes of the server. */
    | 'closes-midway'
    | 'mute'
    | 'hangs-up'
    /** Answers in something else than HTTP. */
    | 'speaks-otherwise'
    /** Sends a head without end. */
    | 'talks-for-ever'
    /** Refuses with 502, and repeats the credentials in status line, head and body. */
    | 'repeats-the-request';
  /** `user:password` that it wants. */
  credentials?: string;
  /** Key and certificate, for an `https:` proxy. */
  tls?: { readonly key: string; readonly cert: string };
}

/** A request for a tunnel. */
export interface TunnelRequest {
  /** Host and port of the server. */
  authority: string;
  authorization?: string;
  /** The address that it came from. */
  from?: string;
}

/** What the process says. */
export type ProxyWord = { port: number } | TunnelRequest;

/** A proxy in a process of its own. */
export class ProxyProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #scheme: 'http' | 'https';
  readonly #port: number;
  /** Every request for a tunnel so far. */
  readonly requests: readonly TunnelRequest[];

  private constructor(
    child: ChildProcess,
    scheme: 'http' | 'https',
    port: number,
    requests: TunnelRequest[],
  ) {
    this.#child = child;
    this.#scheme = scheme;
    this.#port = port;
    this.requests = requests;
  }

  static async start(settings: ProxySettings = {}): Promise<ProxyProcess> {
    const program = new URL('./proxy-child.js', import.meta.url);
    const child = fork(program, [JSON.stringify(settings)], { execArgv: [] });
    const requests: TunnelRequest[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => {
        reject(new Error(`the proxy ended with code ${code}`));
      });
      child.on('message', (word: ProxyWord) => {
        if ('port' in word) resolve(word.port);
        else requests.push(word);
      });
    });
    return new ProxyProcess(child, settings.tls ? 'https' : 'http', port, requests);
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  /** The URL to give to a client. @param credentials `user:password`, percent-encoded */
  url(credentials?: string): string {
    return credentials === undefined ? this.origin : this.origin.replace('://', `://${credentials}@`);
  }

  /** Cuts every tunnel. */
  cut(): void {
    this.#child.send('cut');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
