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
import { inMode, showsMore } from './projection.js';

type TicksMessage = EventOf<'ticks'>;

/** What a subscriber's reading side needs. */
export interface OutletOptions {
  readonly config: OutletConfig;
  /** The error code for a listener that cannot be attached. */
  readonly code: KiteErrorCode;
  /** Token to mode: its own instruments, as a live view. */
  readonly modes: ReadonlyMap<number, Mode>;
  /** Ticks come in exactly the mode that it wants. */
  readonly isExact: boolean;
  /** What is known of a streamed instrument. */
  readonly known: (token: number) => LastKnown | undefined;
  /** A channel has lost this many ticks, or raw items, of this source. */
  readonly lost: (source: SourceTag, weight: number, isFirst: boolean) => void;
  /** Whether its raw frames are wanted, from now on. */
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
  /** Its ticks of the frame that is being delivered. */
  #batch: Tick[] = [];
  /** Joined instruments that still wait for their last known tick. */
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
      onFramesWanted: (areWanted) => {
        options.framesWanted(areWanted && !this.#isClosed);
      },
      onListenerFailed: options.onListenerFailed,
      failure: () => this.end.failure,
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

  /** Token to mode: its own instruments. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#options.modes;
  }

  /** Whether it is about to see more of an instrument that it holds: it begins anew in that mode. */
  rises(token: number, to: Mode): boolean {
    const from = this.modes.get(token);
    return this.isExact && from !== undefined && showsMore(to, from);
  }

  /** It no longer wants these: what waits of them is not delivered. */
  leave(tokens: ReadonlySet<number>): void {
    for (const token of tokens) this.#joined.delete(token);
    if (this.#batch.length > 0)
      this.#batch = this.#batch.filter(({ instrumentToken }) => !tokens.has(instrumentToken));
  }

  /**
   * It has joined these instruments: delivers the last known tick of each after this turn of the event loop, when its
   * channels exist, unless a newer tick has come by then.
   */
  join(tokens: Iterable<number>): void {
    for (const token of tokens) if (this.#options.known(token)?.last) this.#joined.add(token);
    if (this.#joined.size === 0) return;
    this.#joining.set(0, () => {
      this.#catchUp();
    });
  }

  /** Takes one of its own ticks; `before` is the previous one. Returns whether it is the first of the frame. */
  take(tick: Tick, before: Tick | undefined): boolean {
    const shown = this.#options.isExact ? this.#inItsMode(tick, before) : tick;
    if (!shown) return false;
    if (this.#joined.size > 0) this.#joined.delete(tick.instrumentToken);
    this.#batch.push(shown);
    return this.#batch.length === 1;
  }

  /** Delivers what it has taken of this frame. */
  flush({ channelId, receivedAt, apiKeyId }: TicksMessage, source: SourceTag): void {
    const ticks = this.#batch;
    this.#batch = [];
    // A listener of another subscriber may have made it drop all of them.
    if (ticks.length === 0) return;
    this.message(
      { type: 'ticks', ticks, channelId, receivedAt, ...(apiKeyId !== undefined && { apiKeyId }) },
      source,
    );
  }

  message(message: TickerMessage, source: SourceTag): void {
    if (this.#isClosed) return;
    if (message.type === 'gap' && this.#joined.size > 0) this.#catchUp();
    this.#fanOut.message(message, source);
  }

  frame(bytes: Uint8Array, source: SourceTag, receivedAt: number): void {
    if (this.#isClosed) return;
    this.#fanOut.frame(bytes, source, receivedAt);
  }

  frameGap(gap: Gap, source: SourceTag): void {
    this.#fanOut.frameGap(gap, source);
  }

  framesDropped(dropped: Dropped, source: SourceTag, at: number): void {
    this.#fanOut.framesDropped(dropped, source, at);
  }

  /** Whether this event has a listener. */
  isHeard(type: EventName): boolean {
    return this.#fanOut.isHeard(type);
  }

  /** The kinds of its channels that have been full and not read for this many milliseconds. */
  stuckFor(ms: number): string[] {
    return this.#fanOut.stuckFor(ms);
  }

  /** Ends its channels, with an error if that is why nothing more can come. */
  finish(error?: KiteError): void {
    this.ending()(error);
  }

  /** How to end the channels of now, and those who wait for its end now. */
  ending(): (error?: KiteError) => void {
    const end = this.#fanOut.ending();
    const over = this.end.ending();
    return (error) => {
      this.#joining.clear();
      this.#joined.clear();
      end(error);
      over(error);
    };
  }

  /** Ends it for good: listeners hear nothing more, and a channel opened from now on ends at once. */
  close(): void {
    this.#isClosed = true;
    this.#batch = [];
    this.#options.framesWanted(false);
    this.finish();
    this.end.close();
  }

  /** Undefined if the tick shows nothing in its mode, or nothing new. */
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
      // The caller does not have its detach function yet.
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
