import type { Feed } from '@kite/connection';
import { counted, textOf, Timer, Warnings } from '@kite/kit';
import {
  encodePacket,
  type EventOf,
  FrameWalker,
  type Gap,
  KiteError,
  type KiteErrorCode,
  type Received,
  type TickerState,
} from '@kite/protocol';

import type { Bus, BusState } from '../bus/bus.js';
import { MessageMemory } from '../wire/message-memory.js';
import { encodeReport, type Report, type ReportOrigin } from '../wire/report.js';
import type { Subjects } from '../wire/subjects.js';
import { FramePublisher } from './frame-publisher.js';
import { OrderQueue } from './order-queue.js';
import { Outbox } from './outbox.js';
import { Sequencer } from './sequencer.js';

/** What a publisher has done. */
export interface PublisherStats {
  /** Its name. */
  publisher: string;
  /** Whether the NATS server can be reached. */
  isConnected: boolean;
  /** Packets handed to the server, resent ones included. */
  published: number;
  /** Packets replaced by newer ones of the same instrument while the server was slow or gone. */
  dropped: number;
  /** Instruments whose newest packet waits for the server. */
  kept: number;
  /** Bytes that the server may not have yet. */
  unconfirmedBytes: number;
  /** Whole frames handed to the server; 0 unless `frames` is on. */
  frames: number;
  /** Whole frames left out while the server was slow or gone, or too large for it. */
  framesDropped: number;
  /** Orders that the server has stored, or already had. */
  ordersStored: number;
  /** Orders that wait to be stored. */
  ordersWaiting: number;
}

/** The parts of a publisher. */
export interface PublisherParts {
  readonly feed: Feed;
  readonly bus: Bus;
  readonly subjects: Subjects;
  readonly publisher: string;
  /** Creates the streams that are missing. */
  readonly ensure: () => Promise<void>;
  /** Whether whole frames are published too. */
  readonly frames?: boolean | undefined;
  /** From 0 to 1: draws the number of its life. */
  readonly random: () => number;
  readonly onIssue: ((issue: KiteError) => void) | undefined;
}

const BEAT_EVERY_MS = 1000;
const ENSURE_AGAIN_AFTER_MS = 1000;
/** The longest way of a frame through a process that is not blocked. */
const UNDER_WAY_MS = 1000;
const CLOSE_WITHIN_MS = 2000;
const MOST_GAPS = 1000;
/** The head of a packet has one byte for the account. */
const MAX_ACCOUNTS = 256;
/** A frame of fewer bytes is a heartbeat. */
const FRAME_HEADER = 2;

