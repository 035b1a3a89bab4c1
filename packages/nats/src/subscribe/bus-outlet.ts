import type { Clock, EventName, Gap, KiteError, TickerMessage } from '@kite/protocol';

import {
  assertListener,
  CONNECTION_DEFAULTS,
  FanOut,
  FeedEnd,
  type FrameConsumer,
  frameOf,
  listenerFailed,
  type MessageConsumer,
  Outlets,
  Registrations,
  type SourceTag,
  TICKER_EVENTS,
} from '../connection-parts.js';

type TicksMessage = Extract<TickerMessage, { type: 'ticks' }>;

/** A consumer, or what stands before it. */
export interface AttachedConsumer extends MessageConsumer {
  /** It was detached. */
  stop?(): void;
}

/** Where a feed over the bus fans out: to listeners, synchronously, and to channels. */
export class BusOutlet {
  readonly clock: Clock;
  readonly channels: Outlets;
  readonly registrations: Registrations;
  readonly end: FeedEnd = new FeedEnd();
  readonly #fanOut: FanOut;
  readonly #onAttached: (consumer: MessageConsumer) => AttachedConsumer;
  #isClosed = false;
  /** Why nothing more can come. */
  #error: KiteError | undefined;
  #dropped = 0;

  /** @param onAttached called with a new, empty channel of messages or ticks; returns the consumer to attach instead */
  constructor(clock: Clock, onAttached: (consumer: MessageConsumer) => AttachedConsumer) {
    this.clock = clock;
    this.#onAttached = onAttached;
    this.#fanOut = new FanOut({
      clock,
      divisors: CONNECTION_DEFAULTS.divisors,
      onListenerFailed: (cause, type) => {
        this.#listenerFailed(cause, type);
      },
    });
    const target = {
      attach: (consumer: MessageConsumer | FrameConsumer) => this.#attach(consumer),
      lost: (_: SourceTag, weight: number) => {
        this.#dropped += weight;
      },
    };
    this.channels = new Outlets(target, { ...CONNECTION_DEFAULTS, clock });
    this.registrations = new Registrations({
      attach: (type, listener) => {
        assertListener('KITE_NATS_INVALID_OPTION', TICKER_EVENTS, type, listener);
        return this.#fanOut.on(type as EventName, listener);
      },
      onOver: (callback) => this.end.onOver(callback),
    });
  }

  /** Ticks, or raw items, that slow channels have lost. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether any consumer wants undecoded frames. */
  get wantsFrames(): boolean {
    return this.#fanOut.wantsFrames;
  }

  message(message: TickerMessage, source: SourceTag): void {
    this.#fanOut.message(message, source);
    // Without a reader no frame would ever take it along.
    if (message.type === 'gap' && this.wantsFrames) this.#frameGap(message, source);
  }

  /** The packets of one frame. */
  frame(packets: readonly Uint8Array[], source: SourceTag, receivedAt: number): void {
    this.#fanOut.frame(frameOf(packets), source, receivedAt);
  }

  /** The message in the form this consumer takes. */
  inFormOf(consumer: MessageConsumer, message: TicksMessage): TicksMessage {
    return this.#fanOut.inFormOf(consumer, message);
  }

  /** Ends its channels for good; the error says why, if there is one. */
  close(error?: KiteError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    this.#fanOut.end(error);
    this.end.close(error);
  }

  #frameGap({ from, to, reason, instrumentTokens }: Gap, source: SourceTag): void {
    this.#fanOut.frameGap({ from, to, reason, ...(instrumentTokens && { instrumentTokens }) }, source);
  }

  #listenerFailed(cause: unknown, type: EventName): void {
    // A failing issue listener would be called with its own failure.
    if (type === 'issue') return;
    const source: SourceTag = { channelId: 0 };
    const receivedAt = this.clock.now();
    this.message({ type: 'issue', issue: listenerFailed(cause, type), ...source, receivedAt }, source);
  }

  #attach(consumer: MessageConsumer | FrameConsumer): () => void {
    if (this.#isClosed) {
      // Its own detach function is not set yet.
      queueMicrotask(() => {
        consumer.end(this.#error);
      });
      return () => undefined;
    }
    if ('frame' in consumer) return this.#fanOut.attach(consumer);
    // Its beginning comes before any later message.
    const attached = this.#onAttached(consumer);
    const detach = this.#fanOut.attach(attached);
    return () => {
      detach();
      attached.stop?.();
    };
  }
}
