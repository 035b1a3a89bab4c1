import {
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  type JetStreamClient,
  type JsMsg,
  type OrderedConsumerOptions,
  type StreamInfo,
} from '@nats-io/jetstream';
import { systemClock } from '@kite/connection';
import { Timer } from '@kite/kit';

/** What is read of a stream, and by whom. */
export interface StreamReading {
  readonly stream: string;
  /** Only these subjects; undefined: all. */
  readonly subjects?: readonly string[] | undefined;
  /** Only what was stored since then, Unix milliseconds; undefined: what is stored from now on. */
  readonly since: number | undefined;
  /** At most this many messages are in flight. */
  readonly mostInFlight: number;
  /** A reading that has begun ends after so many failures in a row, not counting those while the server is gone. */
  readonly mostFailures: number;
  /**
   * Before the first message, and again after the server has lost the place.
   *
   * @param behind how many stored messages will come
   */
  begun?(info: StreamInfo, behind: number): void;
  /** The next message waits for the promise. */
  message(message: JsMsg): Promise<void> | undefined;
  /** The last call: nothing more comes. */
  failed(cause: unknown): void;
}

/** Where a reading goes on. */
interface Place {
  /** Which stream: one of the same name that was created later has other messages under the same numbers. */
  readonly created: string;
  /** The number of the next message. */
  next: number;
}

/** The loss of a consumer, as after a restart of the server, is noticed within this time. The client's default is 30 s. */
const NOTICED_WITHIN_MS = 5000;
const AGAIN_AFTER_MS = 1000;

/**
 * Reads a stream, each message once and in order, and goes on by their numbers when the server loses the consumer. The
 * client's own recovery does not know where a consumer has begun that had no message yet: one that began now would get
 * everything, and one that began at a time would get nothing more.
 */
export class StreamReader {
  readonly #jetStream: JetStreamClient;
  readonly #reading: StreamReading;
  readonly #isUp: () => boolean;
  readonly #timer = new Timer(systemClock);
  #place: Place | undefined;
  #messages: ConsumerMessages | undefined;
  #failures = 0;
  #isStopped = false;

  constructor(jetStream: JetStreamClient, reading: StreamReading, isUp: () => boolean) {
    this.#jetStream = jetStream;
    this.#reading = reading;
    this.#isUp = isUp;
    this.#run();
  }

  /** Reads nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.clear();
    this.#messages?.stop();
  }

  #run(): void {
    this.#read().catch((cause: unknown) => {
      this.#failed(cause);
    });
  }

  async #read(): Promise<void> {
    const { stream, mostInFlight } = this.#reading;
    const manager = await this.#jetStream.jetstreamManager(false);
    const info = await manager.streams.info(stream);
    const place = await this.#placeIn(info);
    const consumer = await this.#consumer({
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: place.next,
    });
    const { num_pending: behind } = await consumer.info(true);
    const messages = await consumer.consume({
      expires: NOTICED_WITHIN_MS,
      max_messages: mostInFlight,
      abort_on_missing_resource: true,
    });
    this.#messages = messages;
    if (this.#isStopped) {
      messages.stop();
      return;
    }
    this.#reading.begun?.(info, behind);
    for await (const message of messages) {
      const taken = this.#take(message, place);
      if (taken) await taken;
    }
    throw new Error('the consumer ended');
  }

  #take(message: JsMsg, place: Place): Promise<void> | undefined {
    // The client hands out what it has received also after a stop.
    if (this.#isStopped) return undefined;
    this.#failures = 0;
    place.next = message.seq + 1;
    return this.#reading.message(message);
  }

  async #placeIn({ created, state }: StreamInfo): Promise<Place> {
    const { since } = this.#reading;
    const known = this.#place;
    if (known?.created === created) return known;
    // All of a stream that was created meanwhile is new.
    const first = (): number | Promise<number> =>
      since === undefined ? state.last_seq + 1 : this.#firstSince(since);
    return (this.#place = { created, next: known ? 1 : await first() });
  }

  /** The number of the first message since then. The server tells it only of a consumer. */
  async #firstSince(since: number): Promise<number> {
    const consumer = await this.#consumer({
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(since).toISOString(),
    });
    const { delivered } = await consumer.info(true);
    consumer.delete().catch(() => undefined);
    return delivered.stream_seq + 1;
  }

  #consumer(start: Partial<OrderedConsumerOptions>): Promise<Consumer> {
    const { stream, subjects } = this.#reading;
    const filter = subjects && { filter_subjects: [...subjects] };
    return this.#jetStream.consumers.get(stream, { ...start, ...filter });
  }

  #failed(cause: unknown): void {
    if (this.#isStopped) return;
    const isOver = !this.#place || (this.#isUp() && ++this.#failures > this.#reading.mostFailures);
    if (!isOver)
      this.#timer.set(AGAIN_AFTER_MS, () => {
        this.#run();
      });
    else this.#reading.failed(cause);
  }
}
