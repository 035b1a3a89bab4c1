import type { Damage } from './damage.js';
import { type ConnectionSelector, selects } from './selector.js';
import type { Session } from './session.js';

/** The damage that also applies to future connections: all that was not requested by a connection's id. */
export class StandingDamage {
  #entries: { readonly selector: ConnectionSelector | undefined; readonly damage: Partial<Damage> }[] = [];

  add(damage: Partial<Damage>, selector: ConnectionSelector | undefined): void {
    const byId = typeof selector === 'number' || (typeof selector === 'object' && selector.id !== undefined);
    if (!byId) this.#entries.push({ selector, damage });
  }

  /** Damages a connection that has just opened. */
  afflict(session: Session): void {
    for (const { selector, damage } of this.#entries)
      if (selects(selector, session)) Object.assign(session.damage, damage);
  }

  heal(): void {
    this.#entries = [];
  }
}
