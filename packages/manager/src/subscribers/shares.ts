import { OwnedMap } from '@kite/kit';
import type { KiteError, Mode } from '@kite/protocol';

import { Wants } from './wants.js';

/** Takes what all shares together want. */
export interface ShareTarget {
  /** Runs the act, and reports only after it what it has changed: a listener may call a share. */
  after(act: () => void): void;
  /**
   * Streams `assign` in these modes and stops `release`: all of it, or nothing and an error.
   *
   * @throws KiteError where there is no room
   */
  change(assign: ReadonlyMap<number, Mode>, release: readonly number[]): void;
  /** The mode of a new subscription without one. */
  defaultModeOf(token: number): Mode;
  /** The error for a change of instruments that a share does not hold. */
  notSubscribed(tokens: readonly number[]): KiteError;
}

/** The new modes of a share's instruments; `undefined`: no longer wanted. */
type Change = ReadonlyMap<number, Mode | undefined>;

/**
 * The subscriptions of several parts of one program, counted: an instrument is streamed while any share holds it, in
 * the highest mode of all. If the target refuses a change, no share changes.
 */
export class Shares {
  readonly #target: ShareTarget;
  readonly #wants = new Wants();
  readonly #onChange: (share: Share, change: Change) => void;

  /**
   * @param onChange called with the new modes of a share, which does not show them yet, once the target has taken them;
   *   `undefined`: no longer held
   */
  constructor(target: ShareTarget, onChange: (share: Share, change: Change) => void) {
    this.#target = target;
    this.#onChange = onChange;
  }

  /** A share without any instrument. */
  open(): Share {
    return new Share(this.#target, (share, change, commit) => {
      this.#target.after(() => {
        this.#apply(share, change, commit);
      });
    });
  }

  /** Gives an instrument that is already streamed to this share, in this mode. */
  adopt(share: Share, token: number, mode: Mode): void {
    share.adopt(token, mode);
    this.#wants.add(token, mode);
  }

  /** The highest mode that any share wants; undefined: no share holds it. */
  modeOf(token: number): Mode | undefined {
    return this.#wants.modeOf(token);
  }

  #apply(share: Share, change: Change, commit: () => void): void {
    const assign = new Map<number, Mode>();
    const release: number[] = [];
    for (const [token, mode] of change) {
      const before = this.#wants.modeOf(token);
      this.#replace(token, share.modes.get(token), mode);
      const after = this.#wants.modeOf(token);
      if (after === undefined) release.push(token);
      else if (after !== before) assign.set(token, after);
    }
    try {
      if (assign.size > 0 || release.length > 0) this.#target.change(assign, release);
    } catch (error) {
      for (const [token, mode] of change) this.#replace(token, mode, share.modes.get(token));
      throw error;
    }
    this.#onChange(share, change);
    commit();
  }

  #replace(token: number, before: Mode | undefined, after: Mode | undefined): void {
    if (before !== undefined) this.#wants.remove(token, before);
    if (after !== undefined) this.#wants.add(token, after);
  }
}

/** The instruments that one part of a program wants. Its methods throw before they change anything. */
export class Share {
  readonly #modes = new OwnedMap<number, Mode>();
  readonly #target: ShareTarget;
  readonly #apply: (share: Share, change: Change, commit: () => void) => void;

  constructor(target: ShareTarget, apply: (share: Share, change: Change, commit: () => void) => void) {
    this.#target = target;
    this.#apply = apply;
  }

  /** Token to mode. A read-only view. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#modes.view;
  }

  /** Without a mode, instruments that it holds keep theirs. */
  subscribe(tokens: Iterable<number>, mode?: Mode): void {
    const change = new Map<number, Mode>();
    for (const token of tokens)
      change.set(token, mode ?? this.#modes.get(token) ?? this.#target.defaultModeOf(token));
    this.#change(change);
  }

  assign(modes: ReadonlyMap<number, Mode>): void {
    this.#change(modes);
  }

  /** Only for {@link Shares.adopt}. */
  adopt(token: number, mode: Mode): void {
    this.#modes.set(token, mode);
  }

  /** Those that it does not hold are ignored. */
  unsubscribe(tokens: Iterable<number>): void {
    const change = new Map<number, undefined>();
    for (const token of tokens) if (this.#modes.has(token)) change.set(token, undefined);
    this.#change(change);
  }

  /** These from now on, and nothing else. */
  replace(modes: ReadonlyMap<number, Mode>): void {
    const change = new Map<number, Mode | undefined>();
    for (const token of this.#modes.view.keys()) if (!modes.has(token)) change.set(token, undefined);
    for (const [token, mode] of modes) change.set(token, mode);
    this.#change(change);
  }

  /** Strict: throws the target's `notSubscribed` where it does not hold all of them. */
  changeMode(tokens: Iterable<number>, mode: Mode): void {
    const list = [...tokens];
    const unknown = list.filter((token) => !this.#modes.has(token));
    if (unknown.length > 0) throw this.#target.notSubscribed(unknown);
    this.#change(new Map(list.map((token) => [token, mode])));
  }

  #change(change: Change): void {
    this.#apply(this, change, () => {
      for (const [token, mode] of change) {
        if (mode === undefined) this.#modes.delete(token);
        else this.#modes.set(token, mode);
      }
    });
  }
}
