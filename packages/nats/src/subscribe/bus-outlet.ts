import { Listeners } from '@kite/kit';
import type { Clock, EventName, Gap, KiteError, RawFrame, TickerMessage } from '@kite/protocol';

import {
  assertListener,
  CONNECTION_DEFAULTS,
  FeedEnd,
  type FeedEvents,
  type FrameConsumer,
  frameOf,
  lazyTicksWith,
  listenerFailed,
  type MessageConsumer,
  Outlets,
  Registrations,
  type SourceTag,
  TICKER_EVENTS,
} from '../connection-parts.js';

type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** Where a feed over the bus fans out: to listeners, synchronously, and to channels. */
export class BusOutlet {
  readonly clock: Clock;
  readonly channels: Outlets;
  readonly registrations: Registrations;
  readonly end: FeedEnd = new FeedEnd();
  readonly #listeners: Listeners<FeedEvents>;
  readonly #onAttached: (consumer: MessageConsumer) => void;
  readonly #lazyTicksOf = lazyTicksWith(CONNECTION_DEFAULTS.divisors);
  /** Lists that are replaced, never changed: consumers come and go while they are gone through. */
  #messageConsumers: readonly MessageConsumer[] = [];
  #frameConsumers: readonly FrameConsumer[] = [];
  #isClosed = false;
  /** Why nothing more can come. */
  #error: KiteError | undefined;
  #frameGap: Gap | undefined;
  #dropped = 0;

  /** @param onAttached a channel of messages or ticks is there, and has nothing yet */
  constructor(clock: Clock, onAttached: (consumer: MessageConsumer) => void) {
    this.clock = clock;
    this.#onAttached = onAttached;
    this.#listeners = new Listeners((cause, type) => {
      // One for failing issues would be called for its own failure.
      if (type === 'issue') return;
      const source: SourceTag = { channelId: 0 };
      this.message(
        { type: 'issue', issue: listenerFailed(cause, type), ...source, receivedAt: clock.now() },
        source,
      );
    });
    const target = {
      attach: (consumer: MessageConsumer | FrameConsumer) => this.#attach(consumer),
      lost: (_: SourceTag, weight: number) => {
        this.#dropped += weight;
      },
    };
    this.channels = new Outlets(target, { ...CONNECTION_DEFAULTS, clock });
    this.registrations = new Registrations({
      attach: (type, listener) => this.#listen(type, listener),
      onOver: (callback) => this.end.onOver(callback),
    });
  }

  /** Ticks, or raw items, that channels have lost because they were slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether anybody wants undecoded frames. */
  get wantsFrames(): boolean {
    return this.#frameConsumers.length > 0 || this.#listeners.has('frame');
  }

  message(message: TickerMessage, source: SourceTag): void {
    this.#listeners.emit(message.type, message);
    if (message.type === 'gap') this.#gap(message, source);
    if (message.type === 'ticks') this.#ticks(message, source);
    else for (const consumer of this.#messageConsumers) consumer.message(message, source);
  }

  /** The packets of one frame. */
  frame(packets: readonly Uint8Array[], source: SourceTag, receivedAt: number): void {
    const bytes = frameOf(packets);
    const frame: RawFrame = { bytes, ...source, receivedAt, dropped: 0 };
    if (this.#frameGap) frame.gap = this.#frameGap;
    this.#frameGap = undefined;
    this.#listeners.emit('frame', frame);
    for (const consumer of this.#frameConsumers) consumer.frame(bytes, source, receivedAt);
  }

  /** Ends its channels, for good; with an error where that is why nothing more can come. */
  close(error?: KiteError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    for (const consumer of [...this.#messageConsumers, ...this.#frameConsumers]) consumer.end(error);
    this.end.over(error);
  }

  #gap({ from, to, reason, instrumentTokens }: Gap, source: SourceTag): void {
    const gap: Gap = { from, to, reason, ...(instrumentTokens && { instrumentTokens }) };
    this.#frameGap = gap;
    for (const consumer of this.#frameConsumers) consumer.gap(gap, source);
  }

  /** Lazy ticks are made for the first channel that wants them. */
  #ticks(message: TicksMessage, source: SourceTag): void {
    let lazy: TicksMessage | undefined;
    for (const consumer of this.#messageConsumers) {
      if (!consumer.takesTicks) continue;
      consumer.message(consumer.form === 'lazy' ? (lazy ??= this.#lazyTicksOf(message)) : message, source);
    }
  }

  /** The message as this consumer takes it. */
  inFormOf(consumer: MessageConsumer, message: TicksMessage): TicksMessage {
    return consumer.form === 'lazy' ? this.#lazyTicksOf(message) : message;
  }

  #attach(consumer: MessageConsumer | FrameConsumer): () => void {
    if (this.#isClosed) {
      // Its own detaching is not there yet.
      queueMicrotask(() => {
        consumer.end(this.#error);
      });
      return () => undefined;
    }
    if ('frame' in consumer) {
      this.#frameConsumers = [...this.#frameConsumers, consumer];
      return () => {
        this.#frameConsumers = this.#frameConsumers.filter((one) => one !== consumer);
      };
    }
    this.#messageConsumers = [...this.#messageConsumers, consumer];
    this.#onAttached(consumer);
    return () => {
      this.#messageConsumers = this.#messageConsumers.filter((one) => one !== consumer);
    };
  }

  #listen(type: string, listener: (event: unknown) => unknown): () => void {
    assertListener('KITE_NATS_INVALID_OPTION', TICKER_EVENTS, type, listener);
    return this.#listeners.on(type as EventName, listener);
  }
}
