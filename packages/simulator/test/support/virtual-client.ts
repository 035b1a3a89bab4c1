import { decodeFrame, type Mode, modeRequests, subscribeRequests, type Tick } from '@kite/protocol';
import type { SocketEnd, TransportSocket, VirtualDay, VirtualTransport } from '@kite/simulator';

export const INFY = 408065;

/** What a client was told, and when: milliseconds since the day's start. */
export interface Told {
  at: number;
  what: 'opened' | 'binary' | 'text' | 'alive' | 'pong' | 'ended';
  bytes?: Uint8Array;
  text?: string;
  end?: SocketEnd;
}

/** A bare client of a virtual day: one socket, and all that it is told. */
export class VirtualClient {
  readonly told: Told[] = [];
  readonly socket: TransportSocket;
  /** Called with each thing that is told. */
  onTold: (told: Told) => void = () => undefined;

  constructor(
    day: VirtualDay,
    {
      transport = day.options.transport,
      apiKey = 'key',
      token = 'token',
      url = day.options.url,
      maxPayloadBytes = 1024 * 1024,
    }: {
      transport?: VirtualTransport;
      apiKey?: string;
      token?: string;
      url?: string;
      maxPayloadBytes?: number;
    } = {},
  ) {
    const tell = (told: Omit<Told, 'at'>) => {
      const entry = { at: day.now - day.startsAt, ...told };
      this.told.push(entry);
      this.onTold(entry);
    };
    this.socket = transport.open(
      {
        url: `${url}?api_key=${apiKey}&access_token=${token}`,
        headers: { 'X-Kite-Version': '3', 'User-Agent': 'test' },
        maxPayloadBytes,
      },
      {
        opened: () => tell({ what: 'opened' }),
        binary: (bytes) => tell({ what: 'binary', bytes }),
        text: (text) => tell({ what: 'text', text }),
        alive: () => tell({ what: 'alive' }),
        pong: () => tell({ what: 'pong' }),
        ended: (end) => tell({ what: 'ended', end }),
      },
    );
  }

  get isOpen(): boolean {
    return this.told.some(({ what }) => what === 'opened') && this.end === undefined;
  }

  get end(): SocketEnd | undefined {
    return this.told.find(({ what }) => what === 'ended')?.end;
  }

  get texts(): string[] {
    return this.told.flatMap(({ text }) => (text === undefined ? [] : [text]));
  }

  get ticks(): Tick[] {
    return this.told.flatMap(({ bytes }) =>
      bytes === undefined || bytes.length < 2 ? [] : decodeFrame(bytes),
    );
  }

  subscribe(tokens: readonly number[], mode?: Mode): void {
    for (const text of subscribeRequests([...tokens])) this.socket.send(text);
    if (mode !== undefined) for (const text of modeRequests(mode, [...tokens])) this.socket.send(text);
  }
}

/** A client whose handshake is done. */
export async function connected(
  day: VirtualDay,
  options?: ConstructorParameters<typeof VirtualClient>[1],
): Promise<VirtualClient> {
  const client = new VirtualClient(day, options);
  await day.runUntil(() => client.texts.length === 2 || client.end !== undefined, 10_000);
  return client;
}
