import type { Mode } from '@kite/protocol';

import type { Said } from '../client/client.js';
import type { Failure, Rule } from './failure.js';
import type { Pins } from './pins.js';

/** What both ends know when nothing is under way. */
export interface Rest {
  readonly at: number;
  /** What the program asked for. */
  readonly wanted: ReadonlyMap<number, Mode>;
  /** The same without what the program has pinned to accounts, and that. Absent: it has pinned nothing. */
  readonly pinned?: { readonly shared: ReadonlyMap<number, Mode>; readonly pins: Pins } | undefined;
  /** The connections that the client and the server have open, with what the server streams there. */
  readonly open: readonly { readonly account: string; readonly book: ReadonlyMap<number, Mode> }[];
  /** How many connections there should be. */
  readonly connections: number;
  /** How many accounts must hold each instrument. */
  readonly replicas: number;
  /** The capacity of one connection. */
  readonly maxSymbols: number;
  /** All connections were down at once, and since then none alone: instruments must be spread as at the start. */
  readonly isFresh: boolean;
  /** An I/O worker was wanted, and none could start: connections run in the main thread. Absent: that is not so. */
  readonly isInline?: boolean;
  /** Whether the instruments of a down connection have had time to move. */
  readonly hasMoved: boolean;
  /** Instruments silent for {@link SILENT_MS}, and those that are not; any others may be reported or not. */
  readonly silent: ReadonlySet<number>;
  readonly heard: ReadonlySet<number>;
  readonly said: Said;
}

const RANK: Readonly<Record<Mode, number>> = { ltp: 0, quote: 1, full: 2 };

/** With fewer instruments, a few calls of the program may empty one connection. */
const LEAST_SHARE = 12;

/** Silence is asked for with this. */
export const SILENT_MS = 5000;

/** Judges what the server streams, and what the client reports about it, when nothing is under way. */
export function judgeRest(rest: Rest): Failure[] {
  return new RestJudge(rest).judge();
}

class RestJudge {
  readonly #rest: Rest;
  readonly #failures: Failure[] = [];
  /** By instrument, the accounts that stream it. */
  readonly #held = new Map<number, string[]>();

  constructor(rest: Rest) {
    this.#rest = rest;
    for (const { account, book } of rest.open)
      for (const token of book.keys()) {
        const held = this.#held.get(token);
        if (held) held.push(account);
        else this.#held.set(token, [account]);
      }
  }

  judge(): Failure[] {
    this.#judgeSubscriptions();
    this.#judgePlaces();
    this.#judgeSpread();
    this.#judgeHealth();
    this.#judgeSilence();
    return this.#failures;
  }

