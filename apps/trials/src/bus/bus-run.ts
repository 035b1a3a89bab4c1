import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NatsServer } from '@kite/testkit';

import type { Seen } from './ledger.js';
import type { MarketPlan } from './market.js';

/** What a process of the trial is started with, and what it told last. */
class Member {
  readonly #file: string;
  readonly #job: object;
  readonly #onTold: (told: unknown) => void;
  #child: ChildProcess;

  constructor(kind: 'collector' | 'program', job: object, onTold: (told: unknown) => void) {
    this.#file = fileURLToPath(new URL(`./bus/children/${kind}.js`, import.meta.url));
    this.#job = job;
    this.#onTold = onTold;
    this.#child = this.#start();
  }

  /** Kills it, as a crash does. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async restart(downMs: number): Promise<void> {
    await this.kill();
    await delay(downMs);
    this.#child = this.#start();
  }

  #start(): ChildProcess {
    const child = fork(this.#file, [JSON.stringify(this.#job)], { execArgv: ['--no-warnings'] });
    child.on('message', (told) => this.#onTold(told));
    return child;
  }
}

/** What a trial of the bus has come to. */
export interface BusVerdict {
  kills: { collector: number; program: number; server: number; pause: number };
  /** Packets that collectors handed to the server. */
  published: number;
  /** Of all lives of all programs together. */
  total: Omit<Seen, 'breaches'>;
  lives: number;
  /** What must not have happened. */
  breaches: string[];
}

const COUNTS = ['ticks', 'gaps', 'inGaps', 'dropped', 'unexplained', 'orders'] as const;

interface Told extends Seen {
  orderIds: string[];
}

/** Two collectors, three programs and a server, of which one is killed or stopped every few seconds. */
export async function busRun({
  plan,
  server,
  forMs,
  everyMs,
  random,
  note,
}: BusRunOptions): Promise<BusVerdict> {
  const kills = { collector: 0, program: 0, server: 0, pause: 0 };
  const verdict: BusVerdict = {
    ...{ kills, published: 0, lives: 0, breaches: [] },
    total: { ticks: 0, gaps: 0, inGaps: 0, byReason: {}, dropped: 0, unexplained: 0, orders: 0 },
  };
  const servers = server.address;
  const last = new Map<string, Told>();
  const publishedBy = new Map<string, number>();
  const collectors = ['a', 'b'].map(
    (publisher) =>
      new Member('collector', { plan, servers, publisher }, (told) =>
        publishedBy.set(publisher, (told as { published: number }).published),
      ),
  );
  const programs = [0, 0, 20].map((pauseMs, index) => {
    const name = `program-${index}`;
    const tokens = plan.tokens.filter((_, at) => at % 3 === index || index === 2);
    return {
      name,
      member: new Member('program', { plan, servers, name, tokens, pauseMs }, (told) =>
        last.set(name, told as Told),
      ),
    };
  });
  const settle = (name: string): void => {
    const told = last.get(name);
    last.delete(name);
    if (!told) return;
    verdict.lives++;
    const { total } = verdict;
    for (const key of COUNTS) total[key] += told[key];
    for (const [reason, steps] of Object.entries(told.byReason))
      total.byReason[reason] = (total.byReason[reason] ?? 0) + steps;
    verdict.breaches.push(...told.breaches.map((what) => `${name}: ${what}`));
    if (told.unexplained > told.dropped)
      verdict.breaches.push(
        `${name}: ${told.unexplained} ticks are in no gap, and ${told.dropped} were told as dropped`,
      );
  };
  const endAt = Date.now() + forMs;
  try {
    for (let turn = 0; Date.now() < endAt; turn++) {
      await delay(everyMs);
      const drawn = random();
      if (drawn < 0.5) {
        const which = Math.floor(random() * collectors.length);
        note(`collector ${which} is killed`);
        verdict.published += publishedBy.get('ab'[which]!) ?? 0;
        publishedBy.delete('ab'[which]!);
        await collectors[which]!.restart(random() < 0.5 ? 0 : 500);
        kills.collector++;
      } else if (drawn < 0.7) {
        const { name, member } = programs[Math.floor(random() * programs.length)]!;
        note(`${name} is killed`);
        await member.kill();
        settle(name);
        await member.restart(0);
        kills.program++;
      } else if (drawn < 0.85) {
        note('the server is killed');
        await server.restart();
        kills.server++;
      } else {
        note('the server hangs for a second');
        server.pause(true);
        await delay(1000);
        server.pause(false);
        kills.pause++;
      }
    }
    // What is on its way comes, and what is missing is told.
    await delay(6000);
  } finally {
    for (const { name, member } of programs) {
      await member.kill();
      settle(name);
    }
    for (const collector of collectors) await collector.kill();
  }
  for (const count of publishedBy.values()) verdict.published += count;
  return verdict;
}

export interface BusRunOptions {
  readonly plan: MarketPlan;
  readonly server: NatsServer;
  readonly forMs: number;
  /** Between two faults. */
  readonly everyMs: number;
  readonly random: () => number;
  readonly note: (what: string) => void;
}
