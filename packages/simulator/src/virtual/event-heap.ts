/** Something that happens in a lane at a time. */
export class LaneEvent {
  /** Virtual milliseconds since the world began. */
  at: number;
  /** Counts the lane's events: events at equal times run in the order they were set. */
  readonly order: number;
  readonly run: () => void;
  /** Set by a clock's `setTimeout`: waits on the machine's time, which a sleep stops. */
  readonly isTimer: boolean;
  /** The index in the heap; −1 outside it. */
  index = -1;

  constructor(at: number, order: number, run: () => void, isTimer: boolean) {
    this.at = at;
    this.order = order;
    this.run = run;
    this.isTimer = isTimer;
  }
}

/** A binary heap of events, the earliest first. An event knows its index, so it can be removed from the middle. */
export class EventHeap {
  readonly #events: LaneEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  get first(): LaneEvent | undefined {
    return this.#events[0];
  }

  add(event: LaneEvent): void {
    event.index = this.#events.length;
    this.#events.push(event);
    this.#rise(event);
  }

  /** No effect on an event outside the heap. */
  remove(event: LaneEvent): void {
    const { index } = event;
    if (index < 0) return;
    event.index = -1;
    const last = this.#events.pop()!;
    if (last === event) return;
    this.#put(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    for (const event of this.#events) event.index = -1;
    this.#events.length = 0;
  }

  /** Makes every timer due this many milliseconds later. */
  postponeTimers(ms: number): void {
    const events = this.#events.splice(0);
    for (const event of events) {
      if (event.isTimer) event.at += ms;
      this.add(event);
    }
  }

  count(accepts: (event: LaneEvent) => boolean): number {
    return this.#events.filter(accepts).length;
  }

  #put(event: LaneEvent, index: number): void {
    this.#events[index] = event;
    event.index = index;
  }

  #rise(event: LaneEvent): void {
    let { index } = event;
    while (index > 0) {
      const parent = this.#events[(index - 1) >> 1]!;
      if (!isBefore(event, parent)) break;
      const above = parent.index;
      this.#put(parent, index);
      index = above;
    }
    this.#put(event, index);
  }

  #sink(event: LaneEvent): void {
    const events = this.#events;
    let { index } = event;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= events.length) break;
      let child = events[left]!;
      const right = events[left + 1];
      if (right !== undefined && isBefore(right, child)) child = right;
      if (!isBefore(child, event)) break;
      const below = child.index;
      this.#put(child, index);
      index = below;
    }
    this.#put(event, index);
  }
}

function isBefore(a: LaneEvent, b: LaneEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
