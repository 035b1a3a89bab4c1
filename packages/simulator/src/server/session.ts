import { type Clock, MAX_INSTRUMENTS_PER_CONNECTION, type Mode, SERVER_DEFAULT_MODE } from '@kite/protocol';

import type { Market, Subscription, Watcher } from '../market/market.js';
import type { RandomSource } from '../random.js';
import type { Account } from './account.js';
import { type ClientRequest, parseClientRequest } from './client-request.js';
import { type Damage, damageFrame, NO_DAMAGE } from './damage.js';
import { DelayLine } from './delay-line.js';
import { FrameBuilder } from './frame-builder.js';
import type { Peer } from './peer.js';
import type { SentLog } from './sent-log.js';
import { errorText, TOO_MANY_INSTRUMENTS, UNREADABLE_REQUEST } from './text-frames.js';

/** What a session counts, from its opening on. */
export interface SessionCounters {
  /** Binary messages, heartbeats included. */
  framesSent: number;
  /** Packets in those frames. */
  ticksSent: number;
  /** Payload of those frames. */
  bytesSent: number;
  /** Text messages: order postbacks, errors, broadcasts. */
  textsSent: number;
  /** Frames of one byte, sent when nothing else was for a while. */
  heartbeatsSent: number;
  /** Frames that were not sent because the reader was too slow. */
  framesSkipped: number;
  /** Messages from the client. */
  requests: number;
  /** Pings from the client. */
  pingsReceived: number;
  /** Pings to the client. */
  pingsSent: number;
  /** Answers to {@link pingsSent}: the client's socket is alive, whatever its program is doing. */
  pongsReceived: number;
}

/** What all sessions of a server share. */
export interface SessionContext {
  readonly market: Market;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly maxTicksPerFrame: number;
  readonly maxBufferedBytes: number;
  onRequest(session: Session, request: ClientRequest): void;
  /** The session's subscriptions or modes may have changed. */
  onSubscribed(session: Session): void;
  /** Only if sent ticks are recorded. */
  readonly sent: SentLog | undefined;
}

const HEARTBEAT = Uint8Array.of(0);
/** A burst changes an instrument at most this often until its packet differs: a price without room never does. */
const MOST_TRIES = 64;

/** One open connection: its subscriptions, the frame being filled for it, and the damage to its wire. */
export class Session implements Watcher {
  readonly id: number;
  readonly account: Account;
  /** Unix milliseconds. */
  readonly openedAt: number;
  readonly book = new Map<number, Mode>();
  readonly counters: SessionCounters = {
    framesSent: 0,
    ticksSent: 0,
    bytesSent: 0,
    textsSent: 0,
    heartbeatsSent: 0,
    framesSkipped: 0,
    requests: 0,
    pingsReceived: 0,
    pingsSent: 0,
    pongsReceived: 0,
  };
  readonly damage: Damage = { ...NO_DAMAGE };
  /** While true it sends nothing by itself; the socket stays open and takes requests. */
  stalled = false;
  readonly #context: SessionContext;
  readonly #peer: Peer;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #frame = new FrameBuilder();
  /** The changes that the frame's packets show, if sent ticks are recorded. */
  #changes: number[] = [];
  readonly #line: DelayLine;
  #mute = false;
  #quietSinceBeat = true;

  constructor(id: number, account: Account, peer: Peer, context: SessionContext) {
    this.id = id;
    this.account = account;
    this.openedAt = context.clock.now();
    this.#peer = peer;
    this.#context = context;
    this.#line = new DelayLine(context.clock);
  }

