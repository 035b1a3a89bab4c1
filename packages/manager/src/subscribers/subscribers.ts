import { checkOptions, type OptionRule, optionRules } from '@kite/kit';
import {
  type EventName,
  type KiteError,
  type KiteErrorCode,
  KiteInputError,
  type Mode,
} from '@kite/protocol';

import type { FrameConsumer, MessageConsumer, OutletConfig, SourceTag } from '../connection-parts.js';
import type { InstrumentNames } from '../options.js';
import { Dispatcher } from './dispatcher.js';
import { FrameSplitter } from './frame-splitter.js';
import type { LastKnown } from './last-known.js';
import { Outlet } from './outlet.js';
import { type Share, Shares, type ShareTarget } from './shares.js';
import { Subscriber, type SubscriberOptions } from './subscriber.js';

const RULES = {
  name: { allowed: 'a string', accepts: (value) => typeof value === 'string' },
  exact: optionRules.boolean,
} as const satisfies Record<keyof SubscriberOptions, OptionRule>;

/** The feed of these subscribers. */
export interface SubscribersHost extends ShareTarget {
  readonly config: OutletConfig;
  /** The error code for a listener or an option that it does not take. */
  readonly code: KiteErrorCode;
  /** The names of instruments; undefined: it takes only tokens. */
  readonly instruments: InstrumentNames | undefined;
  /** Token to mode: everything that is streamed. */
  modes(): ReadonlyMap<number, Mode>;
  /** Attaches the consumer to everything that comes. Returns a function that detaches it. */
  attach(consumer: MessageConsumer | FrameConsumer): () => void;
  /** Whether it streams the instrument, for a share or for itself. */
  isStreamed(token: number): boolean;
  /** Why nothing can come any more; undefined while something can. */
  failure(): KiteError | undefined;
  /** Whether this source streams the instrument. */
  isHeldBy(source: SourceTag, token: number): boolean;
  /** What is known of an instrument that is streamed. Absent: nothing before its first tick to a subscriber. */
  known?(token: number): LastKnown | undefined;
  /** See `OutletOptions.lost`. */
  lost(source: SourceTag, weight: number, isFirst: boolean): void;
  onFirstRead(): void;
  listenerFailed(cause: unknown, type: string): void;
}

/**
 * All subscribers of one feed, and what each wants. It joins the feed only while it has a subscriber, so it costs
 * nothing without one.
 */
export class Subscribers {
  /** What the host's own calls want. */
  readonly own: Share;
  readonly #host: SubscribersHost;
  readonly #shares: Shares;
  readonly #outlets = new Map<Share, Outlet>();
  #dispatcher: Dispatcher | undefined;
  #detach: () => void = () => undefined;
  #splitter: FrameSplitter | undefined;
  #detachSplitter: () => void = () => undefined;

  constructor(host: SubscribersHost) {
    this.#host = host;
    this.#shares = new Shares(
      {
        after: (act) => {
          host.after(act);
        },
        change: (assign, release) => {
          host.change(assign, release);
          this.streamed(assign.keys());
          this.released(release);
        },
        defaultModeOf: (token) => host.defaultModeOf(token),
        notSubscribed: (tokens) => host.notSubscribed(tokens),
      },
      (share, change) => {
        const outlet = this.#outlets.get(share);
        if (outlet) this.#dispatcher!.change(outlet, change);
      },
    );
    this.own = this.#shares.open();
  }

  /** Makes an instrument that is already streamed the host's own, as if its own calls had asked for it. */
  adopt(token: number, mode: Mode): void {
    this.#shares.adopt(this.own, token, mode);
    this.streamed([token]);
  }

  /** The host streams these, whether a share wants them or not. */
  streamed(tokens: Iterable<number>): void {
    this.#dispatcher?.streamed(tokens);
  }

  /** The host has been told to release these: it may still stream some of them for itself. */
  released(tokens: readonly number[]): void {
    this.#dispatcher?.forget(tokens.filter((token) => !this.#host.isStreamed(token)));
  }

  /** See `KiteTickerManager.subscriber`. */
  open(first?: string | SubscriberOptions, rest?: SubscriberOptions): Subscriber {
    const options = typeof first === 'string' ? { ...rest, name: first } : (first ?? rest ?? {});
    checkOptions(KiteInputError, this.#host.code, options, RULES);
    this.#begin();
    const share = this.#shares.open();
    const outlet: Outlet = new Outlet({
      config: this.#host.config,
      code: this.#host.code,
      modes: share.modes,
      isExact: options.exact ?? false,
      known: (token) => this.#dispatcher?.routeOf(token),
      lost: (...what) => {
        this.#host.lost(...what);
      },
      framesWanted: (areWanted) => {
        this.#splitFor(outlet, areWanted);
      },
      onFirstRead: () => {
        this.#host.onFirstRead();
      },
      onListenerFailed: (cause, type) => {
        this.#host.listenerFailed(cause, type);
      },
    });
    this.#outlets.set(share, outlet);
    this.#dispatcher!.add(outlet);
    this.#endIfOver(outlet);
    const { instruments } = this.#host;
    return new Subscriber(options.name ?? '', { share, outlet, instruments }, () => {
      this.#close(share, outlet);
    });
  }

  /** The feed was started, or comes back to life. */
  begin(): void {
    for (const outlet of this.#outlets.values()) outlet.end.begin();
  }

  /** Whether any subscriber has a listener of this event. */
  isHeard(type: EventName): boolean {
    return [...this.#outlets.values()].some((outlet) => outlet.isHeard(type));
  }

  /** The kinds of channels that have been full and not read for this long, in milliseconds. */
  stuckFor(ms: number): string[] {
    return [...this.#outlets.values()].flatMap((outlet) => outlet.stuckFor(ms));
  }

  #begin(): void {
    if (this.#dispatcher) return;
    const dispatcher = new Dispatcher(
      !this.#host.config.rawOnly,
      (source, token) => this.#host.isHeldBy(source, token),
      (token) => this.#host.known?.(token),
    );
    dispatcher.streamed(this.#host.modes().keys());
    this.#dispatcher = dispatcher;
    this.#detach = this.#host.attach(dispatcher);
  }

  /** Its channels do not exist yet, and the feed may be revived in this turn. */
  #endIfOver(outlet: Outlet): void {
    if (!this.#host.failure()) return;
    queueMicrotask(() => {
      const error = this.#host.failure();
      if (error) outlet.finish(error);
    });
  }

  #close(share: Share, outlet: Outlet): void {
    this.#host.after(() => {
      share.replace(new Map());
      outlet.close();
      this.#outlets.delete(share);
      this.#dispatcher?.remove(outlet);
      if (this.#outlets.size > 0) return;
      this.#detach();
      this.#dispatcher = undefined;
    });
  }

  #splitFor(outlet: Outlet, areWanted: boolean): void {
    this.#splitter ??= new FrameSplitter(
      (token) => this.#dispatcher?.routeOf(token),
      (source, token) => this.#host.isHeldBy(source, token),
    );
    const wasIdle = this.#splitter.isIdle;
    this.#splitter.want(outlet, areWanted);
    if (wasIdle && !this.#splitter.isIdle) this.#detachSplitter = this.#host.attach(this.#splitter);
    else if (!wasIdle && this.#splitter.isIdle) this.#detachSplitter();
  }
}
