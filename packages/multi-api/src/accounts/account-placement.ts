import { counted, type Place, roomFor, Spreader } from '@kite/kit';
import { KiteError, type Mode } from '@kite/protocol';

import type { DistributionStrategy } from './distribution.js';
import { type AccountChange, AccountChanges } from './placement-change.js';

/** The state of the accounts. */
export interface Situation {
  /** `room`: what an account's streaming or starting connections can take; `spare`: what all its connections can. */
  accounts: readonly Place<string>[];
  /** Accounts that are about to go: nothing more is placed there, and their instruments move away, pinned or not. */
  leaving?: { has(apiKeyId: string): boolean };
  /** Whether an account holds the instrument on a connection that is down. */
  isUnplaced: (apiKeyId: string, token: number) => boolean;
}

interface Want {
  /** The mode of what the strategy places. */
  mode: Mode;
  /** Each account that holds it, with the mode there: the higher of what the strategy and the caller want. */
  readonly holders: Map<string, Mode>;
  /** Accounts that the strategy chose: copies of each other. */
  readonly placed: Set<string>;
  /** Accounts that the caller chose, with the mode there: they keep it whatever happens. */
  readonly pins: Map<string, Mode>;
  /** Whether the caller left it to the strategy. */
  automatic: boolean;
}

/**
 * Decides which account holds what, in which mode. Returns what each account must do.
 *
 * What the strategy has placed moves when its account is down; what the caller has placed stays.
 */
export class AccountPlacement {
  readonly #wants = new Map<number, Want>();
  readonly #spreader: Spreader<string>;
  readonly #strategy: DistributionStrategy;
  readonly #replicas: number;
  readonly #defaultMode: Mode;
  readonly #onAdopted: (token: number, mode: Mode) => void;

  /** @param onAdopted called when the account that the caller chose goes: the strategy takes the instrument over */
  constructor(
    options: { strategy: DistributionStrategy; replicas: number; defaultMode: Mode },
    onAdopted: (token: number, mode: Mode) => void = () => undefined,
  ) {
    this.#onAdopted = onAdopted;
    // Under `manual` the strategy places only instruments whose account has gone.
    this.#spreader = new Spreader(options.strategy === 'manual' ? 'round-robin' : options.strategy);
    this.#strategy = options.strategy;
    this.#replicas = options.replicas;
    this.#defaultMode = options.defaultMode;
  }

  /** Instruments wanted, each once. */
  get size(): number {
    return this.#wants.size;
  }

