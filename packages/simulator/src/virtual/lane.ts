import { EventHeap, LaneEvent } from './event-heap.js';
import { quantized } from './virtual-time.js';

/**
 * Runs one event after the other: a thread of the client, or everything outside it. Its events keep their order even
 * when late.
 */
export class Lane {
  readonly name: string;
  /** Counts the lanes of the world, from 0. */
  readonly id: number;
  readonly #crashed: (error: unknown) => void;
  readonly #events = new EventHeap();
  #order = 0;
  #blockedUntil = 0;
  #isDead = false;

  /** @param crashed called with what an event has thrown */
  constructor(name: string, id: number, crashed: (error: unknown) => void) {
    this.name = name;
    this.id = id;
    this.#crashed = crashed;
  }

  /** When its next event runs; `Infinity`: nothing waits, or the lane hangs. */
  get dueAt(): number {
    const at = this.#events.first?.at ?? Infinity;
    return at === Infinity ? at : Math.max(at, this.#blockedUntil);
  }

  /** Waiting events. */
  get size(): number {
    return this.#events.size;
  }

  /** Waiting timers. */
  get timers(): number {
    return this.#events.count(({ isTimer }) => isTimer);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Sets an event. In a dead lane it never runs. */
  at(at: number, run: () => void, isTimer = false): LaneEvent {
    const event = new LaneEvent(quantized(at), this.#order++, run, isTimer);
    if (!this.#isDead) this.#events.add(event);
    return event;
  }

  /** No effect once the event has run. */
  cancel(event: LaneEvent): void {
    this.#events.remove(event);
  }

  /** Nothing runs before this time; `Infinity`: nothing ever again. A shorter block never ends a longer one. */
  blockUntil(time: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, quantized(time));
  }

  /** Ends the thread and drops its events. */
  kill(): void {
    this.#isDead = true;
    this.#events.clear();
  }

  /** Makes timers due later, after the machine's time has stood still. */
  postponeTimers(ms: number): void {
    this.#events.postponeTimers(ms);
  }

  /** Runs the next event. */
  runNext(): void {
    const event = this.#events.first;
    if (event === undefined) return;
    this.#events.remove(event);
    try {
      event.run();
    } catch (error) {
      this.#crashed(error);
    }
  }
}
