import { Listeners } from '@kite/kit';
import type { Clock, Gap, KiteError, PriceDivisors, RawFrame, TickerMessage } from '@kite/protocol';

import type { Dropped } from '../socket/source.js';
import type { FrameConsumer, MessageConsumer, SourceTag } from './consumer.js';
import { Consumers } from './consumers.js';
import type { FeedEvents } from './events.js';
import { joinGaps } from './gap.js';
import { lazyTicksWith, plainTicksOf } from './lazy-ticks.js';
import type { TicksMessage } from './message.js';

/** How a fan-out works. */
export interface FanOutOptions {
  readonly clock: Clock;
  /** For ticks that are made lazy here. */
  readonly divisors: PriceDivisors;
  /** Takes each message of ticks first, as plain objects. Default: none. */
  readonly onTicks?: ((message: TicksMessage, source: SourceTag) => void) | undefined;
  /** Called with whether frames are wanted from now on. */
  readonly onFramesWanted?: (areWanted: boolean) => void;
  readonly onListenerFailed: (cause: unknown, type: keyof FeedEvents) => void;
  /** Why nothing can come any more; undefined while something can. Default: always undefined. */
  readonly failure?: () => KiteError | undefined;
}

/** What was lost before the next frame of a source. */
interface FrameLoss {
  frames: number;
  gap: Gap | undefined;
}

/**
 * Delivers the messages and frames of several sources: to listeners, synchronously, and to any number of consumers.
 * What one connection delivers goes out by its {@link Hub}.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #listeners: Listeners<FeedEvents>;
  readonly #lazyTicksOf: ReturnType<typeof lazyTicksWith>;
  readonly #consumers = new Consumers();
  /** For frame listeners: each connection's frames report its own losses. */
  readonly #frameLosses = new Map<SourceTag, FrameLoss>();

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#lazyTicksOf = lazyTicksWith(options.divisors);
    this.#listeners = new Listeners(options.onListenerFailed);
  }

  /**
   * The consumer gets what comes from now on; if nothing can, it ends soon. Returns a function that detaches it without
   * ending it.
   */
  attach(consumer: MessageConsumer | FrameConsumer): () => void {
    this.#consumers.add(consumer);
    this.#framesWanted(consumer);
    if (this.#options.failure?.()) {
      // The caller cannot detach it yet, and may revive the feed in this turn.
      queueMicrotask(() => {
        const error = this.#options.failure?.();
        if (error && this.#consumers.all.includes(consumer)) consumer.end(error);
      });
    }
    return () => {
      this.#consumers.remove(consumer);
      this.#framesWanted(consumer);
    };
  }

  /** Calls the listener for each such event, before any consumer gets it. Returns how to stop. */
  on<Type extends keyof FeedEvents>(type: Type, listener: (event: FeedEvents[Type]) => unknown): () => void {
    const off = this.#listeners.on(type, listener);
    if (type !== 'frame') return off;
    this.#framesWanted();
    return () => {
      off();
      this.#framesWanted();
    };
  }

  /** Whether this event has a listener. */
  isHeard(type: keyof FeedEvents): boolean {
    return this.#listeners.has(type);
  }

  /** The consumers of messages. */
  get messageConsumers(): readonly MessageConsumer[] {
    return this.#consumers.messages;
  }

  /** Whether any consumer or listener takes frames. */
  get wantsFrames(): boolean {
    return this.#consumers.frames.length > 0 || this.#listeners.has('frame');
  }

  /** Delivers a message; ticks, which may come in either form, in the form that each consumer takes. */
  message(message: TickerMessage, source: SourceTag): void {
    if (message.type === 'ticks') {
      this.#ticks(message, source);
      return;
    }
    this.#listeners.emit(message.type, message);
    for (const consumer of this.#consumers.messages) consumer.message(message, source);
  }

  /** The ticks in the form that this consumer takes. */
  inFormOf(consumer: MessageConsumer, message: TicksMessage): TicksMessage {
    return consumer.form === 'lazy' ? this.#lazyTicksOf(message) : plainTicksOf(message);
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    const lost = this.#frameLosses.get(source);
    if (lost) this.#frameLosses.delete(source);
    if (this.#listeners.has('frame')) {
      const frame: RawFrame = { bytes, ...source, receivedAt, dropped: lost?.frames ?? 0 };
      if (lost?.gap) frame.gap = lost.gap;
      this.#listeners.emit('frame', frame);
    }
    for (const consumer of this.#consumers.frames) consumer.frame(bytes, source, receivedAt);
  }

  /** Nothing was received in this time, before the next frame of the source. */
  frameGap(gap: Gap, source: SourceTag): void {
    const lost = this.#frameLossOf(source);
    lost.gap = joinGaps(lost.gap, gap);
    for (const consumer of this.#consumers.frames) consumer.gap(gap, source);
  }

  /** Frames were dropped on the way here, before the next one of the source. */
  framesDropped(dropped: Dropped, source: SourceTag, at: number): void {
    this.#frameLossOf(source).frames += dropped.frames;
    for (const consumer of this.#consumers.frames) consumer.droppedBefore(dropped, source, at);
  }

  /** The kinds of channels that have been full and unread for this many milliseconds, each once. */
  stuckFor(ms: number): string[] {
    return this.#consumers.stuckSince(this.#options.clock.monotonic() - ms);
  }

  /** Ends every consumer; with an error if that is why nothing more can come. */
  end(error?: KiteError): void {
    this.ending()(error);
  }

  /** How to end the consumers of now; those that come later stay. */
  ending(): (error?: KiteError) => void {
    const end = this.#consumers.ending();
    return (error) => {
      this.#frameLosses.clear();
      end(error);
    };
  }

  /** Converts ticks to the other form when the first consumer wants it. */
  #ticks(message: TicksMessage, source: SourceTag): void {
    let plain: TicksMessage | undefined;
    let lazy: TicksMessage | undefined;
    const inPlain = (): TicksMessage => (plain ??= tagged(plainTicksOf(message), source));
    this.#options.onTicks?.(inPlain(), source);
    if (this.#listeners.has('ticks')) this.#listeners.emit('ticks', inPlain());
    for (const consumer of this.#consumers.messages) {
      if (!consumer.takesTicks) continue;
      consumer.message(consumer.form === 'lazy' ? (lazy ??= this.#lazyTicksOf(message)) : inPlain(), source);
    }
  }

  #frameLossOf(source: SourceTag): FrameLoss {
    let lost = this.#frameLosses.get(source);
    if (!lost) this.#frameLosses.set(source, (lost = { frames: 0, gap: undefined }));
    return lost;
  }

  /** Reports whether frames are wanted; after a consumer of messages came or went, there is nothing to report. */
  #framesWanted(changed?: MessageConsumer | FrameConsumer): void {
    if (changed && !('frame' in changed)) return;
    this.#options.onFramesWanted?.(this.wantsFrames);
  }
}

/** The message with the account that sent it, if there are several. */
function tagged(message: TicksMessage, { apiKeyId }: SourceTag): TicksMessage {
  return apiKeyId === undefined || message.apiKeyId === apiKeyId ? message : { ...message, apiKeyId };
}
