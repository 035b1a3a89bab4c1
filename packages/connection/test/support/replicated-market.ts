import type { Mode, Tick } from '@kite/protocol';
import { fullTick, INFY, ltpTick, quoteTick, VirtualClock } from '@kite/testkit';

import { Merger } from '../../src/feed/merger.js';

export const WAIT_MS = 300;

/** A source is told to be silent after this long, in milliseconds. */
const SILENT_MS = 3000;

/** Between the states that an account brings while it is alone, in milliseconds. */
const ALONE_MS = 20;

/** How a source differs from the others. */
export interface SourcePlan {
  /** Everything reaches it so much later, in milliseconds. */
  readonly delayMs: number;
  /** It is shown every so-many-th state. */
  readonly every: number;
}

/** What happens next. */
export interface MarketEvent {
  readonly does:
    'trade' | 'orders' | 'burst' | 'cut' | 'return' | 'move' | 'stall' | 'block' | 'step' | 'leave';
  /** This long after the event before it, in milliseconds. */
  readonly afterMs: number;
  /** Which source it happens to. */
  readonly sources: readonly number[];
  /** How far the price moves, how many trades are a burst, for how long a source stalls, how far the clock on the wall is set. */
  readonly amount: number;
}

/** What became of one state, in the order in which the reader is told. */
export interface Told {
  readonly type: 'fresh' | 'late';
  readonly index: number;
  readonly price: number;
  readonly mode: Mode;
  readonly at: number;
}

interface Account {
  readonly name: string;
  readonly plan: SourcePlan;
  readonly offset: number;
  isOpen: boolean;
  /** It is among those that bring the instrument. */
  isAsked: boolean;
  /** Frames of an older socket do not come any more. */
  socket: number;
  stalledUntil: number;
  lastDue: number;
  /** When its socket brought something first; undefined: it has not yet. */
  beganAt: number | undefined;
  /** The newest state that its socket was sent. */
  shown: number;
}

interface Frame {
  readonly account: Account;
  readonly ticks: Tick[];
  readonly receivedAt: number;
}

/**
 * The market of one instrument, what each account is shown of it and when, and a merger that is brought it. The model knows
 * which state each tick shows; the merger does not.
 */
export class ReplicatedMarket {
  readonly clock = new VirtualClock();
  readonly told: Told[] = [];
  /** By state that was brought: when first. */
  readonly brought = new Map<number, number>();
  /** The newest state when the others were added to one that was alone: they begin with it, as any new stream does. */
  aloneTo = -1;
  /** The newest state that the first account brought until it was cut, where it had been alone. */
  ledTo = -1;
  /** What a state was that had to be handed on at once, and was not. */
  readonly heldBack: number[] = [];
  /** How long a state waited that was handed on, and one that was told as too late, at most. */
  readonly longestWaitMs = { fresh: 0, late: 0 };
  /** The prices of all states, from the first on. */
  readonly prices: number[] = [100];
  /** What each of these states looks like. */
  readonly looks: string[] = [];
  readonly #mode: Mode;
  readonly #startsAlone: boolean;
  readonly #comesBack: boolean;
  readonly #merger: Merger<string>;
  readonly #accounts: Account[];
  readonly #indexOf = new WeakMap<Tick, number>();
  /** When the merger was brought a tick. */
  readonly #broughtAt = new WeakMap<Tick, number>();
  #volume = 1000;
  #orders = 1;
  #tick!: (mode: Mode) => Tick;
  /** What was handed on last. */
  #newest: Tick | undefined;
  /** Frames that wait for the program, which is busy. */
  #blocked: Frame[] | undefined;

