import type { LaneEvent } from './event-heap.js';
import type { Lane } from './lane.js';
import type { Pipe } from './pipe.js';
import type { Scheduler } from './scheduler.js';
import type { Trace } from './trace.js';
import type { SocketEnd, SocketListener, TransportRequest, TransportSocket } from './transport.js';
import { CLOSE_TIMEOUT_MS, wire, type WireMessage } from './wire.js';

/** The parts of a client's socket. */
export interface ClientSocketParts {
  readonly scheduler: Scheduler;
  /** The thread it belongs to. */
  readonly lane: Lane;
  readonly trace: Trace;
  readonly request: TransportRequest;
  readonly listener: SocketListener;
  /** Counts the connections of the world. */
  readonly id: number;
  /** Called once, when nothing of it is left. */
  readonly over: () => void;
}

/** The client's end of a connection. It behaves as `ws` does, down to its order of events. */
export class ClientSocket implements TransportSocket {
  readonly #parts: ClientSocketParts;
  readonly #up: Pipe;
  #state: 'connecting' | 'open' | 'closing' | 'ended' = 'connecting';
  /** From the server's close frame. */
  #close = { code: 1006, reason: '' };
  #timer: LaneEvent | undefined;
  #isOver = false;

  constructor(parts: ClientSocketParts, up: Pipe) {
    this.#parts = parts;
    this.#up = up;
    up.send(wire.dial);
  }

  get lane(): Lane {
    return this.#parts.lane;
  }

  /** Whether its end was reported to the listener. */
  get isOver(): boolean {
    return this.#isOver;
  }

  send(text: string): void {
    if (this.#state === 'open') this.#up.send(wire.text(text));
  }

  ping(): void {
    if (this.#state === 'open') this.#up.send(wire.ping);
  }

  close(): void {
    if (this.#state === 'connecting') this.#giveUp();
    else if (this.#state === 'open') this.#startClosing(1000, '');
  }

  terminate(): void {
    if (this.#state === 'connecting') this.#giveUp();
    else this.#destroy();
  }

  /** The thread and its sockets are gone: the kernel tells the server; the client is not told. */
  vanish(): void {
    if (this.#state === 'ended') return;
    this.#leave();
    this.#isOver = true;
    this.#parts.over();
  }

  /** A message from the server has arrived. */
  received(message: WireMessage): void {
    if (this.#state === 'ended') return;
    const { trace, scheduler, id, listener, request } = this.#parts;
    const payload = message.kind === 'binary' || message.kind === 'text' ? message.data : undefined;
    trace.record(message.kind, scheduler.time, id, payload);
    switch (message.kind) {
      case 'open':
        this.#state = 'open';
        listener.opened();
        break;
      case 'refused':
        this.#end({ kind: 'refused', status: message.status, body: message.body });
        break;
      case 'unreachable':
        this.#end(failed(new Error(`connect ECONNREFUSED ${hostOf(request.url)}`)));
        break;
      case 'binary':
      case 'text':
        if (message.bytes > request.maxPayloadBytes) this.#refuseLarge();
        else if (message.kind === 'binary') listener.binary(message.data);
        else listener.text(message.data);
        break;
      case 'ping':
        if (this.#state === 'open') this.#up.send(wire.pong);
        listener.alive();
        break;
      case 'pong':
        listener.pong();
        break;
      case 'close':
        this.#close = { code: message.code, reason: message.reason };
        if (this.#state === 'open') this.#startClosing(message.code, message.reason);
        break;
      case 'fin':
      case 'reset':
        this.#end({ kind: 'closed', ...this.#close });
        break;
      case 'dial':
        break;
    }
  }

  #startClosing(code: number, reason: string): void {
    this.#state = 'closing';
    this.#up.send(wire.close(code, reason));
    const { lane, scheduler } = this.#parts;
    this.#timer = lane.at(
      scheduler.time + CLOSE_TIMEOUT_MS,
      () => this.#end({ kind: 'closed', ...this.#close }),
      true,
    );
  }

  #refuseLarge(): void {
    if (this.#state === 'open') this.#up.send(wire.close(1009, ''));
    this.#end(failed(new RangeError('Max payload size exceeded')));
  }

  #giveUp(): void {
    this.#endLater(failed(new Error('WebSocket was closed before the connection was established')));
  }

  #destroy(): void {
    if (this.#state !== 'ended') this.#endLater({ kind: 'closed', ...this.#close });
  }

  /** Ends now and reports it in a separate turn. */
  #endLater(end: SocketEnd): void {
    this.#leave();
    const { lane, scheduler } = this.#parts;
    lane.at(scheduler.time, () => this.#tell(end));
  }

  #end(end: SocketEnd): void {
    this.#leave();
    this.#tell(end);
  }

  #leave(): void {
    this.#state = 'ended';
    if (this.#timer !== undefined) this.lane.cancel(this.#timer);
    this.#up.send(wire.fin);
  }

  #tell(end: SocketEnd): void {
    const { trace, scheduler, id, listener } = this.#parts;
    trace.record('ended', scheduler.time, id, String(end.kind === 'closed' ? end.code : end.status));
    this.#isOver = true;
    this.#parts.over();
    listener.ended(end);
  }
}

function failed(error: Error): SocketEnd {
  return { kind: 'closed', code: 1006, reason: '', error };
}

/** The host alone, without the credentials in the query. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
