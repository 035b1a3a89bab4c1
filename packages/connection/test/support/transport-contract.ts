import { describe, expect, test } from 'vitest';
import type { SocketEnd, SocketListener, Transport, TransportSocket } from '@kite/connection';

/** The server's end of one socket. */
export interface ContractPeer {
  /** The texts that it got. */
  readonly received: readonly string[];
  readonly pings: number;
  /** How the client ended it: the close frame's code, 1006 without one; undefined while it stands. */
  readonly closeCode: number | undefined;
  sendBinary(bytes: Uint8Array): void;
  sendText(text: string): void;
  ping(): void;
  close(code: number, reason: string): void;
  /** The connection is gone, without a close frame. */
  drop(): void;
  /** Reads and answers nothing any more, and stays there. */
  goMute(): void;
}

/** A server that the transport can reach. */
export interface ContractServer {
  readonly url: string;
  /** An address where nobody listens. */
  readonly deadUrl: string;
  /** What becomes of handshakes: a connection, an HTTP status, or no answer at all. */
  answer: 'accept' | 'never' | number;
  readonly peers: readonly ContractPeer[];
  /** What handshakes asked for. */
  readonly requests: readonly {
    readonly target: string;
    readonly headers: Readonly<Record<string, unknown>>;
  }[];
  stop(): Promise<void>;
}

/** What the suite needs of a transport. */
export interface ContractSubject {
  transport: Transport;
  server: ContractServer;
  /** Looks again and again, while whatever is under way goes on. */
  eventually: <T>(check: () => T) => Promise<T>;
  /** Resolves when all that is under way has arrived. */
  settle: () => Promise<void>;
}

/** What a platform may lack. A browser's WebSocket has neither. */
export interface ContractScope {
  /** It can send pings, and sees those of the peer. */
  pings?: boolean;
  /** It sees the HTTP status of a refused handshake. */
  statuses?: boolean;
}

type Told =
  | { type: 'opened' | 'alive' | 'pong' }
  | { type: 'binary'; bytes: Uint8Array }
  | { type: 'text'; text: string }
  | { type: 'ended'; end: SocketEnd };

/** Writes down what it is told, and what it should not have been told. */
class Recorder implements SocketListener {
  readonly told: Told[] = [];
  readonly violations: string[] = [];
  #mayBeTold = false;

  /** Opens a socket; nothing may be told until it is here. */
  open(
    { transport, server }: ContractSubject,
    options: { url?: string; maxPayloadBytes?: number; path?: string } = {},
  ): TransportSocket {
    const { url = server.url, path = '?api_key=k&access_token=t', maxPayloadBytes = 1024 * 1024 } = options;
    const socket = transport.open(
      { url: url + path, headers: { 'X-Kite-Version': '3' }, maxPayloadBytes },
      this,
    );
    this.#mayBeTold = true;
    return socket;
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }

  get messages(): (string | number[])[] {
    return this.told.flatMap((told): (string | number[])[] => {
      if (told.type === 'binary') return [[...told.bytes]];
      return told.type === 'text' ? [told.text] : [];
    });
  }

  get end(): SocketEnd | undefined {
    return this.told.flatMap((told) => (told.type === 'ended' ? [told.end] : [])).at(-1);
  }

  opened(): void {
    this.#tell({ type: 'opened' });
  }
  binary(bytes: Uint8Array): void {
    this.#tell({ type: 'binary', bytes });
  }
  text(text: string): void {
    this.#tell({ type: 'text', text });
  }
  alive(): void {
    this.#tell({ type: 'alive' });
  }
  pong(): void {
    this.#tell({ type: 'pong' });
  }
  ended(end: SocketEnd): void {
    this.#tell({ type: 'ended', end });
  }

  #tell(told: Told): void {
    if (!this.#mayBeTold) this.violations.push(`'${told.type}' before open() returned`);
    if (this.end) this.violations.push(`'${told.type}' after 'ended'`);
    if (told.type === 'opened' && this.told.length > 0) this.violations.push("'opened' was not the first");
    this.told.push(told);
  }
}

/**
 * What `KiteTicker` relies on, whatever its sockets are made of. A transport that passes can be given to it; nothing else
 * changes.
 */
