import { settled, VirtualClock } from '@kite/testkit';

import { Connection, Endpoint } from '../../src/connection-parts.js';
import { IoThread } from '../../src/threads/main/io-thread.js';
import type { PlainConnectionConfig } from '../../src/threads/wire/messages.js';
import { runIoWorker } from '../../src/threads/worker/run-io-worker.js';
import { FakeMarket, type FakePeer } from './fake-market.js';
import { FAST } from './link-config.js';
import { LinkDriver, type LinkDriverOptions } from './link-driver.js';
import { VirtualHost } from './virtual-worker.js';

/** How a bench is made. */
export interface LinkBenchOptions extends LinkDriverOptions {
  config?: Partial<PlainConnectionConfig>;
}

/** A link in virtual time, its owner, and its server. */
export class LinkBench {
  readonly clock = new VirtualClock();
  readonly market = new FakeMarket(this.clock);
  /** Has the workers; none where the link is in this thread. */
  readonly host = new VirtualHost(this.clock, this.market);
  readonly driver: LinkDriver;
  readonly #config: PlainConnectionConfig;
  #thread: IoThread | undefined;

  constructor({ config, ...options }: LinkBenchOptions) {
    this.#config = {
      ...{ ...FAST, url: 'ws://127.0.0.1/', connectionTimeoutMs: 30_000, stableAfterMs: 5000 },
      ...{ reconnectDelayMs: 2000, maxReconnectDelayMs: 30_000 },
      ...{ rateLimitDelayMs: 60_000, unauthorizedRetryDelayMs: 60_000 },
      ...config,
    };
    this.driver = new LinkDriver(this.clock, {
      connectionTimeoutMs: this.#config.connectionTimeoutMs,
      ...options,
    });
  }

  /** The newest socket's end at the server. */
  get peer(): FakePeer {
    const peer = this.market.peers.at(-1);
    if (!peer) throw new Error('nothing was dialled');
    return peer;
  }

  get state(): string {
    return this.driver.link.state;
  }

  /** Lets time pass, and what crosses threads arrive. */
  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Long enough for a handshake or a message from thread to thread, and for nothing else. */
  soon(): Promise<void> {
    return this.pass(100);
  }

  /** The link in this thread. */
  inline(): this {
    const { clock, market: transport, driver } = this;
    const endpoint = new Endpoint(this.#config.url, false);
    const options = { ...this.#config, endpoint, clock, transport, random: () => 0.5 };
    this.driver.drives(new Connection(options, driver));
    return this;
  }

  /** The link in an I/O worker. */
  async threaded(): Promise<this> {
    const { clock, host } = this;
    const { reconnectDelayMs, maxReconnectDelayMs, stableAfterMs, heartbeatLivenessThresholdMs } =
      this.#config;
    const starting = IoThread.start(
      {
        ...{ reconnectDelayMs, maxReconnectDelayMs, stableAfterMs, heartbeatLivenessThresholdMs },
        ...{ clock, ringBytes: 64 * 1024, latency: 'balanced', random: () => 0.5 },
        owner: { changed: () => undefined, workerLost: () => undefined },
        spawn: (setup) =>
          host.spawn((port) => {
            runIoWorker(port, setup);
          }),
      },
      new AbortController().signal,
    );
    await clock.advance(10);
    this.#thread = await starting;
    this.driver.drives(this.#thread.open(this.#config, this.driver));
    return this;
  }

  /** Closes what is open; gives the number of timers that are left behind. */
  async end(): Promise<number> {
    const closed = this.driver.close();
    await this.pass(2000);
    await closed;
    await this.#thread?.terminate();
    await settled();
    await this.pass(10);
    return this.clock.pending;
  }
}
