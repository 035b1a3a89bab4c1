import { type Clock, KiteError } from '@kite/protocol';

import { checkArgument, checkDelay } from './argument.js';
import { type CheckedDay, endOf, planOf } from './day-options.js';
import { type FaultySystem, injectFault } from './inject-fault.js';
import { type PlannedVenue, Venues } from './market/venues.js';
import { inside } from './nested-options.js';
import type { RandomSource } from './random.js';
import { KiteServer } from './server/kite-server.js';
import { Simulator } from './simulator.js';
import { AccessTokens, type Login } from './virtual/access-tokens.js';
import { delaysOf } from './virtual/delay.js';
import type { FaultAction, FaultPlan } from './virtual/fault.js';
import { checkFaultAction } from './virtual/fault-rules.js';
import type { Lane } from './virtual/lane.js';
import { Machine, trueClock } from './virtual/machine.js';
import { MemoryEdge } from './virtual/memory-edge.js';
import { Network } from './virtual/network.js';
import { Scheduler } from './virtual/scheduler.js';
import { streamOf } from './virtual/streams.js';
import { Trace, type TraceKind } from './virtual/trace.js';
import { checkedTimeOfDay, clockTime, FLUSH, timeOfDay } from './virtual/trading-hours.js';
import type { VirtualTransport } from './virtual/transport.js';
import { VirtualWorkers } from './virtual/worker-host.js';

/** A condition or a promise gets at least this long, even when the day is over. */
const LEAST_WAIT_MS = 3_600_000;
/** The key under which a manager looks for a place to run its I/O worker. */
const IO_WORKER = Symbol.for('@kite/io-worker');

/** Makes a ticker or a manager part of the day: spread it into its options. */
export interface VirtualDayOptions {
  /** The client machine's time, with the timers of its main thread. */
  readonly clock: Clock;
  /** The client's random numbers. */
  readonly random: RandomSource;
  /** The sockets of the main thread. */
  readonly transport: VirtualTransport;
  /** The address of the simulated server. */
  readonly url: string;
}

/** Pending work. After the client's own `stop()`, the first three are 0. */
export interface PendingWork {
  /** The client's timers, including its workers'. */
  readonly timers: number;
  /** The client's sockets that have not ended. */
  readonly sockets: number;
  /** The client's workers that have not ended. */
  readonly workers: number;
  /** Events of the server, the network and the fault plan. */
  readonly outside: number;
}

/** The record of a day. */
export interface DayTrace {
  /** A hash of everything so far, 16 hexadecimal digits. Equal hashes are equal days. */
  readonly hash: string;
  /** How many events it covers. */
  readonly entries: number;
  /** A line for each event, if `traceLines` is set. */
  readonly lines: readonly string[];
}

/** A day in virtual time, see {@link simulateDay}. */
export class VirtualDay implements AsyncDisposable {
  /** The Kite server of the day, with all its faults. Its clock is right, whatever the client's says. */
  readonly simulator: Simulator;
  /** For the options of a ticker or a manager: `new KiteTicker({ ...day.options, apiKey, accessToken })`. */
  readonly options: VirtualDayOptions;
  /** What goes wrong, as data. */
  readonly plan: FaultPlan;
  /** When the day begins, in Unix milliseconds. */
  readonly startsAt: number;
  /** When it ends. */
  readonly endsAt: number;
  readonly #trace: Trace;
  readonly #scheduler: Scheduler;
  readonly #main: Lane;
  readonly #outside: Lane;
  readonly #core: KiteServer;
  readonly #network: Network;
  readonly #workers: VirtualWorkers;
  readonly #tokens: AccessTokens;
  readonly #system: FaultySystem;
  readonly #midnight: number;
  readonly #loginListeners = new Set<(login: Login) => void>();
  #isStopped = false;

