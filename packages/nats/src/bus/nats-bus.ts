import {
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { textOf } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import type { Bus, BusState } from './bus.js';
import { checkStream, type StreamPlan } from './stream-plan.js';

const STREAM_NOT_FOUND = 10_059;
/** Of JetStream: not enabled on the server, or not for the account. */
const NOT_ENABLED = [10_039, 10_076];

/** A NATS connection as a bus. It reconnects by itself; this only tells of it. */
export class NatsBus implements Bus {
  readonly #nats: NatsConnection;
  readonly #isOwn: boolean;
  readonly #jetStream: JetStreamClient;
  readonly #listeners = new Set<(state: BusState) => void>();
  #state: BusState;

  /** @param isOwn it was opened for this bus, and is closed with it */
  constructor(nats: NatsConnection, isOwn: boolean) {
    this.#nats = nats;
    this.#isOwn = isOwn;
    this.#jetStream = jetstream(nats);
    this.#state = nats.isClosed() ? 'closed' : 'up';
    void this.#watch();
    void nats.closed().then(() => {
      this.#turn('closed');
    });
  }

  get state(): BusState {
    return this.#state;
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.#state === 'up' && !this.#nats.isClosed() && !this.#nats.isDraining())
      this.#nats.publish(subject, data);
  }

  flush(): Promise<void> {
    return this.#nats.flush();
  }

  async store(subject: string, data: Uint8Array, id: string): Promise<void> {
    await this.#jetStream.publish(subject, data, { msgID: id, timeout: 5000 });
  }

  async ensure(plans: readonly StreamPlan[]): Promise<void> {
    try {
      const manager = await jetstreamManager(this.#nats);
      for (const plan of plans) {
        const found = await this.#settingsOf(plan.name);
        if (found) checkStream(plan, found);
        else {
          const { name, settings } = plan;
          const { config } = await manager.streams.add({ ...settings, name });
          checkStream(plan, config);
        }
      }
    } catch (error) {
      throw streamError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#isOwn) await this.#nats.close();
    this.#turn('closed');
    this.#listeners.clear();
  }

  async #settingsOf(stream: string): Promise<Partial<StreamConfig> | undefined> {
    try {
      const manager = await this.#jetStream.jetstreamManager();
      return (await manager.streams.info(stream)).config;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
      throw error;
    }
  }

  async #watch(): Promise<void> {
    try {
      for await (const status of this.#nats.status()) {
        if (status.type === 'disconnect') this.#turn('down');
        else if (status.type === 'reconnect') this.#turn('up');
        else if (status.type === 'close') this.#turn('closed');
      }
    } catch {
      // The statuses end with the connection, which `closed()` tells.
    }
  }

  #turn(state: BusState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

function streamError(error: unknown): KiteError {
  if (error instanceof KiteError) return error;
  const isOff =
    (error instanceof JetStreamApiError && NOT_ENABLED.includes(error.code)) ||
    (error instanceof Error && error.name === 'JetStreamNotEnabled');
  return isOff
    ? new KiteError('KITE_NATS_NO_JETSTREAM', 'the NATS server does not offer JetStream', { cause: error })
    : new KiteError('KITE_NATS_STREAM_FAILED', `the server refused a stream: ${textOf(error)}`, {
        cause: error,
      });
}
