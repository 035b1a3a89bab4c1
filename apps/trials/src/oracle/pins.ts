import type { Mode } from '@kite/protocol';

import { Wanted } from './wanted.js';

/** Which instruments the program has pinned to which accounts. */
export class Pins {
  /** By account, what is pinned there now. */
  readonly #modes = new Map<string, Map<number, Mode>>();
  /** By account, when each instrument was. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #ever = new Set<number>();

  /** These are pinned to this account from now on, or in another mode; mode undefined: no longer. */
  note(account: string, tokens: Iterable<number>, at: number, mode: Mode | undefined): void {
    const modes = this.on(account) as Map<number, Mode>;
    for (const token of tokens) {
      if (mode === undefined) modes.delete(token);
      else {
        modes.set(token, mode);
        this.#ever.add(token);
      }
      this.#wantedOn(account).note([token], at, mode !== undefined);
    }
  }

  /** What is pinned to this account now, in which mode. */
  on(account: string): ReadonlyMap<number, Mode> {
    const known = this.#modes.get(account) ?? new Map<number, Mode>();
    this.#modes.set(account, known);
    return known;
  }

  /** The accounts that an instrument is pinned to now. */
  accountsOf(token: number): string[] {
    return [...this.#modes].flatMap(([account, modes]) => (modes.has(token) ? [account] : []));
  }

  /** Whether an instrument was pinned to an account throughout a span. */
  throughout(account: string, token: number, from: number, to: number): boolean {
    return this.#wantedOn(account).throughout(token, from, to);
  }

  /** All that were ever pinned. */
  get tokens(): ReadonlySet<number> {
    return this.#ever;
  }

  #wantedOn(account: string): Wanted {
    const known = this.#wanted.get(account) ?? new Wanted();
    this.#wanted.set(account, known);
    return known;
  }
}