export function describeTransport(
  name: string,
  prepare: () => Promise<ContractSubject>,
  { pings = true, statuses = true }: ContractScope = {},
): void {
  /** Runs a guarantee with a recorder that has seen no violation at its end. */
  const guarantees = (
    title: string,
    check: (subject: ContractSubject, recorder: Recorder) => Promise<void>,
  ): void => {
    test(title, async () => {
      const subject = await prepare();
      const recorder = new Recorder();
      try {
        await check(subject, recorder);
        await subject.settle();
        expect(recorder.violations).toEqual([]);
      } finally {
        await subject.server.stop();
      }
    });
  };

  const opened = async (subject: ContractSubject, recorder: Recorder, maxPayloadBytes?: number) => {
    const socket = recorder.open(subject, maxPayloadBytes === undefined ? {} : { maxPayloadBytes });
    await subject.eventually(() => expect(recorder.types).toEqual(['opened']));
    const peer = await subject.eventually(() => {
      expect(subject.server.peers).toHaveLength(1);
      return subject.server.peers[0]!;
    });
    return { socket, peer };
  };

  describe(`${name}: opening`, () => {
    guarantees('tells nothing before open() has returned, then `opened` first', async (subject, recorder) => {
      await opened(subject, recorder);
    });

    guarantees('sends the path, the query and the headers as they are', async (subject, recorder) => {
      const path = '?api_key=a%26b&access_token=%2B%2F%3D%20';
      recorder.open(subject, { path });
      await subject.eventually(() => expect(recorder.types).toEqual(['opened']));
      const [request] = subject.server.requests;
      expect(request?.target).toBe(`/${path}`);
      expect(request?.headers).toMatchObject({ 'x-kite-version': '3' });
    });

    if (statuses)
      for (const status of [400, 403, 429, 503])
        guarantees(`ends once with the status of a refusal: ${status}`, async (subject, recorder) => {
          subject.server.answer = status;
          recorder.open(subject);
          await subject.eventually(() => expect(recorder.end).toMatchObject({ kind: 'refused', status }));
          expect(recorder.types).toEqual(['ended']);
        });

    guarantees('ends once with an error where nobody listens', async (subject, recorder) => {
      recorder.open(subject, { url: subject.server.deadUrl });
      await subject.eventually(() => expect(recorder.types).toEqual(['ended']));
      expect(recorder.end).toMatchObject({ kind: 'closed', code: 1006, error: expect.any(Error) as Error });
    });

    for (const how of ['close', 'terminate'] as const)
      guarantees(
        `can be given up by ${how}() before it is open, and never opens then`,
        async (subject, recorder) => {
          subject.server.answer = 'never';
          const socket = recorder.open(subject);
          await subject.settle();
          socket[how]();
          socket[how]();
          await subject.settle();
          expect(recorder.types).not.toContain('opened');
        },
      );

    guarantees('can be given up in the very turn in which it was begun', async (subject, recorder) => {
      recorder.open(subject).terminate();
      await subject.settle();
      expect(recorder.types).not.toContain('opened');
    });

    guarantees('send() and ping() before it is open do nothing', async (subject, recorder) => {
      const socket = recorder.open(subject);
      socket.send('too early');
      if (pings) socket.ping();
      await subject.eventually(() => expect(recorder.types).toEqual(['opened']));
      await subject.settle();
      expect(subject.server.peers[0]!.received).toEqual([]);
    });
  });

  describe(`${name}: messages`, () => {
    guarantees('arrive whole, in order, binary as bytes and text as text', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder);
      const sent = [[0], [], [0, 1, 255], '{"type":"error"}', '', 'बाज़ार 📈', [7, 7]];
      for (const message of sent)
        if (typeof message === 'string') peer.sendText(message);
        else peer.sendBinary(Uint8Array.from(message));
      await subject.eventually(() => expect(recorder.messages).toEqual(sent));
      for (const told of recorder.told)
        if (told.type === 'binary') expect(told.bytes).toBeInstanceOf(Uint8Array);
    });

    guarantees('are the listener’s: their bytes are never written to again', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder);
      const sent = Array.from({ length: 400 }, (_, index) =>
        Uint8Array.from({ length: (index * 977) % 5000 }, (__, at) => index + at),
      );
      for (const bytes of sent) peer.sendBinary(bytes.slice());
      await subject.eventually(() => expect(recorder.messages).toHaveLength(sent.length));
      const kept = recorder.told.flatMap((told) => (told.type === 'binary' ? [told.bytes] : []));
      for (const [index, bytes] of kept.entries()) expect(Buffer.compare(bytes, sent[index]!)).toBe(0);
    });

    guarantees('reach the peer, in order', async (subject, recorder) => {
      const { socket, peer } = await opened(subject, recorder);
      const sent = [
        '{"a":"subscribe","v":[408065]}',
        'x'.repeat(40_000),
        '{"a":"mode","v":["full",[408065]]}',
      ];
      for (const text of sent) socket.send(text);
      await subject.eventually(() => expect(peer.received).toEqual(sent));
    });

    guarantees('of the largest size that is allowed arrive', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder, 1000);
      peer.sendBinary(new Uint8Array(1000));
      peer.sendText('x'.repeat(1000));
      await subject.eventually(() =>
        expect(recorder.messages.map(({ length }) => length)).toEqual([1000, 1000]),
      );
      expect(recorder.end).toBeUndefined();
    });

    for (const kind of ['binary', 'text'] as const)
      guarantees(
        `that are larger end the socket with an error, unseen: ${kind}`,
        async (subject, recorder) => {
          const { peer } = await opened(subject, recorder, 1000);
          if (kind === 'binary') peer.sendBinary(new Uint8Array(1001));
          else peer.sendText('x'.repeat(1001));
          await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
          expect(recorder.end).toMatchObject({ kind: 'closed', error: expect.any(Error) as Error });
          await subject.eventually(() => expect(peer.closeCode).toBeDefined());
        },
      );

    guarantees(
      'that are larger end the socket even if the peer is mute from then on',
      async (subject, recorder) => {
        const { peer } = await opened(subject, recorder, 1000);
        peer.sendBinary(new Uint8Array(1001));
        peer.goMute();
        await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
      },
    );

    guarantees('may be answered from within the listener', async (subject, recorder) => {
      const { socket, peer } = await opened(subject, recorder);
      const told = recorder.text.bind(recorder);
      recorder.text = (text) => {
        told(text);
        socket.send(`echo ${text}`);
        if (text === 'bye') socket.close();
      };
      peer.sendText('hello');
      peer.sendText('bye');
      await subject.eventually(() => expect(recorder.end).toMatchObject({ code: 1000 }));
      await subject.eventually(() => expect(peer.received).toEqual(['echo hello', 'echo bye']));
    });

    if (pings)
      guarantees(
        'pings of the peer are answered and are signs of life; its pongs are told',
        async (subject, recorder) => {
          const { socket, peer } = await opened(subject, recorder);
          peer.ping();
          await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'alive']));
          socket.ping();
          await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'alive', 'pong']));
          expect(peer.pings).toBe(1);
        },
      );
  });

  describe(`${name}: the end`, () => {
    guarantees('by the peer is told once, with its code and reason', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder);
      peer.close(4001, 'maintenance');
      await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
      expect(recorder.end).toEqual({ kind: 'closed', code: 4001, reason: 'maintenance' });
    });

    guarantees('comes after what the peer had sent before it', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder);
      for (let n = 0; n < 20; n++) peer.sendBinary(Uint8Array.of(n));
      peer.close(1001, '');
      await subject.eventually(() => expect(recorder.end).toMatchObject({ code: 1001 }));
      expect(recorder.messages).toEqual(Array.from({ length: 20 }, (_, n) => [n]));
    });

    guarantees('by the network is told once, as 1006', async (subject, recorder) => {
      const { peer } = await opened(subject, recorder);
      peer.drop();
      await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
      expect(recorder.end).toMatchObject({ kind: 'closed', code: 1006 });
    });

    guarantees(
      'by close() says goodbye to the peer with 1000, and is told once',
      async (subject, recorder) => {
        const { socket, peer } = await opened(subject, recorder);
        socket.close();
        socket.close();
        await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
        expect(recorder.end).toMatchObject({ kind: 'closed', code: 1000 });
        await subject.eventually(() => expect(peer.closeCode).toBe(1000));
      },
    );

    guarantees(
      'by terminate() is at once and without a word, and is told once at most',
      async (subject, recorder) => {
        const { socket, peer } = await opened(subject, recorder);
        socket.terminate();
        socket.terminate();
        await subject.eventually(() => expect(peer.closeCode).toBe(1006));
        await subject.settle();
        expect(recorder.types.filter((type) => type !== 'ended')).toEqual(['opened']);
      },
    );

    guarantees(
      'by terminate() frees a socket whose peer never answers close()',
      async (subject, recorder) => {
        const { socket, peer } = await opened(subject, recorder);
        peer.goMute();
        socket.close();
        await subject.settle();
        expect(recorder.types).toEqual(['opened']);
        socket.terminate();
        await subject.settle();
        expect(recorder.types.filter((type) => type !== 'ended')).toEqual(['opened']);
      },
    );

    guarantees('leaves every method without effect', async (subject, recorder) => {
      const { socket, peer } = await opened(subject, recorder);
      peer.close(1000, '');
      await subject.eventually(() => expect(recorder.types).toEqual(['opened', 'ended']));
      socket.send('too late');
      if (pings) socket.ping();
      socket.close();
      socket.terminate();
      await subject.settle();
      expect(peer.received).toEqual([]);
    });

    guarantees('of one socket is no other’s', async (subject, recorder) => {
      const other = new Recorder();
      const { socket } = await opened(subject, recorder);
      other.open(subject);
      await subject.eventually(() => expect(other.types).toEqual(['opened']));
      socket.close();
      await subject.eventually(() => expect(recorder.end).toBeDefined());
      await subject.eventually(() => expect(subject.server.peers).toHaveLength(2));
      subject.server.peers[1]!.sendText('still here');
      await subject.eventually(() => expect(other.messages).toEqual(['still here']));
      expect(other.violations).toEqual([]);
    });
  });
}
