import { Timer } from '@kite/kit';
import type {
  Clock,
  EventName,
  EventOf,
  Gap,
  KiteError,
  KiteErrorCode,
  Mode,
  Tick,
  TickerMessage,
} from '@kite/protocol';

import {
  assertListener,
  type Dropped,
  FanOut,
  FeedEnd,
  type FrameConsumer,
  type MessageConsumer,
  type OutletConfig,
  Outlets,
  Registrations,
  type SourceTag,
  TICK_STATES,
  TICKER_EVENTS,
} from '../connection-parts.js';
import type { LastKnown } from './last-known.js';
import { inMode } from './projection.js';

type TicksMessage = EventOf<'ticks'>;

/** What a subscriber's reading side stands on. */
export interface OutletOptions {
  readonly config: OutletConfig;
  /** Of the error for a listener that cannot be attached. */
  readonly code: KiteErrorCode;
  /** Token to mode: what is its own, at any time. */
  readonly modes: ReadonlyMap<number, Mode>;
  /** Ticks come in exactly the mode that it wants. */
  readonly isExact: boolean;
  /** What is known of an instrument that somebody wants. */
  readonly known: (token: number) => LastKnown | undefined;
  /** A channel has lost so many ticks, or raw items, of this source. */
  readonly lost: (source: SourceTag, weight: number, isFirst: boolean) => void;
  /** Whether anybody wants its raw frames, from now on. */
  readonly framesWanted: (areWanted: boolean) => void;
  readonly onFirstRead: () => void;
  readonly onListenerFailed: (cause: unknown, type: string) => void;
}

/** Where a subscriber's own ticks and messages fan out: to its listeners, synchronously, and to its channels. */
export class Outlet {
  readonly clock: Clock;
  readonly channels: Outlets;
  readonly registrations: Registrations;
  readonly end: FeedEnd = new FeedEnd();
  readonly #options: OutletOptions;
  readonly #fanOut: FanOut;
  /** Its ticks of the frame that is being handed out. */
  #batch: Tick[] = [];
  /** Instruments that it has joined, whose last known tick it is yet to get. */
  readonly #joined = new Set<number>();
  readonly #joining: Timer;
  #isClosed = false;

  constructor(options: OutletOptions) {
    this.#options = options;
    const { clock } = options.config;
    this.clock = clock;
    this.#joining = new Timer(clock);
    this.#fanOut = new FanOut({
      clock,
      divisors: options.config.divisors,
      onFramesWanted: options.framesWanted,
      onListenerFailed: options.onListenerFailed,
    });
    const target = {
      attach: (consumer: MessageConsumer | FrameConsumer) => this.#attach(consumer),
      lost: options.lost,
    };
    this.channels = new Outlets(target, options.config, options.onFirstRead);
    this.registrations = new Registrations({
      attach: (type, listener) => this.#listen(type, listener),
      onOver: (callback) => this.end.onOver(callback),
    });
  }

  /** Ticks come in exactly the mode that it wants. */
  get isExact(): boolean {
    return this.#options.isExact;
  }

  /** Token to mode: what is its own. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#options.modes;
  }

  /**
   * It has joined these instruments: it gets the last known tick of each, once this turn of the event loop is over and its
   * channels are there. Not of one that has a newer tick by then.
   */
  join(tokens: Iterable<number>): void {
    for (const token of tokens) if (this.#options.known(token)?.last) this.#joined.add(token);
    if (this.#joined.size === 0) return;
    this.#joining.set(0, () => {
      this.#catchUp();
    });
  }

  /** Takes a tick that is its own; `before` is the one before it. Returns whether it is the first of the frame. */
  take(tick: Tick, before: Tick | undefined): boolean {
    const shown = this.#options.isExact ? this.#inItsMode(tick, before) : tick;
    if (!shown) return false;
    if (this.#joined.size > 0) this.#joined.delete(tick.instrumentToken);
    this.#batch.push(shown);
    return this.#batch.length === 1;
  }

  /** Hands out what it has taken of this frame. */
  flush({ channelId, receivedAt, apiKeyId }: TicksMessage, source: SourceTag): void {
    const ticks = this.#batch;
    this.#batch = [];
    this.message(
      { type: 'ticks', ticks, channelId, receivedAt, ...(apiKeyId !== undefined && { apiKeyId }) },
      source,
    );
  }

  message(message: TickerMessage, source: SourceTag): void {
    if (message.type === 'gap' && this.#joined.size > 0) this.#catchUp();
    this.#fanOut.message(message, source);
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    this.#fanOut.frame(bytes, source, receivedAt);
  }

  frameGap(gap: Gap, source: SourceTag): void {
    this.#fanOut.frameGap(gap, source);
  }

  framesDropped(dropped: Dropped, source: SourceTag, at: number): void {
    this.#fanOut.framesDropped(dropped, source, at);
  }

  /** What its channels are of that have been full, and not read, for this many milliseconds. */
  stuckFor(ms: number): string[] {
    return this.#fanOut.stuckFor(ms);
  }

  /** Ends its channels; with an error where that is why nothing more can come. */
  finish(error?: KiteError): void {
    this.#joining.clear();
    this.#joined.clear();
    this.#fanOut.end(error);
    this.end.over(error);
  }

  /** It is read no more, for good: what is opened from now on ends at once. */
  close(): void {
    this.#isClosed = true;
    this.finish();
  }

  /** Undefined for a tick that its mode does not show, or that shows nothing new in it. */
  #inItsMode(tick: Tick, before: Tick | undefined): Tick | undefined {
    const mode = this.modes.get(tick.instrumentToken);
    const shown = mode && inMode(tick, mode);
    if (shown === tick || shown === undefined || before === undefined) return shown;
    return TICK_STATES.covers(before, shown) ? undefined : shown;
  }

  #catchUp(): void {
    this.#joining.clear();
    const joined = [...this.#joined];
    this.#joined.clear();
    for (const token of joined) {
      const { last, receivedAt, source } = this.#options.known(token) ?? {};
      const mode = this.modes.get(token);
      if (!last || !source || mode === undefined) continue;
      const tick = this.#options.isExact ? inMode(last, mode) : last;
      if (tick) this.message({ type: 'ticks', ticks: [tick], ...source, receivedAt: receivedAt! }, source);
    }
  }

  #attach(consumer: MessageConsumer | FrameConsumer): () => void {
    if (this.#isClosed) {
      // Its own detaching is not there yet.
      queueMicrotask(() => {
        consumer.end();
      });
      return () => undefined;
    }
    return this.#fanOut.attach(consumer);
  }

  #listen(type: string, listener: (event: unknown) => unknown): () => void {
    assertListener(this.#options.code, TICKER_EVENTS, type, listener);
    if (type === 'ticks') this.channels.assertDecodes();
    return this.#fanOut.on(type as EventName, listener);
  }
}
