import type { Bus, BusState } from '../../src/bus/bus.js';

export interface Published {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** A bus in memory, whose server takes, loses and answers when the test says so. */
export class MemoryBus implements Bus {
  state: BusState = 'up';
  /** What the server has, in order. */
  readonly taken: Published[] = [];
  /** What was stored, by id. */
  readonly stored = new Map<string, Published>();
  /** Whether the server reads: what is sent to one that does not is on its way. */
  isReading = true;
  isStoring = true;
  isClosed = false;
  #onItsWay: (Published | { answer: () => void; refuse: (reason: unknown) => void })[] = [];
  readonly #states = new Set<(state: BusState) => void>();

  onState(listener: (state: BusState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.state !== 'up') return;
    this.#onItsWay.push({ subject, data: data.slice() });
    if (this.isReading) this.read();
  }

  flush(): Promise<void> {
    if (this.state !== 'up') return Promise.reject(new Error('disconnected'));
    return new Promise((answer, refuse) => {
      this.#onItsWay.push({ answer, refuse });
      if (this.isReading) this.read();
    });
  }

  async store(subject: string, data: Uint8Array, id: string): Promise<void> {
    if (this.state !== 'up' || !this.isStoring) throw new Error('no answer');
    if (!this.stored.has(id)) this.stored.set(id, { subject, data });
  }

  ensure(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  /** The server reads what is on its way: so many messages, or all. */
  read(count = Infinity): void {
    for (let n = 0; n < count && this.#onItsWay.length > 0; n++) {
      const next = this.#onItsWay.shift()!;
      if ('answer' in next) next.answer();
      else this.taken.push(next);
    }
  }

  /** The connection is lost, and what was on its way with it. */
  lose(): void {
    this.state = 'down';
    for (const one of this.#onItsWay) if ('refuse' in one) one.refuse(new Error('disconnected'));
    this.#onItsWay = [];
    this.#tell();
  }

  return(): void {
    this.state = 'up';
    this.isReading = true;
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#states]) listener(this.state);
  }
}
