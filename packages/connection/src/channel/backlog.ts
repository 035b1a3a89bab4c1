import { Ring } from './ring.js';

/** What a channel holds for its consumer between push and read. */
export interface Backlog<T> {
  /** Items that can be taken now. */
  readonly size: number;
  /** Takes data in. False when it does not fit and the policy is `error`. */
  push(item: T): boolean;
  /** Takes in what is not to be lost while there is data to lose instead. False as with `push`. */
  pushControl(item: T): boolean;
  /** Takes in what outlives data, and is lost before any control item. False as with `push`. */
  pushMinor(item: T): boolean;
  /** So much was lost before it could be pushed: it counts as lost right before the next data. */
  lose(weight: number): void;
  shift(): T | undefined;
  /** How much was lost right before the item that `shift` gave last. */
  readonly lostBefore: number;
  /** How much was lost after the last item that there is; counts no more after that. To be asked when `shift` gives nothing. */
  takeLostAtTail(): number;
  /** Nothing more will come: makes all that is held back available. */
  flush(): void;
  clear(): void;
}

/** What a full backlog does with new data. */
export type BoundedOverflow = 'drop-oldest' | 'drop-newest' | 'error';

/** How a bounded backlog counts. */
export interface BoundedBacklogOptions<T> {
  /** Items, control included. */
  capacity: number;
  overflow: BoundedOverflow;
  /** What an item counts for when it is lost: the ticks in it. */
  weigh: (item: T) => number;
  onLost: (item: T, weight: number) => void;
}

interface Control<T> {
  item: T;
  /** The position of the data that it stands before. */
  position: number;
  /** Its number among all of them. */
  order: number;
}

/**
 * A bounded queue that loses data rather than grow, and knows where it did. Control items (orders, gaps, states) keep
 * their place among the data and outlive it: one is lost only when there is nothing else left to lose, and minor ones (what
 * nobody knows, broadcasts) before the others.
 */
export class BoundedBacklog<T> implements Backlog<T> {
  readonly #options: BoundedBacklogOptions<T>;
  readonly #data = new Ring<T>();
  readonly #control = new Ring<Control<T>>();
  readonly #minor = new Ring<Control<T>>();
  #controlsEver = 0;
  /** Data that came and went: the position of the data's head, by which control items know their place. */
  #headPosition = 0;
  #lostAtHead = 0;
  /** The position of the first data that was lost there: control items before it have lost nothing. */
  #lostFrom = 0;
  /** What `drop-newest` refused, or what never came, by the item that came in after it. */
  readonly #refusedBefore = new Map<T, number>();
  #refusedAtTail = 0;
  lostBefore = 0;

  constructor(options: BoundedBacklogOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#data.size + this.#control.size + this.#minor.size;
  }

  push(item: T): boolean {
    const { capacity, overflow } = this.#options;
    if (this.size >= capacity) {
      if (overflow === 'error') return false;
      if (overflow === 'drop-newest' || this.#data.size === 0) {
        this.#refuse(item);
        return true;
      }
      this.#dropOldestData();
    }
    this.#markRefused(item);
    this.#data.push(item);
    return true;
  }

  pushControl(item: T): boolean {
    const { capacity, overflow } = this.#options;
    if (this.size >= capacity) {
      if (overflow === 'error') return false;
      if (this.#data.size > 0) this.#dropOldestData();
      else this.#dropOldest(this.#minor.size > 0 ? this.#minor : this.#control);
    }
    this.#takeIn(item, this.#control);
    return true;
  }

  pushMinor(item: T): boolean {
    const { capacity, overflow } = this.#options;
    if (this.size >= capacity) {
      if (overflow === 'error') return false;
      if (this.#data.size > 0) this.#dropOldestData();
      else if (this.#minor.size > 0) this.#dropOldest(this.#minor);
      else {
        this.#refuse(item);
        return true;
      }
    }
    this.#takeIn(item, this.#minor);
    return true;
  }

  lose(weight: number): void {
    this.#refusedAtTail += weight;
  }

  shift(): T | undefined {
    const ring = this.#nextControl();
    const control = ring.peek();
    if (control && control.position <= this.#headPosition) {
      ring.shift();
      this.lostBefore = control.position <= this.#lostFrom ? 0 : this.#takeLostAtHead();
      this.lostBefore += this.#takeRefusedBefore(control.item);
      return control.item;
    }
    const item = this.#shiftData();
    this.lostBefore = this.#takeLostAtHead();
    if (item !== undefined) this.lostBefore += this.#takeRefusedBefore(item);
    return item;
  }

  takeLostAtTail(): number {
    const lost = this.#refusedAtTail + this.#takeLostAtHead();
    this.#refusedAtTail = 0;
    return lost;
  }

  flush(): void {
    // Nothing is held back.
  }

  clear(): void {
    this.#data.clear();
    this.#control.clear();
    this.#minor.clear();
    this.#refusedBefore.clear();
    this.#refusedAtTail = 0;
    this.#lostAtHead = 0;
  }

  #takeIn(item: T, ring: Ring<Control<T>>): void {
    this.#markRefused(item);
    ring.push({ item, position: this.#headPosition + this.#data.size, order: this.#controlsEver++ });
  }

  /** The ring with the older control item. */
  #nextControl(): Ring<Control<T>> {
    const minor = this.#minor.peek();
    if (!minor) return this.#control;
    const control = this.#control.peek();
    return control && control.order < minor.order ? this.#control : this.#minor;
  }

  #shiftData(): T | undefined {
    const item = this.#data.shift();
    if (item !== undefined) this.#headPosition++;
    return item;
  }

  #takeLostAtHead(): number {
    const lost = this.#lostAtHead;
    this.#lostAtHead = 0;
    return lost;
  }

  #loseAtHead(weight: number, position: number): void {
    if (this.#lostAtHead === 0) this.#lostFrom = position;
    this.#lostAtHead += weight;
  }

  #takeRefusedBefore(item: T): number {
    if (this.#refusedBefore.size === 0) return 0;
    const refused = this.#refusedBefore.get(item) ?? 0;
    this.#refusedBefore.delete(item);
    return refused;
  }

  /** What was refused until now was lost right before this item. */
  #markRefused(item: T): void {
    if (this.#refusedAtTail === 0) return;
    this.#refusedBefore.set(item, this.#refusedAtTail);
    this.#refusedAtTail = 0;
  }

  #refuse(item: T): void {
    const weight = this.#options.weigh(item);
    this.#refusedAtTail += weight;
    this.#options.onLost(item, weight);
  }

  #dropOldestData(): void {
    const position = this.#headPosition;
    const item = this.#shiftData();
    if (item === undefined) return;
    const weight = this.#options.weigh(item);
    this.#loseAtHead(weight + this.#takeRefusedBefore(item), position);
    this.#options.onLost(item, weight);
  }

  #dropOldest(ring: Ring<Control<T>>): void {
    const control = ring.shift();
    if (!control) return;
    this.#loseAtHead(1 + this.#takeRefusedBefore(control.item), -1);
    this.#options.onLost(control.item, 1);
  }
}