  /** Everything streamed is wanted, in the right mode and not too often. */
  #judgeSubscriptions(): void {
    const { wanted, said } = this.#rest;
    const wrong = this.#wrongSubscription();
    if (wrong !== undefined) this.#fail('subscriptions-differ', wrong);
    const { subscriptions } = said;
    const isSame =
      subscriptions.size === wanted.size &&
      [...wanted].every(([token, mode]) => subscriptions.get(token) === mode);
    if (!isSame) this.#fail('subscriptions-differ', 'the client says that something else is wanted');
  }

  #wrongSubscription(): string | undefined {
    const { open, replicas, pinned } = this.#rest;
    for (const { account, book } of open)
      for (const [token, mode] of book) {
        const right = this.#rightModes(account, token);
        if (right.length === 0) return `${token} is streamed, and not wanted`;
        if (!right.includes(mode))
          return `${account} streams ${token} in ${mode}, not in ${right.join(' or ')}`;
      }
    for (const [token, accounts] of this.#held) {
      const most = replicas + (pinned?.pins.accountsOf(token).length ?? 0);
      if (accounts.length > most || new Set(accounts).size < accounts.length)
        return `${token} is streamed ${accounts.length} times, by ${accounts.join(' and ')}`;
    }
    return undefined;
  }

  /** What the strategy has placed on an account that it is pinned to is there in the higher mode of the two. */
  #rightModes(account: string, token: number): Mode[] {
    const pin = this.#rest.pinned?.pins.on(account).get(token);
    const mode = this.#shared.get(token);
    if (pin === undefined) return mode ? [mode] : [];
    return mode && RANK[mode] > RANK[pin] ? [pin, mode] : [pin];
  }

  /** What the strategy places. */
  get #shared(): ReadonlyMap<number, Mode> {
    return this.#rest.pinned?.shared ?? this.#rest.wanted;
  }

  /** Every instrument has a place, while there is room. */
  #judgePlaces(): void {
    const { wanted, open, maxSymbols, replicas, hasMoved, said } = this.#rest;
    const dark = wanted.size - this.#heldCount;
    if (said.darkSymbols !== undefined && said.darkSymbols !== dark)
      this.#fail('health-wrong', `darkSymbols is ${said.darkSymbols}, and ${dark} are not streamed`);
    if (said.toldUnplaced !== undefined && said.toldUnplaced !== said.unplacedSymbols)
      this.#fail(
        'health-wrong',
        `the listener was told ${said.toldUnplaced} unplaced instruments last, and there are ${said.unplacedSymbols}`,
      );
    if (said.unplaced !== undefined && said.unplaced !== said.unplacedSymbols)
      this.#fail(
        'health-wrong',
        `unplacedSymbols is ${said.unplacedSymbols}, and ${said.unplaced} are listed`,
      );
    if (!hasMoved || open.length === 0) return;
    const copies = Math.min(replicas, new Set(open.map(({ account }) => account)).size);
    const room = open.length * maxSymbols;
    const { size } = this.#shared;
    if (copies === 1 || size * copies <= room) {
      const fits = Math.min(size, Math.floor(room / copies));
      const whole = [...this.#held].filter(
        ([token, { length }]) => length >= copies && this.#shared.has(token),
      ).length;
      if (whole < fits)
        this.#fail('not-streaming', `${whole} of ${size} instruments are streamed, and ${fits} have room`);
    }
    const unplaced = wanted.size - Math.min(wanted.size, room);
    if (copies === replicas && dark === unplaced && said.unplacedSymbols !== unplaced)
      this.#fail('health-wrong', `unplacedSymbols is ${said.unplacedSymbols}, and ${unplaced} have no room`);
  }

  /** Every connection has at least half of its share. */
  #judgeSpread(): void {
    const { open, connections, wanted, isFresh, hasMoved, replicas } = this.#rest;
    if (!isFresh || !hasMoved || open.length < connections || replicas > 1) return;
    const share = wanted.size / connections;
    const least = Math.min(...open.map(({ book }) => book.size));
    if (share >= LEAST_SHARE && least < share / 2)
      this.#fail(
        'badly-spread',
        `a connection holds ${least} of ${wanted.size} instruments, after an outage of all ${connections}`,
      );
  }

  #judgeHealth(): void {
    const { wanted, open, connections, isInline = false, said } = this.#rest;
    const { status, reasons, healthyConnections, totalSymbols, told } = said;
    const dark = wanted.size - this.#heldCount;
    // It holds only instruments that have ended.
    const isMute = reasons.some(isOfMute) && open.some(({ book }) => this.#isSilent(book));
    const isDegraded = open.length < connections || dark > 0 || isInline || reasons.some(isOfStuck) || isMute;
    const right = open.length === 0 ? 'critical' : isDegraded ? 'degraded' : 'healthy';
    if (status !== right)
      this.#fail('health-wrong', `the status is ${status}, not ${right}: ${reasons.join('; ')}`);
    if ((status === 'healthy') !== (reasons.length === 0))
      this.#fail('health-wrong', `the status is ${status}, with ${reasons.length} reasons`);
    if (healthyConnections !== open.length)
      this.#fail('health-wrong', `healthyConnections is ${healthyConnections}, and ${open.length} are open`);
    if (totalSymbols !== wanted.size)
      this.#fail('health-wrong', `totalSymbols is ${totalSymbols}, and ${wanted.size} are wanted`);
    // An unread channel or a connection that does not answer is no change: the listener hears at the next look.
    const mayBeToldLater = [...reasons, ...(told?.reasons ?? [])].some(
      (reason) => isOfStuck(reason) || isOfMute(reason),
    );
    if (told && told.status !== status && !mayBeToldLater)
      this.#fail('health-wrong', `the listener was told ${told.status} last, and the status is ${status}`);
  }

  #isSilent(book: ReadonlyMap<number, unknown>): boolean {
    return book.size > 0 && [...book.keys()].every((token) => this.#rest.silent.has(token));
  }

  #judgeSilence(): void {
    const { said, silent, heard } = this.#rest;
    const told = said.silentFor(SILENT_MS);
    if (!told) return;
    const untold = [...silent].filter((token) => !told.includes(token));
    const wrong = told.filter((token) => heard.has(token));
    if (untold.length > 0) this.#fail('silent-wrong', `${untold[0]} is silent, and not listed`);
    if (wrong.length > 0) this.#fail('silent-wrong', `${wrong[0]} is listed as silent, and is not`);
  }

  get #heldCount(): number {
    let count = 0;
    for (const token of this.#held.keys()) if (this.#rest.wanted.has(token)) count++;
    return count;
  }

  #fail(rule: Rule, text: string): void {
    this.#failures.push({ rule, at: this.#rest.at, text });
  }
}

/** A channel is full and unread. */
function isOfStuck(reason: string): boolean {
  return reason.includes('nobody has read it');
}

/** A connection has answered no subscription. */
function isOfMute(reason: string): boolean {
  return reason.includes('has answered no subscription');
}
