import { type Deferred, deferred, Timer } from '@kite/kit';
import type { Clock, KiteError, Mode, TickerState } from '@kite/protocol';

import type { Account, AccountMember } from './account.js';
import type { ConnectionSlots } from './connection-slots.js';
import type { Link } from './link.js';
import { SlotHolder } from './slot-holder.js';

/** What a control needs. */
export interface LinkControlOptions {
  clock: Clock;
  account: Account;
  slots: ConnectionSlots;
  /** The server's origin: each server counts its own slots. */
  origin: string;
  /** Token to mode: what is wanted now. */
  modes: () => ReadonlyMap<number, Mode>;
  /** The revision of these modes; without it, no report when the socket was asked for them. */
  revision?: () => number;
  /** Called when {@link LinkControl.toldModes} may have changed, whether the link is open or not. */
  onTold?: () => void;
}

/**
 * Keeps what is wanted of one connection, and tells its link: at once, whether to be open and with which credentials;
 * at most twice a turn, which instruments. Holds its slots, and knows when it is closed.
 */
export class LinkControl implements AccountMember {
  readonly #options: LinkControlOptions;
  readonly #slots: SlotHolder;
  #link: Link | undefined;
  #isOpen = false;
  #closing: Deferred<undefined> | undefined;
  #isTelling = false;
  /** Whether the link was told of instruments in this turn of the event loop; the timer below ends the turn. */
  #wasTold = false;
  readonly #turn: Timer;
  #wasOpen = false;
  #toldModes: ReadonlyMap<number, Mode> = new Map();
  /** The revision of the credentials that the link was last told. */
  #toldRevision: number | undefined;

  constructor(options: LinkControlOptions) {
    this.#options = options;
    this.#turn = new Timer(options.clock);
    this.#slots = new SlotHolder(options.slots, options.origin);
    options.account.join(this);
  }

  get link(): Link | undefined {
    return this.#link;
  }

  /** Whether it is wanted open. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether it has failed for good, and was not told to try again. */
  get hasFailed(): boolean {
    return this.#link?.state === 'failed' && this.#link.dialled === this.#toldRevision;
  }

  /** What the link was last told to subscribe, or will be told when it opens. By now something else may be wanted. */
  get toldModes(): ReadonlyMap<number, Mode> {
    return this.#toldModes;
  }

  /** Switches to another link; the one before has been closed. */
  use(link: Link | undefined): void {
    this.#link = link;
  }

  /**
   * Wants the connection open; one that has failed is tried once more.
   *
   * @throws KiteError `KITE_CONNECTION_LIMIT_REACHED`, and then nothing has changed
   */
  open(): void {
    const { account } = this.#options;
    const { apiKey, revision } = account.credentials;
    this.#slots.take(apiKey, revision);
    // Once for all connections that are tried again together: new credentials restart an attempt under way.
    if (this.#isOpen && this.#link?.state === 'failed' && this.#link.dialled === revision) account.renew();
    this.#isOpen = true;
    this.tell();
  }

  /** Wants the connection closed. Resolves once the socket is gone, in two seconds at most. */
  close(): Promise<void> {
    const wasWantedOpen = this.#isOpen;
    this.#isOpen = false;
    this.#turn.clear();
    this.#wasTold = false;
    this.#isTelling = false;
    if (!this.#link || (!wasWantedOpen && this.#link.state === 'closed')) return Promise.resolve();
    this.#closing ??= deferred<undefined>();
    const { promise } = this.#closing;
    this.#tellLink();
    return promise;
  }

  /**
   * The wanted instruments have changed. The link is told once the current synchronous calls are over; later changes,
   * by calls that await each other, reach it together at the end of this turn of the event loop.
   */
  modesChanged(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    if (!this.#wasTold) {
      queueMicrotask(() => {
        this.#tellModes();
      });
    }
  }

  /** Tells the link at once what is wanted now. */
  tell(): void {
    if (this.#isOpen) this.#tellLink();
  }

  reserve(apiKey: string, revision: number): () => void {
    return this.#isOpen ? this.#slots.take(apiKey, revision) : () => undefined;
  }

  /** The link has entered this state; called before anything else hears of it. */
  entered(state: TickerState, error: KiteError | undefined): void {
    const { account } = this.#options;
    const dialled = this.#link?.dialled;
    switch (state) {
      case 'connecting':
        if (dialled !== undefined) this.#slots.dialled(dialled);
        break;
      case 'waiting':
        this.#slots.gone();
        break;
      case 'failed':
        this.#slots.release();
        break;
      case 'closed':
        this.#closed();
        break;
      case 'idle':
      case 'open':
      case 'closing':
        break;
    }
    if (state === 'open') account.opened(this, dialled);
    else if (this.#wasOpen && error) account.lost(this, error);
    this.#wasOpen = state === 'open';
  }

  #tellModes(): void {
    if (!this.#isTelling) return;
    this.#isTelling = false;
    if (!this.#isOpen) {
      this.#toldModes = this.#options.modes();
      this.#options.onTold?.();
      return;
    }
    this.tell();
    this.#wasTold = true;
    this.#turn.set(0, () => {
      this.#wasTold = false;
      this.#tellModes();
    });
  }

  #closed(): void {
    if (this.#isOpen) this.#slots.gone();
    else {
      this.#slots.release();
      this.#options.account.forgetAnswers();
    }
    this.#closing?.resolve(undefined);
    this.#closing = undefined;
  }

  #tellLink(): void {
    const { account, revision } = this.#options;
    const { credentials, experience } = account;
    this.#toldModes = this.#options.modes();
    this.#toldRevision = credentials.revision;
    this.#link?.want({
      isOpen: this.#isOpen,
      credentials,
      modes: this.#toldModes,
      revision: revision?.() ?? 0,
      experience,
    });
    this.#options.onTold?.();
  }
}
