import { describe, expect, test } from 'vitest';
import { decodeFrame } from '@kite/protocol';
import type { SimulatorOptions } from '@kite/simulator';
import { INFY, VirtualClock } from '@kite/testkit';

import { KiteServer } from '../../src/server/kite-server.js';
import type { Peer } from '../../src/server/peer.js';
import { credentials } from '../support/client.js';

/** The far end of a connection that exists in memory alone. */
class MemoryPeer implements Peer {
  readonly received: { at: number; message: Uint8Array | string }[] = [];
  bufferedBytes = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get frames(): { at: number; bytes: Uint8Array }[] {
    return this.received.flatMap(({ at, message }) =>
      typeof message === 'string' ? [] : [{ at, bytes: message }],
    );
  }

  send(message: Uint8Array | string): void {
    this.received.push({ at: this.#clock.monotonic(), message });
  }

  ping = () => undefined;
  close = () => undefined;
  terminate = () => undefined;
  goMute = () => undefined;
}

function connected(options: SimulatorOptions) {
  const clock = new VirtualClock();
  const server = new KiteServer(options, clock);
  server.start();
  const peer = new MemoryPeer(clock);
  const open = () =>
    new Promise<ReturnType<KiteServer['open']>>((resolve, reject) => {
      server.admit({ target: `/${credentials()}`, headers: {} }, ({ status, account }) => {
        if (account) resolve(server.open(account, peer));
        else reject(new Error(`refused with ${status}`));
      });
    });
  return { clock, server, peer, open };
}

describe('the rules without a socket, on a virtual clock', () => {
  test('a heartbeat comes each interval while nothing else flows, and none between ticks', async () => {
    const { clock, server, peer, open } = connected({ ticksPerSecond: 0, heartbeatIntervalMs: 1000 });
    const session = await open();
    clock.pass(3000);
    expect(peer.frames.map(({ at, bytes }) => [at, bytes.length])).toEqual([
      [1000, 1],
      [2000, 1],
      [3000, 1],
    ]);
    session.receive(JSON.stringify({ a: 'subscribe', v: [INFY] }));
    peer.received.length = 0;
    for (let n = 0; n < 10; n++) {
      server.market.publish(INFY, server.market.get(INFY)!.packet('full'));
      session.flush();
      clock.pass(500);
    }
    expect(peer.frames.every(({ bytes }) => bytes.length > 1)).toBe(true);
    clock.pass(2000);
    expect(peer.frames.filter(({ bytes }) => bytes.length === 1)).toHaveLength(2);
    server.stop();
  });

  test('a handshake is decided when its delay is over, and never when it was given up', () => {
    const { clock, server } = connected({ handshakeDelayMs: 400 });
    const decided: number[] = [];
    const attempt = () => server.admit({ target: '/', headers: {} }, ({ status }) => decided.push(status));
    attempt();
    attempt()();
    clock.pass(399);
    expect(decided).toEqual([]);
    clock.pass(1);
    expect([decided, server.handshakes.entries.length]).toEqual([[400], 1]);
    server.stop();
  });

  test('a whole trading day passes in a moment', async () => {
    const { clock, server, peer, open } = connected({ instruments: 20 });
    const session = await open();
    const tokens = [INFY, 256265, 408065 + 256];
    session.receive(JSON.stringify({ a: 'subscribe', v: tokens }));
    session.receive(JSON.stringify({ a: 'mode', v: ['full', tokens] }));
    for (let minute = 0; minute < 375; minute++) {
      clock.pass(60_000);
      if (minute < 374) peer.received.length = 0;
    }
    const last = new Map(
      peer.frames.flatMap(({ bytes }) => decodeFrame(bytes)).map((tick) => [tick.instrumentToken, tick]),
    );
    const infy = last.get(INFY)!;
    expect(session.counters.ticksSent).toBeGreaterThan(20_000);
    expect(infy).toMatchObject({ mode: 'full', exchangeTimestamp: expect.any(Number) as number });
    expect(infy.lastPrice).toBeGreaterThan(0);
    server.stop();
    expect(clock.pending).toBe(0);
  });

  test('a timer that comes late makes up for what it missed, but not for more than a second', async () => {
    const { clock, server, open } = connected({ ticksPerSecond: 1000, instruments: 20 });
    const session = await open();
    session.receive(JSON.stringify({ a: 'subscribe', v: [INFY] }));
    const before = session.counters.ticksSent;
    clock.block(60_000);
    expect(session.counters.ticksSent - before).toBeGreaterThan(900);
    expect(session.counters.ticksSent - before).toBeLessThan(1100);
    server.stop();
  });
});
