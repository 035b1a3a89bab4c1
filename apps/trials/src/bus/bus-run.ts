import { setTimeout as delay } from 'node:timers/promises';
import type { NatsServer } from '@kite/testkit';

import { type BusFaultKind, faultOf } from './bus-fault.js';
import { BusTally, type BusVerdict } from './bus-tally.js';
import { ORDERS_WITHIN_MS } from './judge-bus-orders.js';
import { TOLD_WITHIN_MS } from './ledger.js';
import type { MarketPlan } from './market.js';
import { Member } from './member.js';
import { storedOrders } from './stored-orders.js';
import type { CollectorTold, ProgramTold } from './told.js';

export interface BusRunOptions {
  readonly plan: MarketPlan;
  readonly server: NatsServer;
  readonly forMs: number;
  /** Goes on until so many collectors were killed, for three times as long at most. */
  readonly kills: number;
  /** Between two faults. */
  readonly everyMs: number;
  readonly random: () => number;
  readonly note: (what: string) => void;
}

/** How long one program sleeps now and then, with a channel that is too small for that. */
const PAUSES_MS = [0, 0, 1500];
const BOTH_DOWN_MS = 8000;
const HANGS_MS = 1000;
/** After the last fault what is missing must be told. */
const SETTLES_MS = TOLD_WITHIN_MS + 2000;
const LOOK_AGAIN_MS = 500;

/** Two collectors, three programs and a server, of which something is killed or stopped every few seconds. */
export async function busRun(options: BusRunOptions): Promise<BusVerdict> {
  const { server, forMs, kills, everyMs, random } = options;
  const run = new BusRun(options);
  const beganAt = Date.now();
  const isOver = (): boolean => {
    const forLong = Date.now() - beganAt;
    return forLong >= forMs * 3 || (forLong >= forMs && run.tally.kills.collector >= kills);
  };
  try {
    while (!isOver()) {
      await delay(everyMs);
      await run.suffer(faultOf(random()));
    }
    await delay(Math.max(SETTLES_MS, ORDERS_WITHIN_MS));
  } finally {
    await run.end();
  }
  return run.tally.verdict(await storedOrders(server.address));
}

class BusRun {
  readonly tally: BusTally;
  readonly #options: BusRunOptions;
  readonly #collectors: readonly Member<CollectorTold>[];
  readonly #programs: readonly Member<ProgramTold>[];

  constructor(options: BusRunOptions) {
    const { plan, server, kills } = options;
    const servers = server.address;
    this.#options = options;
    this.#collectors = ['a', 'b'].map((name) => new Member('collector', name, { plan, servers }));
    this.#programs = PAUSES_MS.map((pauseMs, index) => {
      const tokens = plan.tokens.filter((_, at) => pauseMs > 0 || at % 3 === index);
      return new Member('program', `program-${index}`, { plan, servers, tokens, pauseMs });
    });
    const slow = this.#programs.flatMap(({ name }, index) => (PAUSES_MS[index]! > 0 ? [name] : []));
    this.tally = new BusTally({ kills, slow, symbolCount: plan.tokens.length });
  }

  async suffer(kind: BusFaultKind): Promise<void> {
    const { server, random, note } = this.#options;
    const { kills } = this.tally;
    kills[kind]++;
    switch (kind) {
      case 'collector': {
        const collector = this.#one(this.#collectors);
        note(`collector ${collector.name} is killed`);
        await this.#killCollector(collector, random() < 0.5 ? 0 : 500);
        return;
      }
      case 'both':
        note(`both collectors are killed, and down for ${BOTH_DOWN_MS / 1000} s`);
        kills.collector += this.#collectors.length;
        await Promise.all(this.#collectors.map((one) => this.#killCollector(one, BOTH_DOWN_MS)));
        return;
      case 'program': {
        const program = this.#one(this.#programs);
        // What it misses may be told up to 10 s later: only then can its life be judged.
        const waitsUntil = Date.now() + SETTLES_MS;
        while ((program.told?.open ?? 1) > 0 && Date.now() < waitsUntil) await delay(LOOK_AGAIN_MS);
        note(`${program.name} is killed`);
        this.tally.programEnded(program.name, await program.kill(), false);
        await program.startAfter(random() < 0.5 ? 0 : 3000);
        return;
      }
      case 'server':
        note('the server is killed');
        await server.restart();
        return;
      case 'pause':
        note('the server hangs for a second');
        server.pause(true);
        await delay(HANGS_MS);
        server.pause(false);
    }
  }

  /** Kills everything; what was told last is the end of each. */
  async end(): Promise<void> {
    for (const program of this.#programs) this.tally.programEnded(program.name, await program.kill(), true);
    for (const collector of this.#collectors)
      this.tally.collectorEnded(collector.name, await collector.kill(), true);
  }

  async #killCollector(collector: Member<CollectorTold>, downMs: number): Promise<void> {
    this.tally.collectorEnded(collector.name, await collector.kill(), false);
    await collector.startAfter(downMs);
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#options.random() * list.length)]!;
  }
}
