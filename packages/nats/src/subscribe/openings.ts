import type { Channel } from '@kite/connection';
import type { Clock } from '@kite/protocol';

import type { Bus, BusMessage } from '../bus/bus.js';
import type { MessageConsumer, SourceTag } from '../connection-parts.js';
import type { TickMessage } from '../wire/head.js';
import { type Subjects, tokenOf } from '../wire/subjects.js';
import type { AttachedConsumer, BusOutlet } from './bus-outlet.js';
import { Replay, type ReplayHost, type ReplayPace } from './replay.js';
import type { Subscription } from './subscription.js';
import type { Position } from './tracker.js';

/** What the beginnings of channels need from the reader. */
export interface OpeningsHost {
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly outlet: BusOutlet;
  /** Reads a message as a packet of this instrument; undefined: it is not one. */
  packetOf(message: BusMessage, token: number): TickMessage | undefined;
  sourceOf(message: TickMessage): SourceTag;
  /** Delivers what has come. */
  flush(): void;
  /** Whether nothing that has come still waits for its place. */
  isSettled(): boolean;
  /** The instrument's last packet from each publisher at work; if none is, from the last one that was. */
  positionsOf(token: number): readonly Position[];
  /** Instruments by the source of their last tick. */
  bySource(tokens: readonly number[]): ReadonlyMap<SourceTag, number[]>;
  /** The stream of ticks cannot be read. */
  failed(cause: unknown): void;
}

/** For more instruments than this, read the whole stream and skip the others here. */
const MOST_FILTERS = 300;

/** The beginnings of channels that do not begin with now: with the last ticks, or with those since a time. */
export class Openings {
  readonly #subscriptions: ReadonlyMap<number, Subscription>;
  readonly #host: OpeningsHost;
  readonly #replayHost: ReplayHost;
  /** Makes the consumer that takes the place of the channel being opened. */
  #onAttached: ((consumer: MessageConsumer) => AttachedConsumer) | undefined;

  constructor(subscriptions: ReadonlyMap<number, Subscription>, host: OpeningsHost) {
    this.#subscriptions = subscriptions;
    this.#host = host;
    this.#replayHost = this.#asReplayHost();
  }

  /** Returns the consumer to attach for a new channel. */
  attached(consumer: MessageConsumer): AttachedConsumer {
    return this.#onAttached?.(consumer) ?? consumer;
  }

  /** Opens a channel that begins with the last ticks. */
  withLast<T>(open: () => T): T {
    return this.#opening(open, (consumer) => {
      this.#handLast(consumer);
      return consumer;
    });
  }

  /** Opens a channel that begins with the stored ticks of these instruments since a time. */
  since<C extends Channel<unknown>>(
    from: number,
    tokens: Iterable<number>,
    pace: ReplayPace,
    open: () => C,
  ): C {
    const subscribed = [...tokens].filter((token) => this.#subscriptions.has(token));
    let replay: Replay | undefined;
    const channel = this.#opening(
      open,
      (consumer) => (replay = new Replay(consumer, this.#replayHost, subscribed, from)),
    );
    replay?.begin(channel, pace);
    return channel;
  }

  #opening<T>(open: () => T, attached: (consumer: MessageConsumer) => AttachedConsumer): T {
    this.#host.flush();
    this.#onAttached = attached;
    try {
      return open();
    } finally {
      this.#onAttached = undefined;
    }
  }

  #handLast(consumer: MessageConsumer): void {
    const { outlet } = this.#host;
    for (const { delivered } of this.#subscriptions.values()) {
      const { last } = delivered;
      if (!last) continue;
      const { tick, source, receivedAt } = last;
      consumer.message(
        outlet.inFormOf(consumer, { type: 'ticks', ticks: [tick], ...source, receivedAt }),
        source,
      );
    }
  }

  #asReplayHost(): ReplayHost {
    const host = this.#host;
    const { bus, subjects, clock, outlet } = host;
    const { ticks } = subjects.streams;
    return {
      clock,
      sourceOf: (message) => host.sourceOf(message),
      positionsOf: (token) => host.positionsOf(token),
      lastOf: (token) => this.#subscriptions.get(token)?.delivered.last,
      failed: (cause) => {
        host.failed(cause);
      },
      read: (tokens, since, reader) => {
        const isFew = tokens.length <= MOST_FILTERS;
        const wanted = isFew ? tokens.map((token) => subjects.anyShard(token)) : undefined;
        return bus.replay(ticks, wanted, since, reader);
      },
      packetOf: (found) => {
        const token = tokenOf(found.subject);
        const message = this.#subscriptions.has(token) ? host.packetOf(found, token) : undefined;
        return message && { token, message };
      },
      settle: () => {
        host.flush();
        for (const { isHeld } of this.#subscriptions.values()) if (isHeld) return false;
        return true;
      },
      isSettled: () => host.isSettled(),
      bySource: (tokens) => host.bySource(tokens),
      inFormOf: (consumer, message) => outlet.inFormOf(consumer, message),
      canTryAgain: () => bus.state !== 'up',
    };
  }
}
