import { isKiteError } from '@kite/protocol';

import { probeTicks } from '../oracle/judge-probe.js';
import { LOOK_EVERY_MS, PlacementWatch } from '../oracle/placement-watch.js';
import type { Plan } from '../plan/plan.js';
import { judgeCounts, judgeEnd, judgeProbes } from './judge-end.js';
import { Program } from './program.js';
import { RestLooks } from './rest-looks.js';
import { forgetSlots, stopAndLook, stopWhileBusy } from './stops.js';
import { TrialSystem } from './trial-system.js';
import { unnoticedFor } from './unnoticed-for.js';
import type { Verdict } from './verdict.js';
import type { SocketLog } from './wire-log.js';

/** How long messages may still arrive after the market has stopped, in milliseconds. */
const SETTLE_MS = 10_000;

/** How often the rest is looked at, in milliseconds. */
const RESTS_EVERY_MS = 5000;

/** Orders that each account gets at the end. */
const ORDERS_AT_ONCE = 100;

/** Runs one plan, and judges it. */
export async function runTrial(plan: Plan): Promise<Verdict> {
  const began = process.cpuUsage();
  forgetSlots();
  const trial = new Trial(plan);
  const stray = (error: unknown): void => trial.stray(error);
  process.on('unhandledRejection', stray);
  try {
    await trial.run();
  } catch (error) {
    await trial.broke(error);
  } finally {
    process.off('unhandledRejection', stray);
  }
  const { user, system } = process.cpuUsage(began);
  return trial.verdict((user + system) / 1000);
}

