import {
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  jetstreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { textOf } from '@kite/kit';
import { KiteError } from '@kite/protocol';

import type { Bus, BusMessage, BusState, ReplayReader } from './bus.js';
import { type LeaseOptions, type Leases, natsLeases } from './leases.js';
import { checkStream, type StreamPlan } from './stream-plan.js';
import { StreamReader, type StreamReading } from './stream-reader.js';

const STREAM_NOT_FOUND = 10_059;
/** A request sent into a connection that has gone is sent again after this. */
const STORE_WITHIN_MS = 2000;
/** The server accepts up to 1024. */
const SUBJECTS_A_REQUEST = 500;
/** JetStream's error codes: not enabled on the server, or not for the account. */
const NOT_ENABLED = [10_039, 10_076];

/** What a server accepts that says nothing about it. */
const MAX_BYTES = 1024 * 1024;

const FOLLOWED_IN_FLIGHT = 100;
const REPLAYED_IN_FLIGHT = 2000;
/** After a restart the server is reachable before its streams are. */
const REPLAY_FAILURES = 10;

/** A NATS connection as a bus. The client reconnects by itself; this class only reports it. */
export class NatsBus implements Bus {
  readonly #nats: NatsConnection;
  readonly #isOwn: boolean;
  readonly #jetStream: JetStreamClient;
  readonly #listeners = new Set<(state: BusState) => void>();
  readonly #onRefused = new Set<(cause: unknown) => void>();
  readonly #statuses: ReturnType<NatsConnection['status']>;
  #state: BusState;

  /** @param isOwn the connection was opened for this bus and is closed with it */
  constructor(nats: NatsConnection, isOwn: boolean) {
    this.#nats = nats;
    this.#isOwn = isOwn;
    this.#jetStream = jetstream(nats);
    this.#state = nats.isClosed() ? 'closed' : 'up';
    this.#statuses = nats.status();
    void this.#watch();
    void nats.closed().then(() => {
      this.#turn('closed');
    });
  }

  get state(): BusState {
    return this.#state;
  }

  get maxBytes(): number {
    return this.#nats.info?.max_payload ?? MAX_BYTES;
  }

  onState(listener: (state: BusState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  onRefused(listener: (cause: unknown) => void): () => void {
    this.#onRefused.add(listener);
    return () => {
      this.#onRefused.delete(listener);
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
    await this.#jetStream.publish(subject, data, { msgID: id, timeout: STORE_WITHIN_MS });
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

  subscribe(subject: string, listener: (message: BusMessage) => void): () => void {
    const subscription = this.#nats.subscribe(subject, {
      callback: (error, message) => {
        if (!error) listener(message);
      },
    });
    return () => {
      if (!this.#nats.isClosed()) subscription.unsubscribe();
    };
  }

  async lastOf(stream: string, subjects: readonly string[]): Promise<BusMessage[]> {
    const messages: BusMessage[] = [];
    const manager = await jetstreamManager(this.#nats, { checkAPI: false });
    for (let from = 0; from < subjects.length; from += SUBJECTS_A_REQUEST) {
      const some = subjects.slice(from, from + SUBJECTS_A_REQUEST);
      try {
        const found = await manager.direct.getLastMessagesFor(stream, { multi_last: some });
        for await (const { subject, data } of found) messages.push({ subject, data });
      } catch (error) {
        // None of them has a message.
        if (!isNotFound(error)) throw streamError(error);
      }
    }
    return messages;
  }

  follow(
    stream: string,
    since: number | undefined,
    listener: (message: BusMessage) => void,
    onFailed: (cause: unknown) => void,
  ): () => void {
    return this.#read({
      ...{ stream, since, mostInFlight: FOLLOWED_IN_FLIGHT, mostFailures: Infinity },
      message: (message) => {
        listener(message);
        return undefined;
      },
      failed: onFailed,
    });
  }

  replay(
    stream: string,
    subjects: readonly string[] | undefined,
    since: number,
    reader: ReplayReader,
  ): () => void {
    return this.#read({
      ...{ stream, subjects, since, mostInFlight: REPLAYED_IN_FLIGHT, mostFailures: REPLAY_FAILURES },
      begun: (info, behind) => {
        reader.begun(behind, completeSince(info));
      },
      message: (message) => reader.message(message, message.info.pending),
      failed: (cause) => {
        reader.failed(cause);
      },
    });
  }

  /** Returns a function that stops it. */
  #read(reading: StreamReading): () => void {
    const failed = (cause: unknown): void => {
      if (this.#state !== 'closed') reading.failed(cause);
    };
    const reader = new StreamReader(this.#jetStream, { ...reading, failed }, () => this.#state === 'up');
    return () => {
      reader.stop();
    };
  }

  leases(bucket: string, options: { createdWithTtlMs: number }): Promise<Leases>;
  async leases(bucket: string, options: LeaseOptions): Promise<Leases | undefined> {
    try {
      return await natsLeases(this.#jetStream, bucket, options);
    } catch (error) {
      throw streamError(error);
    }
  }

  async close(): Promise<void> {
    if (this.#isOwn) await this.#nats.close();
    this.#turn('closed');
    this.#listeners.clear();
    // A connection that stays open would keep it; its type does not tell of this method.
    (this.#statuses as { stop?: () => void }).stop?.();
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
      for await (const status of this.#statuses) {
        if (status.type === 'disconnect') this.#turn('down');
        else if (status.type === 'reconnect') this.#turn('up');
        else if (status.type === 'close') this.#turn('closed');
        else if (status.type === 'error') for (const listener of [...this.#onRefused]) listener(status.error);
      }
    } catch {
      // The statuses end with the connection; `closed()` reports that.
    }
  }

  #turn(state: BusState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/** The time since which nothing was removed from the stream, by age or otherwise. */
function completeSince({ created, state }: StreamInfo): number {
  const { first_seq, first_ts, last_ts, messages } = state;
  if (first_seq <= 1) return Date.parse(created);
  return Date.parse(messages > 0 ? first_ts : last_ts);
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 404;
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