  /** @internal Use {@link simulateDay}. */
  constructor(day: CheckedDay) {
    const { seed, date, midnight, startsAt, calendar, traceLines, server } = day;
    this.startsAt = startsAt;
    this.#midnight = midnight;
    const trace = new Trace(traceLines ? (...entry) => this.#lineOf(...entry) : undefined);
    const scheduler = new Scheduler(streamOf(seed, 'ties'), (lane, time) =>
      trace.record('event', time, lane.id),
    );
    const outside = scheduler.addLane('outside');
    const main = scheduler.addLane('main');
    const machine = new Machine(scheduler, startsAt);
    const clock = machine.clockOf(main);
    const venues = new Venues(calendar, date, midnight);
    const serverClock = trueClock(scheduler, outside, startsAt);
    const core = new KiteServer(server, serverClock, (instrument) => venues.of(instrument));
    venues.list(core.catalogue);
    const { list } = core.catalogue;
    this.endsAt = endOf(day, venues.ofAll(list));
    const plan = planOf(day, this.endsAt, list);
    const network = delaysOf(plan.network, day.network);
    const net = new Network({ scheduler, outside, trace, seed, options: network });
    // Connections are counted per host and key in the whole process, so each seed gets its own host.
    const edge = new MemoryEdge(core, net, `kite-${seed}.simulated`);
    const random = streamOf(seed, 'client');
    this.plan = plan;
    this.#trace = trace;
    this.#scheduler = scheduler;
    this.#outside = outside;
    this.#main = main;
    this.#core = core;
    this.#network = net;
    this.#workers = new VirtualWorkers({ scheduler, machine, network: net, trace, main, seed });
    this.simulator = new Simulator(core, edge, server);
    this.#tokens = new AccessTokens(server.accounts, (login) => this.#loggedIn(login));
    const { simulator } = this;
    const [workers, tokens] = [this.#workers, this.#tokens];
    this.#system = { simulator, network: net, machine, workers, tokens, scheduler, main, outside };
    const options = { clock, random: () => random.next(), transport: net.transportOf(main), url: edge.url };
    this.options = Object.assign(options, { [IO_WORKER]: workers });
    void edge.listen();
    this.#planMarket(venues.all);
    this.#planTokens(startsAt - midnight);
    for (const { at, ...action } of plan.faults) outside.at(at, () => this.#inject(action));
  }

  /** The true time, in Unix milliseconds. The client's clock may say otherwise. */
  get now(): number {
    return this.startsAt + this.#scheduler.time;
  }

  /** The record of everything so far. */
  get trace(): DayTrace {
    return this.#trace;
  }

  /** Pending work. */
  get pending(): PendingWork {
    const { alive } = this.#workers;
    return {
      timers: this.#main.timers + alive.reduce((sum, worker) => sum + worker.timers, 0),
      sockets: this.#network.sockets,
      workers: alive.length,
      outside: this.#outside.size,
    };
  }

  /** Runs the day for this many milliseconds. */
  async run(ms: number): Promise<void> {
    checkDelay('ms', ms, false);
    await this.#run(this.#scheduler.time + ms, () => false);
  }

  /**
   * Runs the day until a time: Unix milliseconds, or `'10:30'` of this day in India. A past time means now.
   */
  runUntil(time: number | string): Promise<void>;
  /** Runs the day until the promise settles. @throws KiteError `KITE_SIMULATOR_DAY_OVER` if the day ends before that */
  runUntil<T>(promise: Promise<T>): Promise<T>;
  /**
   * Runs the day until the condition holds, `withinMs` at most. Default: to the end of the day, but at least an hour.
   * The condition is checked after each event.
   *
   * @returns whether it holds
   */
  runUntil(condition: () => boolean, withinMs?: number): Promise<boolean>;
  async runUntil(
    what: number | string | Promise<unknown> | (() => boolean),
    withinMs?: number,
  ): Promise<unknown> {
    if (typeof what === 'function') return this.#run(this.#limit(withinMs), what);
    if (typeof what === 'object') return this.#runUntilSettled(what);
    const at = typeof what === 'number' ? what : this.#midnight + checkedTimeOfDay('time', what);
    checkArgument(Number.isFinite(at), 'time', what, 'Unix milliseconds');
    await this.#run(at - this.startsAt, () => false);
    return undefined;
  }

  /** Blocks the client's main thread for this long; its I/O workers go on. */
  blockMainFor(ms: number): void {
    this.inject({ kind: 'block-main', forMs: ms });
  }

  /**
   * Applies a fault now.
   *
   * @throws KiteInputError `KITE_SIMULATOR_INVALID_ARGUMENT`
   */
  inject(action: FaultAction): void {
    if (this.#isStopped) throw stopped();
    inside('action', () => checkFaultAction('KITE_SIMULATOR_INVALID_ARGUMENT', action));
    this.#inject(action);
  }

  /** A key's newest access token, as from a login. The server takes any token of a key until it has given one out. */
  accessTokenOf(apiKey: string): string {
    return this.#tokens.get(apiKey);
  }

  /**
   * Calls the listener, in the client's main thread, after each login: a `login` of the fault plan, or at 08:30.
   * Returns a function that removes it. A function given as `accessToken` needs only {@link accessTokenOf}.
   */
  onLogin(listener: (login: Login) => void): () => void {
    this.#loginListeners.add(listener);
    return () => void this.#loginListeners.delete(listener);
  }

  /** Ends the day: the server stops and pending work is dropped. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.simulator.stop();
    this.#workers.endAll();
    this.#network.endThread(this.#main);
    for (const lane of [this.#main, this.#outside]) this.#scheduler.removeLane(lane);
  }

  /** {@link stop}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #inject(action: FaultAction): void {
    this.#trace.record('fault', this.#scheduler.time, 0, JSON.stringify(action));
    injectFault(this.#system, action);
  }

  async #run(until: number, isDone: () => boolean): Promise<boolean> {
    if (this.#isStopped) throw stopped();
    if (this.#scheduler.isRunning)
      throw new KiteError(
        'KITE_SIMULATOR_DAY_RUNNING',
        'the day is running already: await one run before the next',
      );
    return this.#scheduler.run(until, () => this.#isStopped || isDone());
  }

  async #runUntilSettled(promise: Promise<unknown>): Promise<unknown> {
    let isSettled = false;
    const settle = () => void (isSettled = true);
    promise.then(settle, settle);
    if (await this.#run(this.#limit(), () => isSettled)) return promise;
    throw new KiteError('KITE_SIMULATOR_DAY_OVER', 'the day was over before the promise settled');
  }

  #loggedIn(login: Login): void {
    this.simulator.setAccessToken(login.apiKey, login.accessToken);
    this.#main.at(this.#scheduler.time, () => {
      for (const listener of [...this.#loginListeners]) listener(login);
    });
  }

  #limit(withinMs?: number): number {
    const { time } = this.#scheduler;
    return withinMs === undefined
      ? Math.max(this.endsAt - this.startsAt, time + LEAST_WAIT_MS)
      : time + withinMs;
  }

  /** Each venue opens and closes at its own times; while all are closed, the market rests. */
  #planMarket(venues: readonly PlannedVenue[]): void {
    const look = () => this.#core.rest(venues.every(({ liveliness }) => liveliness === 0));
    for (const venue of venues) {
      const first = venue.changes.findIndex(({ at }) => at > this.startsAt);
      const planned = first < 0 ? [] : venue.changes.slice(first);
      const before = first < 0 ? venue.changes.at(-1) : venue.changes[first - 1];
      venue.liveliness = before?.liveliness ?? 0;
      for (const { at, liveliness, auction } of planned) {
        this.#outside.at(at - this.startsAt, () => {
          venue.liveliness = liveliness;
          look();
          if (auction !== undefined) this.#core.auction(venue, auction.opens);
        });
      }
    }
    look();
    this.#core.start();
  }

  /** Tokens end in the early morning; a program logs in later. */
  #planTokens(from: number): void {
    const [flush, login] = [timeOfDay(FLUSH.tokens)!, timeOfDay(FLUSH.login)!];
    if (from >= flush) return;
    this.#outside.at(flush - from, () => this.#inject({ kind: 'expire-tokens' }));
    this.#outside.at(login - from, () => this.#inject({ kind: 'login' }));
  }

  #lineOf(kind: TraceKind, time: number, id: number, payload?: Uint8Array | string): string {
    const head = `${clockTime(this.startsAt + time)} ${kind}`;
    const of = kind === 'fault' ? '' : ` ${id < 0 ? `${-id} to the server` : id}`;
    const what = typeof payload === 'string' ? ` ${payload}` : payload && ` ${payload.length} bytes`;
    return `${head}${of}${what ?? ''}`;
  }
}

function stopped(): KiteError {
  return new KiteError('KITE_SIMULATOR_STOPPED', 'the day was stopped');
}
