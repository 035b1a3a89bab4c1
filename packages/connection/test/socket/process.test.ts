import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { collect, eventually, INFY, type Outcome, SELF_SIGNED, settled } from '@kite/testkit';

import { type ConnectionBench, openBench } from '../support/connection-bench.js';
import { program } from '../support/program.js';

/** A child has to start before anything can be seen of it, which takes longer than all that is tested. */
const CHILD = 30_000;

const ENDED_WELL: Outcome = { code: 0, signal: null, stdout: '', stderr: '' };

describe('a process', () => {
  const LIVES: [string, string, (bench: ConnectionBench) => unknown][] = [
    [
      'has closed an open connection',
      `const ticker = new KiteTicker(options);
       const channels = [ticker.messages(), ticker.ticks({ throttleMs: 60_000 }), ticker.subscribeRawFrames()];
       await ticker.subscribe([408065], 'full');
       await ticker.connect();
       await channels[2].recv();
       await ticker.close();`,
      () => undefined,
    ],
    [
      'has closed a connection whose peer is mute',
      `const ticker = new KiteTicker(options);
       await ticker.connect();
       await ticker.close();`,
      ({ simulator }) => simulator.on('open', ({ connection }) => simulator.blackhole(connection.id)),
    ],
    [
      'has closed a connection that was waiting to reconnect',
      `const ticker = new KiteTicker({ ...options, reconnectDelayMs: 60_000, maxReconnectDelayMs: 60_000 });
       const waiting = new Promise((resolve) => ticker.on('state', ({ state }) => state === 'waiting' && resolve()));
       ticker.connect().catch(() => undefined);
       await waiting;
       await ticker.close();`,
      ({ simulator }) => simulator.refuse(1, 503),
    ],
    [
      'has aborted a handshake',
      `const ticker = new KiteTicker(options);
       await ticker.connect({ signal: AbortSignal.timeout(20) }).catch(() => undefined);`,
      ({ simulator }) => simulator.slowHandshake(Infinity),
    ],
    [
      'was refused for good, and closed nothing',
      `const ticker = new KiteTicker(options);
       await ticker.connect().catch(() => undefined);`,
      ({ simulator }) => simulator.refuse(1, 403),
    ],
    [
      'has made a ticker and never connected it',
      `const ticker = new KiteTicker(options);
       ticker.messages();
       await ticker.subscribe([408065]);`,
      () => undefined,
    ],
  ];

  test.each(LIVES)(
    'that %s ends by itself, with code 0 and nothing printed (starts a child)',
    async (_what, body, prepare) => {
      await using bench = await openBench();
      await using child = await program(body);
      prepare(bench);
      expect(await child.run(bench.simulator.url)).toEqual(ENDED_WELL);
      await eventually(() => expect(bench.simulator.connections).toEqual([]));
    },
    CHILD,
  );

  test(
    'that waits to reconnect stays alive, with nothing but the wait to keep it (starts a child)',
    async () => {
      await using bench = await openBench();
      const { simulator } = bench;
      await using child = await program(`
        const ticker = new KiteTicker(options);
        let waits = 0;
        ticker.on('state', ({ state }) => state === 'waiting' && ++waits === 5 && console.log('waiting'));
        ticker.on('gap', () => void ticker.close());
        await ticker.connect();
        console.log('open');`);
      const outcome = await child.run(simulator.url, {
        onLine: (line) => void (line === 'open' ? simulator.pause() : simulator.resume()),
      });
      expect(outcome).toEqual({ ...ENDED_WELL, stdout: 'open\nwaiting\n' });
      expect(simulator.handshakes.map(({ status }) => status)).toEqual([101, 101]);
    },
    CHILD,
  );
});

describe('TLS', () => {
  test(
    'to a server whose authority the process knows: ticks arrive over wss (starts a child, which reads NODE_EXTRA_CA_CERTS at its start)',
    async () => {
      await using bench = await openBench({ tls: SELF_SIGNED });
      expect(bench.simulator.url).toMatch(/^wss:/);
      await using child = await program(`
        const ticker = new KiteTicker(options);
        const batches = ticker.ticks();
        await ticker.subscribe([408065], 'full');
        await ticker.connect();
        const { ticks } = await batches.recv();
        console.log(ticks[0].instrumentToken);
        await ticker.close();`);
      const env = { NODE_EXTRA_CA_CERTS: await child.file('authority.pem', SELF_SIGNED.cert) };
      expect(await child.run(bench.simulator.url, { env })).toEqual({ ...ENDED_WELL, stdout: '408065\n' });
    },
    CHILD,
  );

  test('to a server whose authority nobody knows is never trusted: tried again, and the token is not sent', async () => {
    await using bench = await openBench({ tls: SELF_SIGNED });
    const ticker = bench.ticker({ maxReconnectAttempts: 1 });
    await expect(ticker.connect()).rejects.toMatchObject({
      code: 'KITE_CONNECTION_ATTEMPTS_EXHAUSTED',
      cause: { code: 'KITE_CONNECTION_LOST', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } },
    });
    expect(bench.simulator.handshakes).toEqual([]);
  });

  test('is required of any other machine: a plain ws: URL is refused before anything is dialled', async () => {
    await using bench = await openBench();
    expect(() => bench.ticker({ url: 'ws://ws.kite.trade/' })).toThrow(
      expect.objectContaining({ code: 'KITE_CONNECTION_INSECURE_URL', field: 'url' }) as Error,
    );
  });
});

describe('a ticker that is closed and forgotten', () => {
  test('is collected, with its channels, however it had lived', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const signal = new AbortController().signal;

    const forgotten = await (async () => {
      await using bench = await openBench();
      const refs: WeakRef<object>[] = [];
      for (const fate of ['close', 'drop', 'hang'] as const) {
        const { ticker } = await liveOf(bench, signal);
        if (fate === 'drop') bench.simulator.drop();
        if (fate === 'hang') bench.simulator.blackhole();
        if (fate === 'drop') await eventually(() => expect(ticker.getStats().reconnects).toBe(1));
        refs.push(new WeakRef(ticker), new WeakRef(ticker.ticks()));
        await ticker.close();
      }
      return refs;
    })();

    await eventually(async () => {
      await settled();
      collectGarbage();
      expect(forgotten.map((ref) => ref.deref())).toEqual(Array(6).fill(undefined));
    });
  });
});

async function liveOf(bench: ConnectionBench, signal: AbortSignal) {
  const ticker = bench.ticker();
  collect(ticker.messages());
  ticker.on('ticks', () => undefined);
  await ticker.subscribe([INFY]);
  await ticker.connect({ signal });
  await ticker.ping();
  return { ticker };
}
