import { setTimeout as sleep } from 'node:timers/promises';
import type { SentTick } from '@kite/simulator';

import type { Failure } from '../oracle/failure.js';
import { probeTicks } from '../oracle/judge-probe.js';
import type { Pause } from '../oracle/pauses.js';
import { secretsIn } from '../oracle/secrets.js';
import { Chance } from '../plan/chance.js';
import { strike, type Target } from './faults.js';
import type { IoThreads } from './io-threads.js';
import { judgeRound } from './judge-round.js';
import type { Leftovers } from './leftovers.js';
import type { Network } from './network.js';
import { type Note, notesOf } from './note.js';
import { judgeNewest, judgePeace } from './peace.js';
import { Program } from './program.js';
import type { RelayProcess } from './relay-process.js';
import type { RoundPlan } from './round-plan.js';
import type { ServerProcess } from './server-process.js';
import { type Moment, nextMoment, sharedMs } from './shared-clock.js';
import type { SocketWatch } from './socket-watch.js';
import { type AccountKill, survivalOf } from './survivors.js';
import type { Tally } from './tally.js';
import { tickCounts } from './tick-counts.js';

/** Everything that outlives a round. */
export interface Stage {
  readonly server: ServerProcess;
  readonly relay: RelayProcess | undefined;
  readonly network: Network | undefined;
  readonly threads: IoThreads;
  readonly watch: SocketWatch;
  readonly leftovers: Leftovers;
  readonly tally: Tally;
  readonly workerUrl: URL;
  /** What the sockets have seen since the last call. */
  takeNotes(): readonly Note[];
}

/** For the whole market. */
export const TICKS_PER_SECOND = 300;

/** The longest fault is over by then. */
const BLOWS_END_IN_MS = 30_000;

/** Added to the time allowed for recovery. */
const SPARE_MS = 2500;

/** For data under way when the market stops. */
const SETTLE_MS = 1500;

/** The longest a stop may take, in milliseconds. */
const STOPS_IN_MS = 2000;

/** How often an order is posted, in milliseconds. */
const ORDER_EVERY_MS = 700;

/** One round: programs run under faults, the faults stop, everything must recover, and the round is judged. */
export class Round {
  readonly #plan: RoundPlan;
  readonly #stage: Stage;
  readonly #began: Moment = nextMoment();
  readonly #programs: readonly Program[];
  readonly #pauses: Pause[] = [];
  readonly #kills = new Map<Program, AccountKill[]>();
  readonly #down = new Set<Program>();
  #orders = 0;

  constructor(plan: RoundPlan, stage: Stage) {
    const { server, relay, watch, workerUrl } = stage;
    this.#plan = plan;
    this.#stage = stage;
    const direct = new URL(server.url);
    this.#programs = plan.programs.map(({ isRelayed }, index) => {
      const url = new URL(direct);
      if (relay && isRelayed) url.port = String(relay.port);
      return new Program(plan, index, { url: url.href, watch, workerUrl, now: () => this.#now });
    });
  }