  /** Takes a text message from the client. */
  receive(text: string): void {
    if (this.#mute) return;
    const request = parseClientRequest(text);
    this.counters.requests++;
    this.#context.onRequest(this, request);
    switch (request.action) {
      case 'subscribe':
        this.#subscribe(request.tokens);
        break;
      case 'unsubscribe':
        for (const token of request.tokens) this.#unsubscribe(token);
        break;
      case 'mode':
        this.#setMode(request.mode, request.tokens);
        break;
      case 'invalid':
        this.sendText(errorText(UNREADABLE_REQUEST));
    }
    this.flush();
    if (request.action === 'subscribe' || request.action === 'mode') this.#context.onSubscribed(this);
  }

  /** {@link Watcher} */
  changed(subscription: Subscription, isGiven: boolean): void {
    const { sampling } = this.account;
    if (sampling && subscription.market.changes % sampling.every !== sampling.offset) return;
    if (isGiven || isNews(subscription)) this.append(subscription);
  }

  /** Adds the instrument's current packet to the frame that the next {@link flush} sends. */
  append(subscription: Subscription): void {
    if (this.stalled || this.#mute) return;
    const { market, mode } = subscription;
    const packet = market.packet(mode);
    if (packet.length === 0) return;
    this.#frame.append(packet);
    if (subscription.shown?.length === packet.length) subscription.shown.set(packet);
    else subscription.shown = packet.slice();
    if (this.#context.sent) this.#changes.push(market.changes);
    if (this.#frame.count >= this.#context.maxTicksPerFrame) this.flush();
  }

  /** Sends the gathered packets as one frame. */
  flush(): void {
    const ticks = this.#frame.count;
    if (ticks > 0) this.#sendTicks(this.#frame.take(), ticks);
  }

  /** Called once per interval: sends a heartbeat if nothing was sent since the last call. */
  beat(): void {
    if (this.#quietSinceBeat && this.sendBinary(HEARTBEAT)) this.counters.heartbeatsSent++;
    this.#quietSinceBeat = true;
  }

  /** Sends a binary message unchanged; false if it was not sent. */
  sendBinary(bytes: Uint8Array): boolean {
    if (this.stalled || this.#mute) return false;
    if (this.#peer.bufferedBytes > this.#context.maxBufferedBytes) {
      this.counters.framesSkipped++;
      return false;
    }
    this.#quietSinceBeat = false;
    this.counters.framesSent++;
    this.counters.bytesSent += bytes.length;
    this.#send(bytes);
    return true;
  }

  sendText(text: string): void {
    if (this.stalled || this.#mute) return;
    this.counters.textsSent++;
    this.#send(text);
  }

  /** Sends `count` ticks at once, over the subscribed instruments in turn; 0 if there are none. */
  burst(count: number): number {
    const subscriptions = [...this.#subscriptions.values()];
    if (subscriptions.length === 0) return 0;
    for (let n = 0; n < count; n++) {
      const subscription = subscriptions[n % subscriptions.length]!;
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        this.#context.market.advance(subscription.market);
        if (isNews(subscription)) break;
      }
      this.append(subscription);
    }
    this.flush();
    return count;
  }

  /** Becomes a half-open peer: connected, but silent for good. */
  goMute(): void {
    this.#mute = true;
    this.#line.clear();
    this.#peer.goMute();
  }

  /** Sends a WebSocket ping, which the client's WebSocket must answer by itself. */
  ping(): void {
    if (this.stalled || this.#mute) return;
    this.counters.pingsSent++;
    this.#peer.ping();
  }

  /** Calls back behind everything that was sent before, and as late as that. */
  inOrder(deliver: () => void): void {
    this.#line.push(deliver, this.account.delayMs + this.damage.delayMs);
  }

  close(code: number, reason: string): void {
    if (!this.#mute) this.#peer.close(code, reason);
  }

  terminate(): void {
    this.#peer.terminate();
  }

  /** Called by the transport when the connection has ended. */
  closed(): void {
    this.#line.clear();
    for (const subscription of this.#subscriptions.values()) this.#context.market.unwatch(subscription);
    this.#subscriptions.clear();
  }

  #send(message: Uint8Array | string): void {
    const { fragments } = this.damage;
    this.inOrder(() => this.#peer.send(message, fragments));
  }

  #subscribe(tokens: readonly number[]): void {
    const added = tokens.filter((token) => !this.book.has(token));
    if (this.book.size + added.length > MAX_INSTRUMENTS_PER_CONNECTION) {
      this.sendText(errorText(TOO_MANY_INSTRUMENTS));
      return;
    }
    for (const token of added) {
      this.book.set(token, SERVER_DEFAULT_MODE);
      const market = this.#context.market.get(token);
      if (market === undefined) continue;
      const subscription: Subscription = { market, mode: SERVER_DEFAULT_MODE, watcher: this };
      this.#subscriptions.set(token, subscription);
      this.#context.market.watch(subscription);
    }
    for (const token of tokens) this.#sendCached(token);
  }

  #setMode(mode: Mode, tokens: readonly number[]): void {
    for (const token of tokens) {
      const now = this.book.get(token);
      if (now === undefined || now === mode) continue;
      this.book.set(token, mode);
      const subscription = this.#subscriptions.get(token);
      if (subscription === undefined) continue;
      subscription.mode = mode;
      this.append(subscription);
    }
  }

  #unsubscribe(token: number): void {
    this.book.delete(token);
    const subscription = this.#subscriptions.get(token);
    if (subscription === undefined) return;
    this.#subscriptions.delete(token);
    this.#context.market.unwatch(subscription);
  }

  #sendCached(token: number): void {
    const subscription = this.#subscriptions.get(token);
    if (subscription !== undefined) this.append(subscription);
  }

  #sendTicks(frame: Uint8Array, ticks: number): void {
    const changes = this.#changes;
    this.#changes = [];
    const arriving = damageFrame(frame, this.damage, this.#context.random);
    // Taken before sending: on a busy machine the frame arrives before this thread goes on.
    const at = this.#context.clock.now();
    if (!this.sendBinary(arriving)) return;
    this.counters.ticksSent += ticks;
    const { id, account } = this;
    this.#context.sent?.addFrame(frame, changes, {
      at,
      connectionId: id,
      apiKey: account.apiKey,
      damaged: arriving !== frame,
    });
  }
}

/** Whether the packet, in the subscription's mode, differs from the last one sent. */
function isNews({ market, mode, shown }: Subscription): boolean {
  const packet = market.packet(mode);
  if (shown?.length !== packet.length) return true;
  // Skip the token: it is the same.
  for (let at = 4; at < packet.length; at++) if (packet[at] !== shown[at]) return true;
  return false;
}
