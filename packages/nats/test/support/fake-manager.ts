import { type Clock, KiteError, type Mode } from '@kite/protocol';

import type { DemandManager, DemandShare } from '../../src/demand/demand-server.js';

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

/** A manager with room for so many instruments, which counts what it would ask of Kite. */
export class FakeManager implements DemandManager {
  readonly clock: Clock;
  readonly shares = new Map<string, Map<number, Mode>>();
  readonly #capacity: number;
  #requested = new Set<string>();
  /** In how many turns something was requested. */
  turns = 0;

  constructor(clock: Clock, capacity = 9000) {
    this.clock = clock;
    this.#capacity = capacity;
  }

  /** The union, in the highest mode. */
  get subscriptions(): Map<number, Mode> {
    const union = new Map<number, Mode>();
    for (const share of this.shares.values())
      for (const [token, mode] of share) {
        const known = union.get(token);
        if (!known || MODES.indexOf(mode) > MODES.indexOf(known)) union.set(token, mode);
      }
    return union;
  }

  subscriber({ name = '' }: { name?: string | undefined } = {}): DemandShare {
    this.shares.set(name, new Map());
    return {
      replaceSymbols: async (modes) => {
        const before = this.shares.get(name)!;
        this.shares.set(name, new Map(modes));
        const { size } = this.subscriptions;
        if (size > this.#capacity) {
          this.shares.set(name, before);
          const message = `${size - this.#capacity} do not fit`;
          throw new KiteError('KITE_MANAGER_CAPACITY' as never, message, { requested: size, available: 0 });
        }
        this.#request(name);
      },
      close: async () => {
        this.shares.delete(name);
        this.#request(name);
      },
    };
  }

  #request(name: string): void {
    if (this.#requested.size === 0) {
      this.turns++;
      queueMicrotask(() => {
        this.#requested = new Set();
      });
    }
    this.#requested.add(name);
  }
}