  /**
   * @param startsAlone the first account has brought the instrument for some time when the others are added
   * @param comesBack orders come and go, so that a state may look like an earlier one
   */
  constructor(mode: Mode, plans: readonly SourcePlan[], startsAlone = false, comesBack = false) {
    this.#comesBack = comesBack;
    this.#mode = mode;
    this.#startsAlone = startsAlone;
    this.#accounts = plans.map((plan, offset) => ({
      name: 'abc'[offset]!,
      plan,
      offset,
      isOpen: false,
      isAsked: true,
      socket: 0,
      stalledUntil: 0,
      lastDue: 0,
      beganAt: undefined,
      shown: -1,
    }));
    this.#merger = new Merger<string>({
      clock: this.clock,
      waitMs: WAIT_MS,
      handOn: (_, { ticks }) => {
        for (const tick of ticks) this.#tell('fresh', tick);
      },
      tooLate: (_, __, { ticks }) => {
        for (const tick of ticks) this.#tell('late', tick);
      },
      copied: () => undefined,
      alone: () => undefined,
    });
    this.#show();
    const [first, ...others] = this.#accounts as [Account, ...Account[]];
    if (startsAlone) {
      this.#open(first);
      for (let count = 0; count < 4; count++) {
        this.#advance(count % 2 === 0, count % 3);
        this.clock.pass(ALONE_MS);
      }
      this.aloneTo = this.prices.length - 1;
    }
    this.#ask((source) => startsAlone && source === first.name);
    for (const account of startsAlone ? others : this.#accounts) this.#open(account);
  }

  run(events: readonly MarketEvent[]): void {
    for (const event of events) {
      this.clock.pass(event.afterMs);
      this.#happen(event);
    }
    this.#unblock();
    // Everything that is under way comes, and what waits has waited.
    this.clock.pass(60_000);
  }

  /** The newest state that an account was sent which is still there; undefined: none is. */
  get newestShown(): number | undefined {
    const shown = this.#accounts.filter(({ isOpen }) => isOpen).map((account) => account.shown);
    return shown.length === 0 ? undefined : Math.max(...shown);
  }

  /** Whether anything waits after the end. */
  get waits(): boolean {
    return this.clock.pending > 0;
  }

  #happen({ does, sources, amount }: MarketEvent): void {
    if (does === 'trade' || does === 'orders') this.#advance(does === 'trade', amount % 3);
    else if (does === 'block') this.#block(amount);
    // A frame that is under way as the clock is set has a wrong time.
    else if (does === 'step' && !this.#blocked) this.clock.setBack(amount % 2 === 0 ? -amount : amount);
    for (const index of sources) {
      const account = this.#accounts[index];
      if (!account) continue;
      if (does === 'cut' && account.isOpen) this.#cut(account);
      else if (does === 'return' && !account.isOpen) this.#return(account);
      else if (does === 'leave' && account.isOpen) this.#leave(account);
      else if (does === 'burst' && account.isOpen) this.#burst(account, amount);
      else if (does === 'move' && account.isOpen) {
        // To another connection, which is open: its first packet tells.
        this.#cut(account);
        account.isOpen = true;
        this.#sendNewest(account);
      } else if (does === 'stall' && account.isOpen) this.#stall(account, amount);
    }
  }

  #advance(isTrade: boolean, by: number): void {
    if (isTrade) this.#volume += 1;
    else this.#orders = by;
    this.prices.push(this.prices.at(-1)! + (isTrade ? by - 1 : 0));
    this.#show();
    const index = this.prices.length - 1;
    for (const account of this.#accounts)
      if (account.isOpen && (index + account.offset) % account.plan.every === 0)
        this.#send(account, [this.#made(this.#mode)]);
  }

  /** So many trades, which only this account is shown. */
  #burst(account: Account, trades: number): void {
    for (let trade = 0; trade < trades; trade++) {
      this.#volume += 1;
      this.prices.push(this.prices.at(-1)! + stepOf(this.#volume));
      this.#show();
      this.#send(account, [this.#made(this.#mode)]);
    }
  }

  /** The state that there is now, in any mode. */
  #show(): void {
    const price = this.prices.at(-1)!;
    const volume = this.#volume;
    const seconds = Math.floor(this.clock.monotonic() / 1000);
    // Each state has other orders, unless they come back.
    const orders = { totalBuyQuantity: this.#comesBack ? this.#orders : this.prices.length };
    this.looks.push(`${price} ${volume} ${orders.totalBuyQuantity}`);
    this.#tick = (mode) => {
      if (mode === 'ltp') return ltpTick(price);
      if (mode === 'quote') return { ...quoteTick(price, volume), ...orders };
      return { ...fullTick(price, volume, seconds), ...orders };
    };
  }

  #made(mode: Mode): Tick {
    const tick = this.#tick(mode);
    this.#indexOf.set(tick, this.prices.length - 1);
    return tick;
  }

  #ask(leads: (source: string) => boolean): void {
    const asked = this.#accounts.filter(({ isAsked }) => isAsked).map(({ name }) => name);
    this.#merger.set(INFY, asked, { isKept: true, leads, isApart: () => false });
  }

  /** The instrument moves to the others, if there are any: what is under way comes all the same. */
  #leave(account: Account): void {
    if (this.#accounts.every((other) => other === account || !other.isAsked)) return;
    account.isOpen = account.isAsked = false;
    this.#ask(() => false);
  }

  #return(account: Account): void {
    if (!account.isAsked) {
      // Asked again: what its manager hands on then is of after that.
      this.#endSocket(account);
      account.isAsked = true;
      this.#ask(() => false);
    }
    this.#open(account);
  }

  #open(account: Account): void {
    account.isOpen = true;
    this.#merger.join(account.name, [INFY], this.clock.now());
    this.#sendNewest(account);
  }

  /** A server begins with a quote, whatever was asked for. */
  #sendNewest(account: Account): void {
    this.#send(account, [this.#made('quote')]);
    if (this.#mode !== 'quote') this.#send(account, [this.#made(this.#mode)]);
  }

  #cut(account: Account): void {
    account.isOpen = false;
    this.#endSocket(account);
    this.#merger.stop(account.name, [INFY], false);
  }

  /** Nothing of what is under way comes. */
  #endSocket(account: Account): void {
    account.socket++;
    account.lastDue = account.stalledUntil = 0;
    account.beganAt = undefined;
    this.#blocked = this.#blocked?.filter((frame) => frame.account !== account);
  }

  #stall(account: Account, forMs: number): void {
    const { socket } = account;
    account.stalledUntil = this.clock.monotonic() + forMs;
    if (forMs > SILENT_MS)
      this.clock.setTimeout(() => {
        if (account.socket === socket) this.#merger.stop(account.name, [INFY], true);
      }, SILENT_MS);
  }

  #send(account: Account, ticks: Tick[]): void {
    account.shown = this.prices.length - 1;
    const now = this.clock.monotonic();
    const due = Math.max(account.lastDue, now + account.plan.delayMs, account.stalledUntil);
    account.lastDue = due;
    const { socket } = account;
    this.clock.setTimeout(() => {
      if (account.socket !== socket) return;
      const frame = { account, ticks, receivedAt: this.clock.now() };
      if (this.#blocked) this.#blocked.push(frame);
      else this.#bring(frame);
    }, due - now);
  }

  /** The program is busy; another thread receives, and stamps what it receives. */
  #block(forMs: number): void {
    if (this.#blocked) return;
    this.#blocked = [];
    this.clock.setTimeout(() => {
      this.#unblock();
    }, forMs);
  }

  /** Then what one account has brought comes before what the next one has. */
  #unblock(): void {
    const frames = this.#blocked ?? [];
    this.#blocked = undefined;
    for (const account of this.#accounts)
      for (const frame of frames) if (frame.account === account) this.#bring(frame);
  }

  #bring({ account, ticks, receivedAt }: Frame): void {
    const [tick] = ticks;
    const index = this.#indexOf.get(tick!)!;
    if (!this.brought.has(index)) this.brought.set(index, this.clock.monotonic());
    const isNewer = this.#isNewer(tick!);
    if (this.#startsAlone && account.offset === 0 && account.socket === 0) this.ledTo = index;
    this.#broughtAt.set(tick!, this.clock.monotonic());
    const { length } = this.told;
    this.#merger.ticks(account.name, { type: 'ticks', ticks, channelId: 0, receivedAt });
    const mayWait = this.#isBesideLeader(account);
    const isHandedOn = this.told.slice(length).some((one) => one.index === index);
    if (isNewer && !mayWait && !isHandedOn) this.heldBack.push(index);
  }

  /** Whether another account had brought the instrument alone, and may have older states on the way. */
  #isBesideLeader(account: Account): boolean {
    const now = this.clock.monotonic();
    account.beganAt ??= now;
    return this.#startsAlone && account !== this.#accounts[0] && now <= account.beganAt + WAIT_MS;
  }

  /** Whether its volume or its time shows that it is newer than all that was handed on. */
  #isNewer(tick: Tick): boolean {
    const newest = this.#newest;
    if (!newest || newest.mode === 'ltp' || tick.mode === 'ltp' || !newest.tradable || !tick.tradable)
      return false;
    if (tick.volumeTraded !== newest.volumeTraded) return tick.volumeTraded > newest.volumeTraded;
    return (
      tick.mode === 'full' && newest.mode === 'full' && tick.exchangeTimestamp! > newest.exchangeTimestamp!
    );
  }

  #tell(type: Told['type'], tick: Tick): void {
    const { mode, lastPrice: price } = tick;
    this.told.push({ type, index: this.#indexOf.get(tick)!, price, mode, at: this.clock.monotonic() });
    const waitedMs = this.clock.monotonic() - this.#broughtAt.get(tick)!;
    this.longestWaitMs[type] = Math.max(this.longestWaitMs[type], waitedMs);
    if (type === 'fresh') this.#newest = tick;
  }
}

/** From -2 to 2, by chance: no two parts of the market move alike. */
function stepOf(trade: number): number {
  let mixed = Math.imul(trade ^ (trade >>> 15), 0x2c1b3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
  return (((mixed ^ (mixed >>> 15)) >>> 0) % 5) - 2;
}
