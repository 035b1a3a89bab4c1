import { type Remote, startRemote } from '../harness/child.js';
import type { BenchNats } from './nats-server.js';
import type { PublisherQuestion, PublisherSample } from './publisher.js';

/** So many are published. */
export const INSTRUMENTS = 9000;

/** What a publisher puts on a server. */
export interface Load {
  readonly ticksPerSecond: number;
  readonly seconds: number;
  readonly warmUpS: number;
}

/** Those that read meanwhile. */
export interface LoadReaders {
  /** The measurement begins. */
  begin(): Promise<unknown>;
  /** The last tick has been published. */
  end(): Promise<unknown>;
}

export interface LoadSample {
  readonly published: PublisherSample;
  /** CPU of the server in µs, for each published tick; undefined outside Linux. */
  readonly serverMicros: number | undefined;
}

/** A process that publishes all instruments. */
export function startPublisher({ address }: BenchNats): Promise<Remote<PublisherQuestion>> {
  return startRemote('bus-publisher', { servers: address, instruments: INSTRUMENTS });
}

/** Publishes, and measures the server after a warm-up. */
export async function measureLoad(
  server: BenchNats,
  publisher: Remote<PublisherQuestion>,
  { ticksPerSecond, seconds, warmUpS }: Load,
  readers?: LoadReaders,
): Promise<LoadSample> {
  const run = (of: number): Promise<PublisherSample> =>
    publisher.ask({ run: { ticksPerSecond, seconds: of } });
  await run(warmUpS);
  await readers?.begin();
  const before = server.cpuMs;
  const published = await run(seconds);
  await readers?.end();
  const after = server.cpuMs;
  const ticks = published.perSecond * seconds;
  const serverMicros = before === undefined ? undefined : ((after! - before) * 1000) / ticks;
  return { published, serverMicros };
}
