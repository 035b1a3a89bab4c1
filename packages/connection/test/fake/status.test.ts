import { afterEach, describe, expect, test } from 'vitest';
import { ACCESS_TOKEN, API_KEY, settled, VirtualClock } from '@kite/testkit';

import { CONNECTION_DEFAULTS } from '../../src/options.js';
import { Connection } from '../../src/socket/connection.js';
import { Endpoint } from '../../src/socket/endpoint.js';
import type { Wanted } from '../../src/socket/link.js';
import { NO_EXPERIENCE } from '../../src/socket/retry.js';
import { FakeTransport } from '../support/fake-transport.js';

let connection: Connection | undefined;

const CLOSED: Wanted = {
  isOpen: false,
  credentials: { revision: 1, apiKey: API_KEY, accessToken: ACCESS_TOKEN },
  modes: new Map(),
  revision: 0,
  experience: NO_EXPERIENCE,
};

afterEach(() => {
  connection?.want(CLOSED);
});

/** A connection, and its states, statuses and frames in order. */
function bench(options: { heartbeatLivenessThresholdMs?: number; connectionTimeoutMs?: number } = {}) {
  const clock = new VirtualClock();
  const transport = new FakeTransport();
  const told: string[] = [];
  connection = new Connection(
    {
      ...CONNECTION_DEFAULTS,
      ...{ clock, transport, random: () => 0, startingForMs: 15_000 },
      endpoint: new Endpoint(CONNECTION_DEFAULTS.url, false),
      ...options,
    },
    {
      state: (state) => told.push(state),
      status: (status, at) => {
        told.push(`→ ${status}`);
        expect([connection!.status, at]).toEqual([status, clock.now()]);
      },
      frame: () => told.push('frame'),
      text: () => undefined,
      asked: () => undefined,
      dropped: () => undefined,
    },
  );
  const subject = connection;
  const begin = (): void => {
    subject.want({ ...CLOSED, isOpen: true });
  };
  return {
    ...{ connection: subject, clock, transport, told, begin },
    async open() {
      begin();
      await settled();
      transport.last.open();
    },
  };
}

describe('a connection', () => {
  test('starts in its first attempt, streams while it is open, and is down between attempts and in later ones', async () => {
    const { connection: subject, begin, clock, transport, told } = bench();
    expect(subject.status).toBe('down');
    begin();
    expect(told).toEqual(['connecting', '→ starting']);
    await settled();
    transport.last.open();
    expect(told.splice(0)).toEqual(['connecting', '→ starting', 'open', '→ streaming']);
    transport.last.drop();
    await clock.advance(2000);
    expect(told.splice(0)).toEqual(['waiting', '→ down', 'connecting']);
    transport.last.open();
    subject.want(CLOSED);
    await settled();
    expect(told).toEqual(['open', '→ streaming', 'closing', '→ down', 'closed']);
  });

  test('whose first attempt fails is down, also in the next one, until it is closed and asked to open again', async () => {
    const { connection: subject, begin, clock, transport, told } = bench();
    begin();
    await settled();
    transport.last.drop();
    await clock.advance(2000);
    expect(told).toEqual(['connecting', '→ starting', 'waiting', '→ down', 'connecting']);
    subject.want(CLOSED);
    begin();
    expect(told.at(-1)).toBe('→ starting');
  });

  test('starts for startingForMs at most', async () => {
    const { connection: subject, begin, clock, transport, told } = bench();
    begin();
    await clock.advance(14_999);
    expect(subject.status).toBe('starting');
    await clock.advance(1);
    expect(told).toEqual(['connecting', '→ starting', '→ down']);
    transport.last.open();
    expect(told.slice(-2)).toEqual(['open', '→ streaming']);
  });

  test('over which nothing comes for three seconds is down, and streams again with the next frame', async () => {
    const { open, clock, transport, told } = bench();
    await open();
    for (let second = 0; second < 20; second++) {
      await clock.advance(1000);
      transport.last.heartbeat();
    }
    expect(told.splice(0).filter((entry) => entry !== 'frame')).toEqual([
      ...['connecting', '→ starting', 'open', '→ streaming'],
    ]);
    await clock.advance(2999);
    expect(told).toEqual([]);
    await clock.advance(501);
    expect(told.splice(0)).toEqual(['→ down']);
    transport.last.heartbeat();
    transport.last.heartbeat();
    expect(told).toEqual(['→ streaming', 'frame', 'frame']);
  });

  test('hears pings and pongs as signs of life', async () => {
    const { open, clock, transport, connection: subject } = bench();
    await open();
    for (let second = 0; second < 10; second++) {
      await clock.advance(2000);
      if (second % 2 === 0) transport.last.listener.alive();
      else transport.last.listener.pong();
    }
    expect(subject.status).toBe('streaming');
  });

  test('with a shorter liveness threshold is down after that, and then reconnects', async () => {
    const { open, clock, told } = bench({ heartbeatLivenessThresholdMs: 1000 });
    await open();
    told.length = 0;
    await clock.advance(1000);
    expect(told).toEqual(['→ down', 'waiting']);
  });
});