/** Publishes a feed. From `publishFeed`; works until {@link close}. */
export class FeedPublisher implements AsyncDisposable {
  readonly #parts: PublisherParts;
  readonly #sequencer: Sequencer;
  readonly #outbox: Outbox;
  readonly #orders: OrderQueue;
  readonly #frames: FramePublisher | undefined;
  readonly #beat: Timer;
  readonly #ensuring: Timer;
  readonly #warnings = new Warnings();
  readonly #walker = new FrameWalker();
  readonly #memory = new MessageMemory();
  readonly #accounts: string[] = [];
  readonly #states = new Map<string, ReportOrigin & { state: TickerState }>();
  readonly #stops: (() => void)[] = [];
  /** The largest delay between receipt and arrival of a frame since the last beat. */
  #lagMs = 0;
  /** When the next beat is due, by the monotonic clock. */
  #beatDueAt: number;
  /** Gaps that the server may not have yet. */
  #gaps: WithoutHead[] = [];
  #isRefused = false;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: PublisherParts) {
    const { feed, bus, subjects, random } = parts;
    this.#parts = parts;
    this.#sequencer = new Sequencer(subjects, () => 1 + Math.floor(random() * 0xffff_ffff));
    this.#beat = new Timer(feed.clock);
    this.#ensuring = new Timer(feed.clock);
    this.#beatDueAt = feed.clock.monotonic();
    this.#outbox = new Outbox(bus, feed.clock, {
      slow: (isSlow) => {
        if (isSlow) this.#issue('KITE_NATS_SLOW', 'the NATS server takes packets more slowly than they come');
      },
    });
    this.#orders = new OrderQueue(bus, feed.clock, (count, cause) => {
      this.#issue('KITE_NATS_ORDERS_LOST', `${counted(count, 'order')} could not be stored`, cause);
    });
    this.#frames = parts.frames
      ? new FramePublisher({
          maxBytes: () => bus.maxBytes,
          send: (connection, message) =>
            this.#outbox.sendOnce(subjects.frames(parts.publisher, connection), message),
          tooLarge: (byteLength) => {
            const what = `a frame of ${byteLength} bytes was not published: the server accepts ${bus.maxBytes}`;
            this.#issue('KITE_NATS_FRAME_TOO_LARGE', what);
          },
        })
      : undefined;
    this.#stops.push(
      bus.onState((state) => this.#busIs(state)),
      bus.onRefused((cause) => {
        // One issue per connection: the server refuses every packet anew.
        if (!this.#isRefused)
          this.#issue('KITE_NATS_NOT_ALLOWED', `the server refused: ${textOf(cause)}`, cause);
        this.#isRefused = true;
      }),
    );
    this.#tellBeat();
    this.#listen();
  }

  /** Plain figures: what was published, and what waits. */
  getStats(): PublisherStats {
    const { published, dropped, kept, unconfirmedBytes } = this.#outbox;
    return {
      publisher: this.#parts.publisher,
      isConnected: this.#parts.bus.state === 'up',
      ...{ published, dropped, kept, unconfirmedBytes },
      frames: this.#frames?.published ?? 0,
      framesDropped: this.#frames?.dropped ?? 0,
      ordersStored: this.#orders.stored,
      ordersWaiting: this.#orders.waiting,
    };
  }

  /**
   * Stops publishing: sends what waits, says goodbye and closes its own connection, within 2 s. The feed goes on.
   * Idempotent; never rejects.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #listen(): void {
    const { feed } = this.#parts;
    // A feed of many accounts merges copies: its frames hold a packet once per account that received it.
    if ('getReplicaStats' in feed) {
      this.#stops.push(
        feed.on('ticks', (message) => this.#ticks(message)),
        feed.on('lagged', (message) => this.#lagged(message, message.dropped)),
      );
      if (this.#frames) this.#stops.push(feed.on('frame', (frame) => this.#wholeFrame(frame)));
    } else
      this.#stops.push(
        feed.on('frame', (frame) => {
          this.#frame(frame);
          this.#wholeFrame(frame);
        }),
      );
    this.#stops.push(
      feed.on('gap', (message) => this.#gap(message, message)),
      feed.on('state', (message) => this.#state(message)),
      feed.on('order', (message) => {
        this.#orders.push(this.#parts.subjects.orders(message.apiKeyId), message.order);
      }),
    );
  }

  #frame(frame: EventOf<'frame'>): void {
    if (frame.dropped > 0) this.#lagged(frame, frame.dropped);
    if (frame.bytes.length < FRAME_HEADER) return;
    const origin = this.#originOf(frame);
    this.#noteLag(frame.receivedAt);
    // The feed reports what is wrong with a frame.
    const walker = this.#walker.reset(frame.bytes);
    while (walker.next()) {
      const { instrumentToken, offset, length, view } = walker;
      this.#send(instrumentToken, origin, frame.receivedAt, new Uint8Array(view.buffer, offset, length));
    }
  }

  #wholeFrame(frame: EventOf<'frame'>): void {
    const origin = this.#originOf(frame);
    if (this.#frames?.isFull(origin.connection)) this.#beginEpoch();
    const { epoch } = this.#sequencer;
    this.#frames?.send(frame.bytes, { ...origin, epoch, receivedAt: frame.receivedAt });
  }

  #ticks(message: EventOf<'ticks'>): void {
    const origin = this.#originOf(message);
    this.#noteLag(message.receivedAt);
    for (const tick of message.ticks) {
      try {
        this.#send(tick.instrumentToken, origin, message.receivedAt, encodePacket(tick));
      } catch (cause) {
        this.#issue('KITE_NATS_CANNOT_ENCODE', `a tick was not published: ${textOf(cause)}`, cause);
      }
    }
  }

  #send(token: number, { account, connection }: ReportOrigin, receivedAt: number, packet: Uint8Array): void {
    const route = this.#sequencer.routeOf(token);
    if (this.#sequencer.isFull(route)) this.#beginEpoch();
    const { previous, isCached: cached } = route;
    const sequence = this.#sequencer.next(route);
    route.account = account;
    route.connection = connection;
    const { epoch } = this.#sequencer;
    const message = this.#memory.encode(
      { cached, replayed: false, account, connection, epoch, sequence, previous, receivedAt },
      packet,
    );
    this.#outbox.send({ token, subject: route.subject, message });
  }

  #beginEpoch(): void {
    this.#sequencer.beginEpoch();
    this.#tellBeat();
  }

  #gap(received: Received, { from, to, reason, instrumentTokens }: Gap): void {
    const origin = this.#originOf(received);
    this.#sequencer.interrupted(origin.account, origin.connection, instrumentTokens);
    const tokens = instrumentTokens && { tokens: [...instrumentTokens] };
    const report: WithoutHead = { type: 'gap', ...origin, from, to, reason, ...tokens };
    this.#gaps.push(report);
    if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
    this.#tellGaps(report);
  }

  /** Reports gaps, and keeps them until the server has them. */
  #tellGaps(...reports: readonly WithoutHead[]): void {
    const { bus } = this.#parts;
    if (bus.state !== 'up' || reports.length === 0) return;
    for (const report of reports) this.#report(report);
    bus.flush().then(
      () => {
        this.#gaps = this.#gaps.filter((report) => !reports.includes(report));
      },
      // The connection is gone: they are reported when it is back.
      () => undefined,
    );
  }

  #state(message: EventOf<'state'>): void {
    const origin = this.#originOf(message);
    const { state, error } = message;
    this.#states.set(`${origin.account}/${origin.connection}`, { ...origin, state });
    this.#report({ type: 'state', ...origin, state, ...(error && { reason: error.message }) });
  }

  #lagged(received: Received, dropped: number): void {
    this.#report({ type: 'lagged', ...this.#originOf(received), dropped });
  }

  /** Announces a new account before its first packet. */
  #originOf({ channelId: connection, apiKeyId = '' }: Received): ReportOrigin {
    const account = this.#accounts.indexOf(apiKeyId);
    if (account >= 0) return { account, connection };
    // Accounts beyond what a head can number share the last place.
    if (this.#accounts.length === MAX_ACCOUNTS) return { account: MAX_ACCOUNTS - 1, connection };
    this.#accounts.push(apiKeyId);
    this.#tellBeat();
    return { account: this.#accounts.length - 1, connection };
  }

  #noteLag(receivedAt: number): void {
    this.#lagMs = Math.max(this.#lagMs, this.#parts.feed.clock.now() - receivedAt);
  }

  #tellBeat(): void {
    const { clock } = this.#parts.feed;
    const { published, dropped, kept } = this.#outbox;
    const { sequences } = this.#sequencer;
    // A blocked process has frames it has not seen yet: as old as its timers are late, or as earlier frames were.
    const lateMs = Math.max(0, clock.monotonic() - this.#beatDueAt, this.#lagMs);
    this.#lagMs = 0;
    this.#report({
      type: 'beat',
      accounts: [...this.#accounts],
      states: [...this.#states.values()],
      sequences: [...sequences],
      completeUntil: Math.floor(clock.now() - UNDER_WAY_MS - lateMs),
      ...{ published, dropped, kept },
    });
    this.#beatDueAt = clock.monotonic() + BEAT_EVERY_MS;
    this.#beat.set(BEAT_EVERY_MS, () => {
      this.#tellBeat();
    });
  }

  /** While the server is gone, reports are lost: the next beat gives the state, and gaps are reported again. */
  #report(report: WithoutHead): void {
    const { bus, subjects, publisher, feed } = this.#parts;
    const head = { version: 1, publisher, epoch: this.#sequencer.epoch, at: feed.clock.now() } as const;
    bus.publish(subjects.report(publisher), encodeReport({ ...head, ...report }));
  }

  #busIs(state: BusState): void {
    if (state === 'up') {
      this.#isRefused = false;
      this.#tellBeat();
      this.#tellGaps(...this.#gaps);
      this.#outbox.up();
      this.#orders.retry();
      void this.#ensure();
      return;
    }
    this.#ensuring.clear();
    this.#outbox.down();
    if (this.#closing) return;
    if (state === 'down')
      this.#issue('KITE_NATS_CONNECTION_LOST', 'the NATS server is gone; it is dialled again');
    else {
      this.#issue('KITE_NATS_CLOSED', 'the NATS connection was closed: nothing is published any more');
      void this.close();
    }
  }

  /** The streams may have gone with the server's files: creates them again. */
  async #ensure(attempt = 1): Promise<void> {
    const { bus, ensure } = this.#parts;
    try {
      await ensure();
      this.#orders.retry();
    } catch (cause) {
      // The connection is gone again, or closed.
      if (bus.state !== 'up' || this.#closing) return;
      // After a restart the server is reachable before its streams are.
      if (attempt === 2 && cause instanceof KiteError) this.#issue(cause.code, cause.message, cause.cause);
      this.#ensuring.set(ENSURE_AGAIN_AFTER_MS, () => {
        void this.#ensure(attempt + 1);
      });
    }
  }

  #issue(code: KiteErrorCode, message: string, cause?: unknown): void {
    const issue = new KiteError(
      code,
      `${this.#parts.publisher}: ${message}`,
      cause === undefined ? {} : { cause },
    );
    const { onIssue } = this.#parts;
    if (!onIssue) {
      this.#warnings.warn(code, issue.message, code);
      return;
    }
    try {
      onIssue(issue);
    } catch (error) {
      this.#warnings.warn('onIssue', `onIssue failed: ${textOf(error)}`, code);
    }
  }

  async #close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#beat.clear();
    this.#ensuring.clear();
    const { bus, feed } = this.#parts;
    if (bus.state === 'up') {
      const handedOver = Promise.all([this.#outbox.drain(), this.#orders.drain()]);
      const timer = new Timer(feed.clock);
      const late = new Promise<void>((resolve) => {
        timer.set(CLOSE_WITHIN_MS, resolve);
      });
      await Promise.race([handedOver, late]);
      this.#report({ type: 'bye' });
      await Promise.race([bus.flush().catch(() => undefined), late]);
      timer.clear();
    }
    this.#outbox.stop();
    this.#orders.stop();
    await bus.close().catch(() => undefined);
  }
}

type ReportOf<R> = R extends unknown ? Omit<R, 'version' | 'publisher' | 'epoch' | 'at'> : never;
type WithoutHead = ReportOf<Report>;
