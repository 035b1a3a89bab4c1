import { createHash } from 'node:crypto';
import { Timer } from '@kite/kit';
import { VirtualClock } from '@kite/testkit';

import type { Failure, Rule } from '../oracle/failure.js';
import { Chance } from '../plan/chance.js';
import type { Verdict } from '../run/verdict.js';
import { BusCollector } from './bus-collector.js';
import { BusMarket } from './bus-market.js';
import type { BusFault, BusPlan } from './bus-plan.js';
import { BusProgramLife } from './bus-program.js';
import { judgeLife, judgeOrders, judgeReplay } from './judge-bus.js';
import { MemoryServer } from './memory-server.js';

/** After the faults: everything reconnects, restates what it wants, and is told what was missed. */
const RECOVER_MS = 20_000;
const SETTLE_MS = 10_000;

/** Runs a plan of the bus in virtual time, and judges it. */
export async function runBusTrial(plan: BusPlan): Promise<Verdict> {
  const began = process.cpuUsage();
  const trial = new BusTrial(plan);
  const stray = (error: unknown): void => trial.fail('threw', `nobody has caught ${String(error)}`);
  process.on('unhandledRejection', stray);
  try {
    await trial.run();
  } catch (error) {
    trial.fail('threw', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    process.off('unhandledRejection', stray);
  }
  const { user, system } = process.cpuUsage(began);
  return trial.verdict((user + system) / 1000);
}

type CollectorFault = Extract<BusFault, { who: number; forMs: number }>;

class BusTrial {
  readonly #plan: BusPlan;
  readonly #clock = new VirtualClock();
  readonly #startedAt = this.#clock.now();
  readonly #chance: Chance;
  readonly #server: MemoryServer;
  readonly #market: BusMarket;
  readonly #collectors: BusCollector[];
  readonly #lives: BusProgramLife[] = [];
  /** The life of each program that is at work. */
  readonly #programs: (BusProgramLife | undefined)[] = [];
  readonly #failures: Failure[] = [];
  #orders = 0;
  #isOver = false;
  /** The next change of the market, and the next order. */
  readonly #coming: Timer[] = [];

  constructor(plan: BusPlan) {
    this.#plan = plan;
    this.#chance = new Chance(plan.seed, 'bus market');
    this.#server = new MemoryServer(this.#clock, new Chance(plan.seed, 'bus server'));
    this.#market = new BusMarket(plan.tokens, plan.form);
    this.#collectors = plan.collectors.map(
      ({ delayMs }, index) => new BusCollector('ab'[index]!, this.#server, this.#market, delayMs),
    );
  }

  async run(): Promise<void> {
    const { lengthMs, programs, faults, tokens } = this.#plan;
    for (const collector of this.#collectors) void collector.start();
    for (const index of programs.keys()) this.#open(index);
    this.#repeat(this.#plan.everyMs, () => {
      for (const token of this.#chance.some(this.#chance.integer(1, tokens.length), tokens))
        this.#show(token);
    });
    this.#repeat(this.#plan.orderEveryMs, () => this.#order());
    for (const fault of faults) {
      await this.#clock.advance(Math.max(0, fault.at - this.#clock.monotonic()));
      await this.#suffer(fault);
    }
    await this.#clock.advance(lengthMs - this.#clock.monotonic());
    await this.#heal();
    await this.#clock.advance(RECOVER_MS);
    this.#isOver = true;
    for (const timer of this.#coming) timer.clear();
    for (const life of this.#lives) life.hurry();
    // One more state of each instrument, and one more order.
    for (const token of tokens) this.#show(token);
    this.#order();
    await this.#clock.advance(SETTLE_MS);
    this.#judge();
    for (const life of this.#lives) await this.#ended(life.close());
    for (const collector of this.#collectors) await this.#ended(collector.close());
    this.#server.close();
    await this.#clock.advance(3000);
    if (this.#clock.pending > 0) this.fail('left-over', `${this.#clock.pending} timers`);
  }

  fail(
    rule: Rule,
    text: string,
    at = this.#clock.now(),
    who: Pick<Failure, 'consumer' | 'instrument'> = {},
  ): void {
    this.#failures.push({ rule, text, at: at - this.#startedAt, ...who });
  }

  verdict(cpuMs: number): Verdict {
    const hash = createHash('sha256');
    let ticks = 0;
    for (const { name, read } of this.#lives)
      for (const { message, at } of read) {
        if (message.type === 'ticks') ticks += message.ticks.length;
        hash.update(`${name} ${at} ${message.type === 'issue' ? message.type : JSON.stringify(message)}\n`);
      }
    return {
      failures: this.#failures.sort((a, b) => a.at - b.at),
      hash: hash.digest('hex').slice(0, 16),
      faults: this.#plan.faults.length,
      ticks,
      virtualMs: this.#clock.monotonic(),
      cpuMs,
    };
  }

  /** Waits for what takes virtual time. */
  async #ended(ending: Promise<void>): Promise<void> {
    const how = { hasEnded: false };
    void ending.then(() => {
      how.hasEnded = true;
    });
    for (let n = 0; n < 50 && !how.hasEnded; n++) await this.#clock.advance(100);
    if (!how.hasEnded) this.fail('does-not-settle', 'close() did not end within 5 s');
  }

  #open(index: number, tokens = this.#plan.programs[index]!.tokens): void {
    if (this.#programs[index] || this.#isOver) return;
    const life = new BusProgramLife(
      `program-${index}`,
      this.#lives.length,
      this.#server,
      this.#plan.programs[index]!,
    );
    this.#programs[index] = life;
    this.#lives.push(life);
    life.want(tokens);
  }

  /** Does something again and again, at random times. */
  #repeat(everyMs: number, act: () => void): void {
    const timer = new Timer(this.#clock);
    this.#coming.push(timer);
    const wait = (): void =>
      timer.set(Math.round(everyMs * 2 * this.#chance.next()), () => {
        act();
        wait();
      });
    wait();
  }

  #show(token: number): void {
    const state = this.#market.next(token, this.#clock.now());
    for (const collector of this.#collectors) collector.show(state);
  }

  #order(): void {
    const order = { order_id: String(++this.#orders), status: 'COMPLETE' };
    for (const collector of this.#collectors) collector.order(order);
  }

  async #suffer(fault: BusFault): Promise<void> {
    const server = this.#server;
    const later = (ms: number, act: () => unknown): void => void this.#clock.setTimeout(() => void act(), ms);
    const { kind } = fault;
    if (kind === 'restart-server') {
      if (!server.isUp) return;
      server.kill();
      later(fault.forMs, () => server.start(fault.readyAfterMs));
    } else if (kind === 'pause-server') {
      server.pause(true);
      later(fault.forMs, () => server.pause(false));
    } else if (kind === 'skip-storing') {
      server.isStoring = false;
      later(fault.forMs, () => (server.isStoring = true));
    } else if (kind === 'want') this.#programs[fault.who]?.want(fault.tokens);
    else if (kind === 'replay') this.#programs[fault.who]?.replay(fault.backMs);
    else if (kind === 'kill-program') {
      const life = this.#programs[fault.who];
      this.#programs[fault.who] = undefined;
      await life?.kill();
      later(fault.forMs, () => this.#open(fault.who));
    } else if (kind === 'lose-program' || kind === 'stall-program') {
      const bus = this.#programs[fault.who]?.bus;
      if (!bus) return;
      if (kind === 'stall-program') {
        bus.inward.hold(true);
        later(fault.forMs, () => bus.inward.hold(false));
      } else {
        bus.lose();
        bus.dial(fault.forMs);
      }
    } else if ('who' in fault) await this.#sufferCollector(this.#collectors[fault.who]!, fault);
  }

  async #sufferCollector(
    collector: BusCollector,
    { kind, forMs }: Pick<CollectorFault, 'kind' | 'forMs'>,
  ): Promise<void> {
    const later = (act: () => unknown): void => void this.#clock.setTimeout(() => void act(), forMs);
    if (kind === 'kill-collector') {
      await collector.kill();
      later(() => collector.start());
    } else if (kind === 'cut-kite') {
      collector.cutKite();
      later(() => collector.mendKite());
    } else
      for (const bus of collector.buses)
        if (kind === 'stall-collector') {
          bus.outward.hold(true);
          later(() => bus.outward.hold(false));
        } else {
          bus.lose();
          bus.dial(forMs);
        }
  }

  /** The longest fault ends by itself; what is left is put right. */
  async #heal(): Promise<void> {
    await this.#clock.advance(7000);
    const server = this.#server;
    if (!server.isUp) server.start(0);
    server.pause(false);
    server.isStoring = true;
    for (const collector of this.#collectors) {
      void collector.start();
      collector.mendKite();
    }
    for (const index of this.#programs.keys()) this.#open(index);
  }

  #judge(): void {
    const end = { startedAt: this.#startedAt, endedAt: this.#clock.now() };
    const fail = this.fail.bind(this);
    for (const life of this.#lives) {
      judgeLife(life, this.#market, end, fail);
      judgeOrders(life, this.#server.orders, end, fail);
      for (const replay of life.replays) judgeReplay(life, replay, this.#market, end, fail);
    }
    const stored = new Set(this.#server.orders.map(({ id }) => id!.split(':')[0]));
    const wanted = new Set(this.#programs.flatMap((life) => [...(life?.feed.subscriptions.keys() ?? [])]));
    for (const { orders, tokens } of this.#collectors) {
      for (const id of orders) if (!stored.has(id)) this.fail('order-lost', `the order ${id} was not stored`);
      const differ = [...wanted].some((token) => !tokens?.has(token)) || tokens?.size !== wanted.size;
      if (differ)
        this.fail(
          'subscriptions-differ',
          `wanted are ${[...wanted].join(' ')}, subscribed ${[...(tokens ?? [])].join(' ')}`,
        );
    }
  }
}
