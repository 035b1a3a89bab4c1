import type { SimulatedConnection } from './connection.js';
import type { ReplaySummary } from './recording/replay.js';
import type { ClientRequest } from './server/client-request.js';
import type { Handshake } from './server/handshake.js';

/** What happens in a simulator, by name. */
export interface SimulatorEvents {
  /** A connection has opened: the handshake is done, nothing else has been sent. */
  open: { readonly connection: SimulatedConnection };
  /** Either side has ended a connection. */
  close: { readonly connection: SimulatedConnection };
  /** An attempt to connect was decided on. */
  handshake: Handshake;
  /** A client has sent a request. */
  request: { readonly connection: SimulatedConnection; readonly request: ClientRequest };
  /** A replay has reached the end of its recording. */
  replayed: ReplaySummary;
}

type Listener<E> = (event: E) => void;

/** Listeners by event. A listener's error reaches the caller that caused the event. */
export class Events {
  readonly #listeners = new Map<keyof SimulatorEvents, Set<Listener<never>>>();

  /** @returns a function that removes the listener */
  on<T extends keyof SimulatorEvents>(type: T, listener: Listener<SimulatorEvents[T]>): () => void {
    let listeners = this.#listeners.get(type);
    if (listeners === undefined) this.#listeners.set(type, (listeners = new Set()));
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<T extends keyof SimulatorEvents>(type: T, event: SimulatorEvents[T]): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])])
      (listener as Listener<SimulatorEvents[T]>)(event);
  }
}