  /** Token to mode: the highest one in which an account holds it, else the wanted one. */
  get modes(): ReadonlyMap<number, Mode> {
    const modes = new Map<number, Mode>();
    for (const [token, { mode, holders }] of this.#wants)
      modes.set(token, [...holders.values()].reduce<Mode | undefined>(higher, undefined) ?? mode);
    return modes;
  }

  get tokens(): Iterable<number> {
    return this.#wants.keys();
  }

  holdersOf(token: number): ReadonlyMap<string, Mode> {
    return this.#wants.get(token)?.holders ?? new Map();
  }

  has(token: number): boolean {
    return this.#wants.has(token);
  }

  /**
   * The accounts that the strategy chose. Their streams of this instrument are copies of each other, and each tick
   * counts once. An account that only the caller chose is wanted for itself.
   */
  copiesOf(token: number): string[] {
    return [...(this.#wants.get(token)?.placed ?? [])];
  }

  /** Whether only the caller chose this account for the instrument: its ticks are no copies. */
  isApart(apiKeyId: string, token: number): boolean {
    const want = this.#wants.get(token);
    return want !== undefined && want.holders.has(apiKeyId) && !want.placed.has(apiKeyId);
  }

  /** Wanted instruments that no healthy connection streams. */
  unplaced({ isUnplaced }: Situation): number[] {
    const unplaced: number[] = [];
    for (const [token, { holders }] of this.#wants) {
      let isStreamed = false;
      for (const id of holders.keys()) isStreamed ||= !isUnplaced(id, token);
      if (!isStreamed) unplaced.push(token);
    }
    return unplaced;
  }

  /** How many more instruments would be streamed now, with all their copies. */
  freeCapacity(situation: Situation): number {
    const accounts = staying(situation).map((account) => ({ ...account, spare: account.room }));
    return roomFor(accounts, Math.min(this.#replicas, accounts.length));
  }

  /** The mode wanted on accounts that the caller has not chosen; undefined: the instrument is not wanted. */
  modeOf(token: number): Mode | undefined {
    return this.#wants.get(token)?.mode;
  }

  /** Whether the caller has chosen an account for it. */
  isPinned(token: number): boolean {
    return (this.#wants.get(token)?.pins.size ?? 0) > 0;
  }

  /**
   * @param leaving instruments placed by the strategy that are removed first
   * @throws KiteError `KITE_MULTI_API_MANUAL_DISTRIBUTION`, or `KITE_MULTI_API_CAPACITY` if these do not fit as well
   */
  assertRoom(tokens: Iterable<number>, leaving: readonly number[], situation: Situation): void {
    const added: number[] = [];
    for (const token of tokens) {
      const want = this.#wants.get(token);
      if (!want) added.push(token);
      if (this.#strategy === 'manual' && !want?.automatic) throw manual();
    }
    if (added.length === 0) return;
    const accounts = staying(situation).map((account) => ({ ...account }));
    const byId = new Map(accounts.map((account) => [account.id, account]));
    for (const token of leaving) {
      for (const id of this.#freedBy(token)) {
        const account = byId.get(id);
        if (!account) continue;
        account.spare++;
        account.held--;
        if (!situation.isUnplaced(id, token)) account.room++;
      }
    }
    const copies = Math.min(this.#replicas, accounts.length);
    const available = roomFor(accounts, copies);
    if (added.length > available) throw overCapacity(added.length, available, copies);
  }

  /**
   * Holds instruments in these modes, all or none, wherever the strategy puts them; those that it has placed change
   * mode. The caller's own choice of an account keeps its mode.
   *
   * @throws KiteError as {@link assertRoom}
   */
  assign(modes: ReadonlyMap<number, Mode>, situation: Situation): AccountChange[] {
    this.assertRoom(modes.keys(), [], situation);
    const changes = new AccountChanges();
    const added = [...modes.keys()].filter((token) => !this.#wants.has(token));
    const accounts = staying(situation);
    const places = this.#spreader.spread(added, accounts, Math.min(this.#replicas, accounts.length));
    for (const [token, mode] of modes) {
      const want = this.#wants.get(token) ?? this.#want(token, mode);
      // The accounts that the caller chose count as copies from now on.
      if (!want.automatic) for (const id of want.pins.keys()) want.placed.add(id);
      want.automatic = true;
      want.mode = mode;
      for (const id of want.placed) this.#hold(token, want, id, changes);
      for (const id of places.get(token) ?? []) this.#place(token, want, id, changes);
    }
    return changes.list();
  }

  /** Removes these instruments where the strategy placed them. They stay on accounts that the caller chose. */
  release(tokens: readonly number[]): AccountChange[] {
    const changes = new AccountChanges();
    for (const token of tokens) {
      const want = this.#wants.get(token);
      if (!want?.automatic) continue;
      want.automatic = false;
      for (const id of [...want.placed]) this.#displace(token, want, id, changes);
      this.#forgetUnheld(token, want);
    }
    return changes.list();
  }

  /** Adds instruments to one account, whose manager checks the capacity. */
  subscribeTo(apiKeyId: string, tokens: readonly number[], mode: Mode | undefined): AccountChange[] {
    const changes = new AccountChanges();
    for (const token of tokens) {
      const want = this.#wants.get(token) ?? this.#want(token, mode ?? this.#defaultMode);
      want.pins.set(apiKeyId, mode ?? want.holders.get(apiKeyId) ?? want.mode);
      this.#hold(token, want, apiKeyId, changes);
    }
    return changes.list();
  }

  /** Drops the caller's choice of accounts for these. Where the strategy wants them too, they stay. */
  unpin(tokens: readonly number[]): AccountChange[] {
    const changes = new AccountChanges();
    for (const token of tokens) {
      const want = this.#wants.get(token);
      if (!want) continue;
      for (const id of [...want.pins.keys()]) {
        want.pins.delete(id);
        if (want.placed.has(id)) this.#hold(token, want, id, changes);
        else this.#displace(token, want, id, changes);
      }
      this.#forgetUnheld(token, want);
    }
    return changes.list();
  }

  /** Sets the mode on every account that the caller chose for these. */
  setPinMode(tokens: readonly number[], mode: Mode): AccountChange[] {
    const changes = new AccountChanges();
    for (const token of tokens) {
      const want = this.#wants.get(token);
      if (!want) continue;
      if (!want.automatic) want.mode = mode;
      for (const id of want.pins.keys()) {
        want.pins.set(id, mode);
        this.#hold(token, want, id, changes);
      }
    }
    return changes.list();
  }

  /**
   * Gives each automatic instrument its full number of healthy accounts again, as far as they have room: moves it off
   * accounts that are down, and places it if it waited for room.
   */
  repair(situation: Situation): AccountChange[] {
    const changes = new AccountChanges();
    const isLeaving = (id: string): boolean => situation.leaving?.has(id) ?? false;
    const targets = staying(situation);
    const copies = Math.min(this.#replicas, targets.length);
    for (const [token, want] of this.#wants) {
      // An account assigns before it releases: an instrument that leaves and comes back in one step would be gone.
      const held = new Set(want.holders.keys());
      let missing = copies;
      let left: string | undefined;
      for (const id of want.holders.keys()) if (isLeaving(id)) left = id;
      if (left !== undefined) this.#leave(token, want, left);
      if (!want.automatic) continue;
      for (const id of want.placed) if (!isLeaving(id) && !situation.isUnplaced(id, token)) missing--;
      const down = [...want.placed].filter((id) => !isLeaving(id) && situation.isUnplaced(id, token));
      for (; missing > 0; missing--) {
        const target = this.#spreader.next(targets, ({ id, room }) => room > 0 && !held.has(id));
        if (!target) break;
        held.add(target.id);
        this.#place(token, want, target.id, changes);
        const replaced = down.pop();
        if (replaced !== undefined) this.#displace(token, want, replaced, changes);
      }
    }
    return changes.list();
  }

  /** The account is gone, with all its instruments. Those that no other account holds wait for room. */
  drop(apiKeyId: string): void {
    for (const [token, want] of this.#wants) {
      const mode = want.holders.get(apiKeyId);
      if (mode === undefined) continue;
      this.#leave(token, want, apiKeyId);
      want.placed.delete(apiKeyId);
      want.holders.delete(apiKeyId);
    }
  }

  /** The account that the caller chose goes. If it was the only one, the strategy chooses, in the mode held there. */
  #leave(token: number, want: Want, apiKeyId: string): void {
    if (!want.pins.delete(apiKeyId) || want.pins.size > 0 || want.automatic) return;
    want.automatic = true;
    want.mode = want.holders.get(apiKeyId) ?? want.mode;
    want.placed.add(apiKeyId);
    this.#onAdopted(token, want.mode);
  }

  #want(token: number, mode: Mode): Want {
    const want: Want = { mode, holders: new Map(), placed: new Set(), pins: new Map(), automatic: false };
    this.#wants.set(token, want);
    return want;
  }

  /** The strategy chooses this account. */
  #place(token: number, want: Want, id: string, changes: AccountChanges): void {
    want.placed.add(id);
    this.#hold(token, want, id, changes);
  }

  /** The strategy has chosen another account instead. */
  #displace(token: number, want: Want, id: string, changes: AccountChanges): void {
    want.placed.delete(id);
    if (want.pins.has(id)) {
      this.#hold(token, want, id, changes);
      return;
    }
    want.holders.delete(id);
    changes.of(id).release.push(token);
  }

  /** The account holds it in the mode wanted there. */
  #hold(token: number, want: Want, id: string, changes: AccountChanges): void {
    const mode = higher(want.placed.has(id) ? want.mode : undefined, want.pins.get(id));
    if (mode === undefined || want.holders.get(id) === mode) return;
    want.holders.set(id, mode);
    changes.of(id).assign.set(token, mode);
  }

  /** The accounts that no longer hold the instrument once the strategy releases it. */
  #freedBy(token: number): string[] {
    const { placed, pins } = this.#wants.get(token) ?? {};
    return [...(placed ?? [])].filter((id) => !pins!.has(id));
  }

  #forgetUnheld(token: number, want: Want): void {
    if (!want.automatic && want.holders.size === 0) this.#wants.delete(token);
  }
}

const MODES: readonly Mode[] = ['ltp', 'quote', 'full'];

function higher(a: Mode | undefined, b: Mode | undefined): Mode | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return MODES.indexOf(a) < MODES.indexOf(b) ? b : a;
}

function staying({ accounts, leaving }: Situation): Place<string>[] {
  return accounts.filter(({ id }) => !leaving?.has(id));
}

function manual(): KiteError {
  return new KiteError(
    'KITE_MULTI_API_MANUAL_DISTRIBUTION',
    "the distribution strategy is 'manual': call subscribeSymbolsToApi(id, tokens, mode)",
  );
}

function overCapacity(requested: number, available: number, copies: number): KiteError {
  const each = copies > 1 ? ` on ${copies} accounts each` : '';
  return new KiteError(
    'KITE_MULTI_API_CAPACITY',
    `${counted(requested, 'more instrument does', 'more instruments do')} not fit: there is room for ${available}${each}`,
    {
      requested,
      available,
    },
  );
}