/** The course of a trial: the faults, the time to come back, the end. */
class Trial {
  readonly #plan: Plan;
  readonly #system: TrialSystem;
  readonly #program: Program;
  readonly #rest: RestLooks;
  readonly #placement: PlacementWatch;
  #virtualMs = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#system = new TrialSystem(plan);
    this.#program = new Program(this.#system);
    this.#rest = new RestLooks(this.#system, this.#program);
    this.#placement = new PlacementWatch({ ...plan, maxSymbolsPerConnection: plan.maxSymbols });
  }

  async run(): Promise<void> {
    const system = this.#system;
    this.#program.start();
    for (const { at, act } of this.#agenda()) {
      await this.#pass(at - this.#now);
      act();
    }
    await this.#pass(this.#plan.lengthMs - this.#now);
    await this.#recover();
    await this.#probe();
    const said = system.client.said();
    judgeCounts(system, said);
    this.#virtualMs = this.#now;
    await stopAndLook(system, this.#program, system.readers);
    judgeEnd(system, this.#program, said.shown);
    system.failures.push(...this.#placement.failures);
    await stopWhileBusy(system, this.#program);
    await system.day.stop();
  }

  /** The run ended with an error: a callback of the program threw, or virtual time is stuck. */
  async broke(error: unknown): Promise<void> {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (isKiteError(error, 'KITE_SIMULATOR_DAY_STUCK')) this.#system.fail('does-not-settle', error.message);
    else this.#system.fail('threw', text);
    this.#virtualMs = this.#now;
    await this.#system.day.stop();
  }

  /** An unhandled rejection. */
  stray(error: unknown): void {
    this.#system.fail('threw', `nobody has caught ${String(error)}`);
  }

  verdict(cpuMs: number): Verdict {
    const { failures, day, consumers } = this.#system;
    let ticks = 0;
    for (const { items } of consumers[0]?.records ?? [])
      for (const { item } of items) if (item.type === 'ticks') ticks += item.ticks.length;
    return {
      failures: failures.sort((a, b) => a.at - b.at),
      hash: day.trace.hash,
      faults: this.#plan.faults.faults.length,
      ticks,
      virtualMs: this.#virtualMs,
      cpuMs,
    };
  }

  get #now(): number {
    return this.#system.now;
  }

  /** Lets time pass, and looks at the placement every second. */
  async #pass(ms: number): Promise<void> {
    const system = this.#system;
    const end = this.#now + ms;
    for (let now = this.#now; now < end; now = this.#now) {
      const next = (Math.floor(now / LOOK_EVERY_MS) + 1) * LOOK_EVERY_MS;
      await system.day.run(Math.min(next, end) - now);
      if (next > end) continue;
      const wasBlocked = system.wasBlocked(next - LOOK_EVERY_MS, next);
      const { client, logins, wire } = system;
      const idsOf = (sockets: readonly SocketLog[]): Set<string> =>
        new Set(sockets.map(({ apiKey }) => logins.idOf(apiKey)));
      const mute = new Map<string, number>();
      for (const { apiKey } of wire.muteAt(this.#now)) {
        const id = logins.idOf(apiKey);
        mute.set(id, (mute.get(id) ?? 0) + 1);
      }
      const flapped = idsOf(wire.flappedSince(next - LOOK_EVERY_MS));
      const { startedAt, pins } = this.#program;
      const isPinned = (account: string, token: number): boolean => pins.on(account).has(token);
      const placed = client.placement();
      this.#placement.look(next, placed, wasBlocked, startedAt, mute, flapped, isPinned);
    }
  }

  /** What the program, the consumers and the oracle do, ordered by time. */
  #agenda(): { readonly at: number; readonly act: () => void }[] {
    const { pauses, consumers, subscribers, wire } = this.#system;
    const { lengthMs, actions, faults } = this.#plan;
    const looks = Array.from({ length: Math.floor(lengthMs / RESTS_EVERY_MS) }, (_, index) => ({
      at: (index + 1) * RESTS_EVERY_MS,
      act: () => this.#rest.look(),
    }));
    return [
      ...consumers.flatMap((consumer) => [
        { at: pauses.awakeAt(consumer.plan.from), act: () => consumer.open() },
        ...(consumer.plan.to === undefined
          ? []
          : [{ at: pauses.awakeAt(consumer.plan.to), act: () => consumer.close() }]),
      ]),
      ...subscribers.map((subscriber) => ({
        at: pauses.awakeAt(subscriber.plan.from),
        act: () => this.#program.join(subscriber),
      })),
      ...actions.map((action) => ({
        at: action.kind === 'order' ? action.at : pauses.awakeAt(action.at),
        act: () => this.#program.do(action),
      })),
      ...faults.faults
        .filter(({ kind }) => kind === 'jump-clock')
        .map(({ at }) => ({ at: at + 1, act: () => void wire.look() })),
      ...looks,
    ]
      .filter(({ at }) => at < lengthMs)
      .sort((a, b) => a.at - b.at);
  }

  /** The faults are over: everything must recover in time. */
  async #recover(): Promise<void> {
    const { lengthMs, failoverAfterMs, maxReconnectDelayMs, heartbeatLivenessThresholdMs } = this.#plan;
    const { day, pauses } = this.#system;
    day.simulator.heal();
    await day.simulator.resume();
    // A connection that was refused for good needs new credentials.
    for (const account of this.#plan.accounts.keys()) this.#program.logIn(account);
    const unnoticedMs = unnoticedFor(this.#plan, pauses, lengthMs);
    await this.#pass(failoverAfterMs + maxReconnectDelayMs + 1000 + unnoticedMs);
    this.#rest.lastLook();
    // A connection that fell silent just before is detected and replaced in this time.
    await day.run(heartbeatLivenessThresholdMs + maxReconnectDelayMs);
  }

  /** Stops the market, sends one last tick of each instrument, and waits until it must have arrived. */
  async #probe(): Promise<void> {
    const { day, readers } = this.#system;
    const { simulator } = day;
    simulator.setTicksPerSecond(0);
    const ended = new Set(
      this.#plan.faults.faults.flatMap((fault) => ('tokens' in fault ? fault.tokens : [])),
    );
    const tokens = [...this.#program.modes.keys()].filter((token) => !ended.has(token));
    const probedAt = this.#now;
    // An account that sees every n-th change needs n of them.
    const times = Math.max(...this.#plan.accounts.map(({ sampling }) => sampling?.every ?? 1));
    for (let time = 0; time < times; time++)
      simulator.publish(probeTicks(tokens, Math.floor(day.now / 1000) * 1000));
    await day.run(SETTLE_MS);
    for (const reader of readers) reader.hurry();
    this.#postOrders();
    await day.run(SETTLE_MS);
    judgeProbes(this.#system, this.#program, tokens, probedAt);
  }

  /** Posts many orders at once. Each arrives over every connection. */
  #postOrders(): void {
    const { logins, day } = this.#system;
    for (const [account, apiKey] of logins.apiKeys.entries())
      for (let number = 1; number <= ORDERS_AT_ONCE; number++)
        day.simulator.postOrder(apiKey, { order_id: `order-${account}-at-once-${number}` });
  }
}
