import { type ClientOptions, WebSocket } from 'ws';
import {
  decodeFrame,
  type Mode,
  modeRequests,
  subscribeRequests,
  type Tick,
  unsubscribeRequests,
} from '@kite/protocol';
import type { Simulator } from '@kite/simulator';

/** A bare client of the simulator: keeps what it gets, and waits for what a test is about. */
export class TestClient implements Disposable {
  readonly frames: Buffer[] = [];
  readonly texts: string[] = [];
  pongs = 0;
  closed: { code: number; reason: string } | undefined;
  readonly socket: WebSocket;
  #changed: () => void = () => undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on('message', (data: Buffer, binary) => {
      if (binary) this.frames.push(data);
      else this.texts.push(data.toString());
      this.#changed();
    });
    this.socket.on('pong', () => {
      this.pongs++;
      this.#changed();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
    this.socket.on('error', () => undefined);
  }

  /** Frames of ticks, heartbeats left out. */
  get tickFrames(): Buffer[] {
    return this.frames.filter(({ length }) => length > 1);
  }

  get ticks(): Tick[] {
    return this.tickFrames.flatMap((frame) => decodeFrame(frame));
  }

  get heartbeats(): number {
    return this.frames.filter(({ length }) => length === 1).length;
  }

  /** Resolves once `condition` holds; it is looked at whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  subscribe(tokens: number[], mode?: Mode): void {
    for (const text of subscribeRequests(tokens)) this.socket.send(text);
    if (mode !== undefined) this.setMode(mode, tokens);
  }

  setMode(mode: Mode, tokens: number[]): void {
    for (const text of modeRequests(mode, tokens)) this.socket.send(text);
  }

  unsubscribe(tokens: number[]): void {
    for (const text of unsubscribeRequests(tokens)) this.socket.send(text);
  }

  /** Resolves when the server has handled everything that was sent before: it answers pings in order. */
  async settled(): Promise<void> {
    const before = this.pongs;
    this.socket.ping();
    await this.until(() => this.pongs > before);
  }

  forget(): void {
    this.frames.length = this.texts.length = 0;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

export const credentials = (apiKey = 'key', accessToken = 'token'): string =>
  `?${new URLSearchParams({ api_key: apiKey, access_token: accessToken }).toString()}`;

/** An open connection. */
export async function connect(
  simulator: Simulator,
  apiKey?: string,
  accessToken?: string,
): Promise<TestClient> {
  const client = new TestClient(simulator.url + credentials(apiKey, accessToken));
  await client.until(() => client.texts.length === 2 || client.closed !== undefined);
  if (client.closed) throw new Error(`the connection was closed with ${client.closed.code}`);
  client.forget();
  return client;
}

/** How the server answers an attempt that it refuses. `body` is its text as JSON. */
export function refusalOf(url: string): Promise<{ status: number; text: string; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.on('open', () => {
      socket.terminate();
      reject(new Error('the server accepted'));
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          text,
          get body() {
            return JSON.parse(text) as unknown;
          },
        });
      });
    });
  });
}
