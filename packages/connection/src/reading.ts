import { UnstartedReads } from '@kite/kit';
import type { Clock, EventName, KiteError, KiteErrorCode } from '@kite/protocol';

import type { OutletConfig } from './channel/channel-options.js';
import { joined, Outlets } from './channel/outlets.js';
import { assertListener } from './feed/events.js';
import { FeedEnd } from './feed/feed-end.js';
import type { Hub } from './feed/hub.js';
import { Registrations } from './feed/registrations.js';
import type { FeedParts } from './kite-feed.js';

/** What a feed is read through. */
export interface ReadingOptions {
  /** The hubs of the connections that it joins. */
  readonly hubs: readonly Hub[];
  readonly config: OutletConfig;
  /** What can be listened to, by name. */
  readonly events: readonly string[];
  /** The code of the error for a listener that cannot be attached. */
  readonly code: KiteErrorCode;
  /** Called when channels have been read for ten seconds and nothing was ever started. */
  readonly onUnstarted: () => void;
  /** Attaches a listener of the feed's own event; returns undefined for a connection's event. */
  readonly attachOwn?: (type: string, listener: (event: never) => unknown) => (() => void) | undefined;
}

/** The reading side of a ticker or a manager: channels and listeners over its connections, and the end of them all. */
export class Reading implements FeedParts {
  readonly clock: Clock;
  readonly channels: Outlets;
  readonly end = new FeedEnd();
  readonly registrations: Registrations;
  readonly #options: ReadingOptions;
  readonly #unstarted: UnstartedReads;

  constructor(options: ReadingOptions) {
    this.#options = options;
    this.clock = options.config.clock;
    this.#unstarted = new UnstartedReads(this.clock, options.onUnstarted);
    this.channels = this.outletsOf(options.hubs);
    this.registrations = new Registrations({
      attach: (type, listener) => this.#attach(type, listener),
      onOver: (callback) => this.end.onOver(callback),
    });
  }

  /** Channels over some of the connections. */
  outletsOf(hubs: readonly Hub[]): Outlets {
    return new Outlets(joined(hubs), this.#options.config, () => {
      this.read();
    });
  }

  /** A channel is read for the first time: nothing comes unless the feed is started. */
  read(): void {
    this.#unstarted.read();
  }

  /** The feed was started or revived. */
  begin(): void {
    this.#unstarted.settled();
    this.end.begin();
  }

  /**
   * A stop is asked for. Returns what to call when all is closed: it ends everything that reads now. What is opened
   * after this, by a listener that hears of the stop for example, is for the next start.
   */
  ending(): () => void {
    this.#unstarted.settled();
    const { hubs } = this.#options;
    for (const hub of hubs) hub.revive();
    const ends = hubs.map((hub) => hub.ending());
    const over = this.end.ending();
    return () => {
      for (const end of ends) end();
      over();
    };
  }

  /** The connection of this hub cannot stream again unless the user calls a method. */
  fail(hub: Hub, error: KiteError): void {
    hub.fail(error);
    if (this.#options.hubs.every(({ isFinal }) => isFinal)) this.end.over(error);
  }

  #attach(type: string, listener: (event: unknown) => unknown): () => void {
    const { hubs, events, code, attachOwn } = this.#options;
    assertListener(code, events, type, listener);
    if (type === 'ticks') this.channels.assertDecodes();
    const own = attachOwn?.(type, listener);
    if (own) return own;
    const stops = hubs.map((hub) => hub.on(type as EventName, listener));
    return () => {
      for (const stop of stops) stop();
    };
  }
}
