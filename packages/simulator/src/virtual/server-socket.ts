import type { Account } from '../server/account.js';
import type { Chunks } from '../server/chunks.js';
import type { HandshakeRequest } from '../server/handshake.js';
import type { KiteServer } from '../server/kite-server.js';
import type { Peer } from '../server/peer.js';
import type { Session } from '../server/session.js';
import type { LaneEvent } from './event-heap.js';
import type { Lane } from './lane.js';
import type { Pipe } from './pipe.js';
import type { Scheduler } from './scheduler.js';
import type { Trace } from './trace.js';
import { CLOSE_TIMEOUT_MS, wire, type WireMessage } from './wire.js';

/** What the kernels of both sides hold before the server's own buffer fills. */
const KERNEL_BYTES = 256 * 1024;

/** The parts of the server's end of a connection. */
export interface ServerSocketParts {
  readonly scheduler: Scheduler;
  readonly lane: Lane;
  readonly trace: Trace;
  readonly request: HandshakeRequest;
  /** Counts the connections of the world. */
  readonly id: number;
  /** Holds the copies of messages' bytes. */
  readonly chunks: Chunks;
  /** The server that listens when the client's handshake arrives. */
  readonly coreNow: () => KiteServer | undefined;
  /** Called once, when the server is done with it. */
  readonly over: () => void;
}

/** The server's end of a connection in memory: stands for `ws` and the WebSocketEdge on a real port. */
export class ServerSocket implements Peer {
  readonly #parts: ServerSocketParts;
  readonly #down: Pipe;
  #state: 'connecting' | 'open' | 'closing' | 'ended' = 'connecting';
  #isMute = false;
  #core: KiteServer | undefined;
  #session: Session | undefined;
  #giveUpHandshake: () => void = () => undefined;
  #timer: LaneEvent | undefined;

  constructor(parts: ServerSocketParts, down: Pipe) {
    this.#parts = parts;
    this.#down = down;
  }

  /** The session's id, once it is open. */
  get sessionId(): number | undefined {
    return this.#session?.id;
  }

  /** The server that accepted it. */
  get core(): KiteServer | undefined {
    return this.#core;
  }

  /** Whether the server is done with it. */
  get isOver(): boolean {
    return this.#state === 'ended';
  }

  get bufferedBytes(): number {
    return Math.max(0, this.#down.unreadBytes - KERNEL_BYTES);
  }

  send(message: Uint8Array | string): void {
    if (this.#state !== 'open') return;
    const { chunks } = this.#parts;
    this.#down.send(typeof message === 'string' ? wire.text(message) : wire.binary(chunks.copy(message)));
  }

  ping(): void {
    if (this.#state === 'open') this.#down.send(wire.ping);
  }

  close(code: number, reason: string): void {
    if (this.#state === 'open') this.#sayClose(code, reason);
  }

  terminate(): void {
    if (this.#state === 'ended') return;
    this.#down.send(wire.reset);
    this.#endLater(0);
  }

  goMute(): void {
    this.#isMute = true;
  }

  /** The server's process drops the connection without telling the client. */
  forget(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#timer !== undefined) this.#parts.lane.cancel(this.#timer);
    this.#giveUpHandshake();
    const { trace, scheduler, id } = this.#parts;
    trace.record('gone', scheduler.time, id);
    if (this.#session !== undefined) this.#core?.closed(this.#session);
    this.#parts.over();
  }

  /** The server notices after this long that the client is gone. */
  forgetAfter(ms: number): void {
    const { lane, scheduler } = this.#parts;
    lane.at(scheduler.time + ms, () => this.forget());
  }

  /** The server's process ends: the kernel tells the client. */
  destroy(): void {
    if (this.#state === 'ended') return;
    this.#down.send(wire.reset);
    this.forget();
  }

  /** A message from the client has arrived. */
  received(message: WireMessage): void {
    const { trace, scheduler, id } = this.#parts;
    trace.record(message.kind, scheduler.time, -id, message.kind === 'text' ? message.data : undefined);
    if (message.kind === 'fin' || message.kind === 'reset') this.forget();
    // A kernel resets what belongs to no connection.
    else if (this.#state === 'ended') this.#down.send(wire.reset);
    else if (!this.#isMute) this.#take(message);
  }

  #take(message: WireMessage): void {
    switch (message.kind) {
      case 'dial':
        this.#answer();
        break;
      case 'text':
        this.#session?.receive(message.data);
        break;
      case 'ping':
        this.#pinged();
        break;
      case 'pong':
        if (this.#session !== undefined) this.#session.counters.pongsReceived++;
        break;
      case 'close':
        if (this.#state === 'open') this.#sayClose(message.code, message.reason);
        this.#down.send(wire.fin);
        break;
      default:
        break;
    }
  }

  /** The answer overtakes nothing that was sent before: clients rely on that, since Kite acknowledges no request. */
  #pinged(): void {
    const session = this.#session;
    if (session === undefined) return;
    session.counters.pingsReceived++;
    session.inOrder(() => {
      if (this.#state === 'open') this.#down.send(wire.pong);
    });
  }

  #answer(): void {
    this.#core = this.#parts.coreNow();
    if (this.#core === undefined) {
      this.#down.send(wire.unreachable);
      this.forget();
      return;
    }
    this.#giveUpHandshake = this.#core.admit(this.#parts.request, (verdict) => {
      if (verdict.account !== undefined) this.#open(verdict.account);
      else {
        this.#down.send(wire.refused(verdict.status, 'body' in verdict ? verdict.body : ''));
        this.forget();
      }
    });
  }

  #open(account: Account): void {
    this.#giveUpHandshake = () => undefined;
    this.#state = 'open';
    this.#down.send(wire.open);
    const session = this.#core?.open(account, this);
    this.#session = session;
    // A listener to `open` may have stopped the server.
    if (session !== undefined && this.isOver) this.#core?.closed(session);
  }

  #sayClose(code: number, reason: string): void {
    this.#state = 'closing';
    this.#down.send(wire.close(code, reason));
    this.#timer = this.#endLater(CLOSE_TIMEOUT_MS);
  }

  #endLater(ms: number): LaneEvent {
    const { lane, scheduler } = this.#parts;
    if (ms === 0) this.#state = 'closing';
    return lane.at(scheduler.time + ms, () => this.forget());
  }
}