  async run(): Promise<void> {
    const { server, tally } = this.#stage;
    await server.takeSent();
    this.#stage.takeNotes();
    await server.do('setTicksPerSecond', TICKS_PER_SECOND);
    await this.#start();
    await this.#suffer();
    await this.#comeBack();
    await this.#probe();
    const shown = this.#programs.map(({ client }) => client.said().shown);
    await this.#stop();
    const [sent, notes] = [await server.takeSent(), this.#stage.takeNotes()];
    for (const [index, program] of this.#programs.entries()) this.#judge(program, sent, notes, shown[index]);
    tally.rounds++;
  }

  get #now(): number {
    return sharedMs() - this.#began.sharedMs;
  }

  async #start(): Promise<void> {
    const chance = new Chance(this.#plan.seed * 10_007 + this.#plan.number, 'start');
    for (const program of this.#programs) {
      for (const { apiKey, accessToken } of program.accounts)
        await this.#stage.server.do('setAccessToken', apiKey, accessToken);
      program.consumers[0]!.open();
      program.subscribe(this.#plan.instruments, chance.pick(['ltp', 'quote', 'full', 'full'] as const));
    }
    await Promise.all(this.#programs.map((program) => program.start()));
  }

  async #suffer(): Promise<void> {
    const target: Target = {
      ...this.#stage,
      round: this.#plan,
      programs: this.#programs,
      now: () => this.#now,
      stalled: (from, to) => void this.#pauses.push({ from, to }),
      accountDown: (program, account, forMs) => {
        const from = this.#now;
        const kill = {
          account: program.accountOf(program.accounts[account]!.apiKey),
          from,
          to: from + forMs,
        };
        this.#kills.set(program, [...(this.#kills.get(program) ?? []), kill]);
      },
    };
    const orders = setInterval(() => this.#postOrder(), ORDER_EVERY_MS);
    const blows: Promise<void>[] = [];
    const startedAt = this.#now;
    for (const fault of this.#plan.faults) {
      await sleep(Math.max(0, startedAt + fault.at - this.#now));
      this.#stage.tally.struck(fault.kind);
      blows.push(strike(target, fault));
    }
    clearInterval(orders);
    const limit = sleep(BLOWS_END_IN_MS, 'late', { ref: false });
    if ((await Promise.race([Promise.all(blows), limit])) === 'late')
      throw new Error('a fault does not come to its end');
  }

  #postOrder(): void {
    const program = this.#programs[++this.#orders % this.#programs.length]!;
    const { apiKey } = program.accounts[this.#orders % program.accounts.length]!;
    void this.#stage.server.do('postOrder', apiKey, {
      order_id: `order-${this.#plan.number}-${this.#orders}`,
    });
  }

  /** Ends all faults: everything must recover. */
  async #comeBack(): Promise<void> {
    const { server } = this.#stage;
    await server.do('heal');
    await server.do('resume');
    for (const program of this.#programs)
      for (const [account, { apiKey, accessToken }] of program.accounts.entries()) {
        await server.do('setAccessToken', apiKey, accessToken);
        program.logIn(account, accessToken);
      }
    const { failoverAfterMs, maxReconnectDelayMs, heartbeatLivenessThresholdMs, connectionTimeoutMs } =
      this.#plan.timing;
    // Time to notice a hung worker or a mute peer, then time for the next attempt.
    await sleep(
      heartbeatLivenessThresholdMs + connectionTimeoutMs + failoverAfterMs + maxReconnectDelayMs + SPARE_MS,
    );
    const connections = await server.connections();
    for (const program of this.#programs)
      if (!judgePeace(program, connections, this.#now)) this.#down.add(program);
  }

  /** Stops the market and sends one last tick of each instrument to every program. */
  async #probe(): Promise<void> {
    const { server } = this.#stage;
    await server.do('setTicksPerSecond', 0);
    const tokens = [...new Set(this.#programs.flatMap(({ modes }) => [...modes.keys()]))];
    const probedAt = this.#now;
    await server.do('publish', probeTicks(tokens, Math.floor(Date.now() / 1000) * 1000));
    await sleep(SETTLE_MS);
    for (const { consumers } of this.#programs) for (const consumer of consumers) consumer.hurry();
    await sleep(SETTLE_MS);
    for (const program of this.#programs)
      if (!this.#down.has(program)) judgeNewest(program, probedAt, this.#now);
  }

  async #stop(): Promise<void> {
    const { threads, leftovers } = this.#stage;
    for (const program of this.#programs) {
      const limit = sleep(STOPS_IN_MS + SPARE_MS, 'late', { ref: false });
      const outcome = await Promise.race([program.stop(), limit]);
      if (outcome === 'late') program.fail('does-not-settle', 'stop() took too long');
    }
    await sleep(STOPS_IN_MS);
    for (const program of this.#programs) {
      for (const name of program.unsettled) program.fail('does-not-settle', name);
      for (const { isReading, plan } of program.consumers)
        if (isReading) program.fail('left-over', `${plan.id} still waits for its channel after a stop`);
    }
    const [first] = this.#programs;
    if (threads.alive > 0) first!.fail('left-over', `${threads.alive} I/O workers after a stop`);
    for (const text of leftovers.found()) first!.fail('left-over', `${text} after a stop`);
  }

  #judge(program: Program, allSent: readonly SentTick[], allNotes: readonly Note[], shown: unknown): void {
    const { tally, server } = this.#stage;
    const { layer, plan, consumers, wanted, asked, secrets, failures } = program;
    const records = consumers.map((consumer) => consumer.records);
    const sent = allSent.filter(({ apiKey }) => program.has(apiKey));
    const verdict = judgeRound({
      ...{ began: this.#began, sent, records, wanted, asked, secrets },
      ...{ accepted: server.accepted, replicas: plan.replicas, isDownAtEnd: this.#down.has(program) },
      notes: notesOf(allNotes, (apiKey) => program.has(apiKey)),
      pauses: this.#pauses,
      accountOf: (apiKey) => program.accountOf(apiKey),
    });
    for (const secret of secretsIn(shown, secrets)) program.fail('secret-shown', secret);
    const all: Failure[] = [...failures, ...verdict.failures];
    tally.breaches.push(...all.map((failure) => ({ ...failure, round: this.#plan.number, layer })));
    tally.counted(layer, tickCounts(sent, records[0]!));
    if (plan.replicas > 1)
      tally.survived(survivalOf(this.#kills.get(program) ?? [], records[0]!, verdict.facts));
  }
}
