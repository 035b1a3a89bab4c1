import { KiteFeed } from '@kite/connection';
import { promised } from '@kite/kit';
import { assertMode, KiteError, type Mode } from '@kite/protocol';

import { type InstrumentKey, tokensOf } from '../instrument-names.js';
import { wantedModes } from '../modes.js';
import type { InstrumentNames } from '../options.js';
import type { Outlet } from './outlet.js';
import type { Share } from './shares.js';

/** How a subscriber is made. */
export interface SubscriberOptions {
  /** Its name, for display. Default: the empty string. */
  name?: string | undefined;
  /**
   * Ticks come in exactly the mode that it wants, whatever others want: shortened if more comes, and not repeated if
   * that mode does not show the change. An instrument whose mode it raises begins anew, with its last tick. Default
   * false: in at least its mode.
   */
  exact?: boolean | undefined;
}

/**
 * One part of a program, such as a strategy, on a shared feed: it sees only its own instruments, and its subscriptions
 * are counted. An instrument is streamed while any part wants it, in the highest mode that any part wants.
 *
 * Orders, states, messages and errors reach every subscriber; gaps reach those that they concern. An instrument that is
 * already streamed for another part begins with its last tick: always with the option `lastTicks`, else if it came
 * since the feed has had a subscriber. A subscriber lives until {@link close}.
 */
export class Subscriber extends KiteFeed implements AsyncDisposable {
  /** The name that it was given. */
  readonly name: string;
  readonly #share: Share;
  readonly #instruments: InstrumentNames | undefined;
  readonly #onClose: () => void;
  #isClosed = false;

  /** @internal */
  constructor(
    name: string,
    parts: { share: Share; outlet: Outlet; instruments: InstrumentNames | undefined },
    onClose: () => void,
  ) {
    const { share, outlet, instruments } = parts;
    super(outlet);
    this.name = name;
    this.#instruments = instruments;
    this.#share = share;
    this.#onClose = onClose;
  }

  /** Token to mode: its own subscriptions. A read-only view. */
  get subscriptions(): ReadonlyMap<number, Mode> {
    return this.#share.modes;
  }

  /**
   * Streams these instruments for it. One that it holds keeps its mode unless one is given; a new one gets
   * `defaultMode`.
   *
   * Rejects as the manager's `subscribeSymbols`, and with `KITE_MANAGER_SUBSCRIBER_CLOSED`; then nothing has changed.
   */
  subscribeSymbols(tokens: Iterable<InstrumentKey>, mode?: Mode): Promise<void> {
    return this.#do(() => {
      if (mode !== undefined) assertMode(mode);
      this.#share.subscribe(tokensOf(this.#instruments, tokens), mode);
    });
  }

  /** Streams each of these instruments for it in its own mode. Rejects as {@link subscribeSymbols}. */
  assignSymbols(modes: ReadonlyMap<InstrumentKey, Mode>): Promise<void> {
    return this.#do(() => {
      this.#share.assign(wantedModes(this.#instruments, modes));
    });
  }

  /** Streams these instruments for it and no others: its whole set in one call. Rejects as {@link subscribeSymbols}. */
  replaceSymbols(modes: ReadonlyMap<InstrumentKey, Mode>): Promise<void> {
    return this.#do(() => {
      this.#share.replace(wantedModes(this.#instruments, modes));
    });
  }

  /** Drops these; ignores instruments that it does not hold. Rejects with `KITE_PROTOCOL_INVALID_TOKEN`. */
  unsubscribeSymbols(tokens: Iterable<InstrumentKey>): Promise<void> {
    return this.#do(() => {
      this.#share.unsubscribe(tokensOf(this.#instruments, tokens));
    });
  }

  /** Rejects as the manager's `changeMode` unless it holds all of them; then nothing has changed. */
  changeMode(tokens: Iterable<InstrumentKey>, mode: Mode): Promise<void> {
    return this.#do(() => {
      assertMode(mode);
      this.#share.changeMode(tokensOf(this.#instruments, tokens), mode);
    });
  }

  /** Gives up its subscriptions and ends its channels. Idempotent. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#onClose();
    }
    return Promise.resolve();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #do(act: () => void): Promise<void> {
    return promised(() => {
      if (this.#isClosed) throw closed(this.name);
      act();
    });
  }
}

function closed(name: string): KiteError {
  const who = name === '' ? 'the subscriber' : `the subscriber '${name}'`;
  return new KiteError('KITE_MANAGER_SUBSCRIBER_CLOSED', `${who} was closed`);
}
