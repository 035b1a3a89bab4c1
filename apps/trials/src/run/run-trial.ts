import type { AccessToken, ManagerConfig } from '@kite/manager';
import { isKiteError } from '@kite/protocol';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import { accountId, type Client } from '../client/client.js';
import { manyAccounts } from '../client/many-accounts.js';
import { oneAccount } from '../client/one-account.js';
import { Arrivals } from '../oracle/arrivals.js';
import { Asked } from '../oracle/asked.js';
import type { Failure, Rule } from '../oracle/failure.js';
import { judgeDrops, othersIn } from '../oracle/judge-drops.js';
import { judgeGaps } from '../oracle/judge-gaps.js';
import { judgeMerged } from '../oracle/judge-merged.js';
import { judgeOrders } from '../oracle/judge-orders.js';
import { judgeOrigins } from '../oracle/judge-origins.js';
import { isProbe, judgeProbe, probeTicks } from '../oracle/judge-probe.js';
import { judgeStates, type StateFacts } from '../oracle/judge-states.js';
import { judgeStream } from '../oracle/judge-stream.js';
import { differenceOf } from '../oracle/judge-subscriptions.js';
import { MergedStates } from '../oracle/merged-states.js';
import { originsOf } from '../oracle/opened-sockets.js';
import { LOOK_EVERY_MS, PlacementWatch } from '../oracle/placement-watch.js';
import { secretsIn } from '../oracle/secrets.js';
import { SentStates } from '../oracle/sent-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import { Wanted } from '../oracle/wanted.js';
import { type Action, apiKeyOf, type Plan } from '../plan/plan.js';
import { SCENARIOS } from '../plan/scenario.js';
import { Consumer } from './consumer.js';
import type { Verdict } from './verdict.js';
import { watched } from './watched.js';
import { WireLog } from './wire-log.js';

/** The option's default. */
const RECONNECT_DELAY_MS = 2000;

/** What keeps threads of the client from acting. */
const BLOCKS: ReadonlySet<string> = new Set(['block-main', 'sleep', 'block-worker', 'hang-worker']);

/** The market moves in steps of this length. */
const STEP_MS = 50;

/** A program that could not start tries again after so long. */
const START_AGAIN_MS = 2000;

/** For what is under way when the market stands still at last. */
const SETTLE_MS = 10_000;

/** The longest way of a message through the network: clogs and lags included. */
const LONGEST_WAY_MS = 25_000;

/** Runs one plan, and judges it. */
export async function runTrial(plan: Plan): Promise<Verdict> {
  const began = process.cpuUsage();
  const trial = new Trial(plan);
  await trial.run();
  const { user, system } = process.cpuUsage(began);
  return trial.verdict((user + system) / 1000);
}

class Trial {
  readonly #plan: Plan;
  readonly #day: VirtualDay;
  readonly #beganAt: number;
  readonly #wire: WireLog;
  readonly #wanted = new Wanted();
  readonly #asked = new Asked();
  readonly #client: Client;
  readonly #consumers: Consumer[];
  readonly #failures: Failure[] = [];
  /** Calls that have not settled yet, by name. */
  readonly #pending = new Map<symbol, string>();
  readonly #accounts: readonly { readonly apiKey: string; readonly accessToken: string }[];
  readonly #placement: PlacementWatch;
  #virtualMs = 0;
  #isStopped = false;

  constructor(plan: Plan) {
    const { replicas, worker } = SCENARIOS[plan.scenario];
    this.#plan = plan;
    this.#accounts = plan.accounts.map(({ sampling, delayMs }, index) => ({
      apiKey: apiKeyOf(plan.seed, index),
      accessToken: `access-token-${index + 1}-of-trial-${plan.seed}`,
      delayMs,
      ...(sampling && { sampling }),
    }));
    this.#day = simulateDay({
      seed: plan.seed,
      from: '09:20',
      instruments: plan.instruments.map((instrumentToken) => ({ instrumentToken })),
      accounts: this.#accounts,
      faults: plan.faults,
      ticksPerSecond: plan.ticksPerSecond,
      stepIntervalMs: STEP_MS,
      recordSent: true,
    });
    this.#beganAt = this.#day.now;
    this.#placement = new PlacementWatch({ ...plan, maxSymbolsPerConnection: 3000 });
    this.#wire = new WireLog({
      trueNow: () => this.#now,
      wallNow: () => this.#day.options.clock.now(),
    });
    let connectionId = 0;
    this.#day.simulator.on('open', ({ connection }) => (connectionId = connection.id));
    this.#day.simulator.on('handshake', ({ status, userAgent }) => {
      if (status === 101) this.#wire.accepted(userAgent, connectionId);
    });
    const config: ManagerConfig = {
      ...watched(this.#day.options, this.#wire),
      enableDedicatedParsers: worker,
      maxConnections: plan.connections,
      ringBytes: plan.ringBytes,
      failoverAfterMs: plan.failoverAfterMs,
      maxReconnectDelayMs: plan.maxReconnectDelayMs,
      heartbeatLivenessThresholdMs: plan.heartbeatLivenessThresholdMs,
      lastTicks: true,
    };
    const credentials = this.#accounts.map(({ apiKey }, account) => ({
      apiKey,
      accessToken: this.#tokenOf(account),
    }));
    this.#client =
      credentials.length === 1
        ? oneAccount(config, credentials[0]!.apiKey, credentials[0]!.accessToken)
        : manyAccounts(config, credentials, replicas);
    this.#consumers = plan.consumers.map(
      (consumer) => new Consumer(consumer, this.#client, this.#day.options.clock, () => this.#now),
    );
  }

  async run(): Promise<void> {
    const { lengthMs, failoverAfterMs, maxReconnectDelayMs, heartbeatLivenessThresholdMs } = this.#plan;
    this.#start();
    for (const { at, act } of this.#agenda()) {
      await this.#pass(at - this.#now);
      act();
    }
    await this.#pass(lengthMs - this.#now);
    // No more faults: from here on everything has to come back.
    const { simulator } = this.#day;
    simulator.heal();
    await simulator.resume();
    // What the server has refused for good, only its program brings back.
    for (const [account] of this.#accounts.entries()) this.#logIn(account);
    await this.#pass(failoverAfterMs + maxReconnectDelayMs + 1000);
    this.#judgeRest();
    // A connection that went silent just before is noticed by now, and replaced.
    await this.#day.run(heartbeatLivenessThresholdMs + maxReconnectDelayMs);
    simulator.setTicksPerSecond(0);
    const tokens = [...this.#client.facts().subscriptions.keys()];
    const probedAt = this.#now;
    // As often as it takes until each account has been shown it.
    const times = Math.max(...this.#plan.accounts.map(({ sampling }) => sampling?.every ?? 1));
    for (let time = 0; time < times; time++) simulator.publish(probeTicks(tokens, this.#day.now));
    await this.#day.run(SETTLE_MS);
    this.#judgeProbe(tokens, probedAt);
    for (const consumer of this.#consumers) consumer.hurry();
    await this.#day.run(SETTLE_MS);
    const { shown } = this.#client.facts();
    this.#virtualMs = this.#now;
    await this.#stop();
    this.#judgeStreams(shown);
    this.#failures.push(...this.#placement.failures);
    this.#failures.sort((a, b) => a.at - b.at);
  }

  verdict(cpuMs: number): Verdict {
    const all = this.#consumers[0]?.records ?? [];
    let ticks = 0;
    for (const { items } of all)
      for (const { item } of items) if (item.type === 'ticks') ticks += item.ticks.length;
    return {
      failures: this.#failures,
      hash: this.#day.trace.hash,
      faults: this.#plan.faults.faults.length,
      ticks,
      virtualMs: this.#virtualMs,
      cpuMs,
    };
  }

  get #now(): number {
    return this.#day.now - this.#beganAt;
  }

  /** Lets time pass, and looks on. */
  async #pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let now = this.#now; now < end; now = this.#now) {
      const next = (Math.floor(now / LOOK_EVERY_MS) + 1) * LOOK_EVERY_MS;
      await this.#day.run(Math.min(next, end) - now);
      if (next <= end)
        this.#placement.look(next, this.#client.placement(), this.#wasBlocked(next - LOOK_EVERY_MS, next));
    }
  }

  /** What the program gives as its access token. */
  #tokenOf(account: number): AccessToken {
    const { apiKey } = this.#accounts[account]!;
    const { hasFixedToken } = this.#plan.accounts[account]!;
    const token = (): string => this.#day.accessTokenOf(apiKey);
    return hasFixedToken ? token() : token;
  }

  #logIn(account: number): void {
    this.#call('updateCredentials', this.#client.updateToken(account, this.#tokenOf(account)));
  }

  /** When the program can act: at this time, or a moment after it is blocked or asleep no more. */
  #awakeAt(at: number): number {
    const spans = this.#plan.faults.faults.flatMap((fault) =>
      fault.kind === 'block-main' || fault.kind === 'sleep'
        ? [{ from: fault.at, to: fault.at + fault.forMs }]
        : [],
    );
    for (;;) {
      const span = spans.find(({ from, to }) => from <= at && at <= to);
      if (!span) return at;
      at = span.to + 1;
    }
  }

  /** What the program and the consumers do, by time. */
  #agenda(): { readonly at: number; readonly act: () => void }[] {
    return [
      ...this.#consumers.flatMap((consumer) => [
        { at: this.#awakeAt(consumer.plan.from), act: () => consumer.open() },
        ...(consumer.plan.to === undefined || consumer.plan.to > this.#plan.lengthMs
          ? []
          : [{ at: this.#awakeAt(consumer.plan.to), act: () => consumer.close() }]),
      ]),
      ...this.#plan.actions.map((action) => ({
        at: action.kind === 'order' ? action.at : this.#awakeAt(action.at),
        act: () => this.#act(action),
      })),
      ...this.#plan.faults.faults
        .filter(({ kind }) => kind === 'jump-clock')
        .map(({ at }) => ({ at: at + 1, act: () => this.#wire.look() })),
    ]
      .filter(({ at }) => at < this.#plan.lengthMs)
      .sort((a, b) => a.at - b.at);
  }

  #act(action: Action): void {
    const client = this.#client;
    switch (action.kind) {
      case 'subscribe':
        this.#wanted.note(action.tokens, this.#now, true);
        this.#asked.note(action.tokens, this.#now, action.mode);
        this.#call('subscribe', client.subscribe(action.tokens, action.mode));
        break;
      case 'unsubscribe':
        this.#wanted.note(action.tokens, this.#now, false);
        this.#call('unsubscribe', client.unsubscribe(action.tokens));
        break;
      case 'mode':
        this.#asked.note(action.tokens, this.#now, action.mode);
        this.#call('changeMode', client.changeMode(action.tokens, action.mode));
        break;
      case 'order':
        this.#day.simulator.postOrder(this.#accounts[action.account]!.apiKey, {
          order_id: `order-${action.account}-${action.number}`,
        });
        break;
      case 'log-in':
        this.#logIn(action.account);
        break;
      case 'restart':
        this.#wanted.note(this.#plan.instruments, this.#now, false);
        this.#call(
          'restart',
          client.stop().then(() => {
            this.#wanted.note(client.facts().subscriptions.keys(), this.#now, true);
            this.#start();
          }),
        );
    }
  }

  /** Where no account can be opened, the program tries again. */
  #start(): void {
    const started = this.#client.start().catch((error: unknown) => {
      if (!isKiteError(error, 'KITE_MULTI_API_START_FAILED')) throw error;
      this.#day.options.clock.setTimeout(() => {
        if (!this.#isStopped) this.#start();
      }, START_AGAIN_MS);
    });
    this.#call('start', started);
  }

  /** A call that may be refused as documented, and may not fail otherwise. */
  #call(name: string, done: Promise<unknown>): void {
    const call = Symbol(name);
    this.#pending.set(call, name);
    done
      .catch((error: unknown) => {
        if (isKiteError(error) && DOCUMENTED.has(error.code)) return;
        this.#fail('threw', `${name}: ${String(error)}`);
      })
      .finally(() => this.#pending.delete(call));
  }

  /** After the faults, and after the time that it may take: everything streams as it is wanted. */
  #judgeRest(): void {
    const { subscriptions, unplaced, status } = this.#client.facts();
    const { connections } = this.#day.simulator;
    const { replicas } = SCENARIOS[this.#plan.scenario];
    const difference = differenceOf(subscriptions, connections, replicas);
    if (difference !== undefined) this.#fail('not-streaming', difference);
    if (difference === undefined && unplaced > 0) this.#fail('health-wrong', `unplaced ${unplaced}`);
    if (difference === undefined && status !== 'healthy')
      this.#fail('health-wrong', `the status is ${status}`);
  }

  /** The newest tick of each instrument is on its way no more: it has come. */
  #judgeProbe(tokens: readonly number[], probedAt: number): void {
    for (const name of this.#pending.values()) this.#fail('does-not-settle', `${name} has not settled`);
    // Said already, and nothing can come.
    if (this.#failures.some(({ rule }) => rule === 'not-streaming')) return;
    for (const consumer of this.#consumers)
      if (consumer.hasCaughtUp) {
        const record = consumer.records.at(-1)!;
        // Other policies may have dropped it, and say so.
        const isSure = consumer.plan.overflow === 'conflate' || !hasDropped(record, probedAt);
        if (isSure) this.#failures.push(...judgeProbe(record, tokens, this.#now));
      }
    const behind = tokens.filter((token) => !isProbe(this.#client.lastTick(token)));
    if (behind.length > 0) this.#fail('stale', `getLastTick(${behind[0]}) is not the newest`);
  }

  async #stop(): Promise<void> {
    const stop = { isDone: false };
    this.#isStopped = true;
    this.#call(
      'stop',
      this.#client.stop().then(() => (stop.isDone = true)),
    );
    for (const consumer of this.#consumers) consumer.close();
    await this.#day.run(2000);
    if (!stop.isDone) this.#fail('does-not-settle', 'stop() took more than two seconds');
    await this.#day.run(2000);
    const { timers, sockets, workers } = this.#day.pending;
    if (timers + sockets + workers > 0)
      this.#fail('left-over', `${timers} timers, ${sockets} sockets, ${workers} workers`);
    await this.#day.stop();
  }

  #judgeStreams(shown: unknown): void {
    const { simulator } = this.#day;
    const { replicas, worker } = SCENARIOS[this.#plan.scenario];
    const ids = new Map(this.#accounts.map(({ apiKey }, index) => [apiKey, accountId(index)]));
    const accountOf = (apiKey: string): string => ids.get(apiKey) ?? apiKey;
    const arrivals = new Arrivals(this.#wire.sockets);
    const common = { arrivals, wire: this.#wire, wanted: this.#wanted, longestWayMs: LONGEST_WAY_MS };
    const sent = new SentStates(simulator.sent, this.#beganAt, accountOf);
    let judge: (record: StreamRecord) => Failure[];
    if (replicas > 1) {
      const merged = new MergedStates(simulator.sent, this.#beganAt, accountOf, arrivals);
      judge = (record) => judgeMerged(record, { ...common, sent: merged, asked: this.#asked });
    } else judge = (record) => judgeStream(record, { ...common, sent });
    const secrets = this.#accounts.flatMap(({ apiKey, accessToken }) => [
      apiKey,
      accessToken,
      this.#day.accessTokenOf(apiKey),
    ]);
    const all = this.#consumers.find(({ plan }) => plan.id === 'all')?.records ?? [];
    const origins = { sent, arrivals, originOf: originsOf(all, this.#wire.sockets), merges: replicas > 1 };
    for (const consumer of this.#consumers) {
      for (const record of consumer.records) {
        this.#failures.push(...judge(record), ...judgeOrigins(record, origins));
        if (replicas === 1 && !worker)
          this.#failures.push(...judgeDrops(record, { sent, arrivals, others: othersIn(all, record) }));
        if (consumer.plan.id === 'all') {
          this.#failures.push(...judgeStates(record, this.#stateFacts()));
          if (replicas === 1) this.#failures.push(...judgeGaps(record, this.#wire));
        }
        if (consumer.plan.kind === 'messages') this.#failures.push(...judgeOrders(record, this.#wire));
        for (const { at, item } of record.items)
          if (item.type === 'other' || item.type === 'gap')
            for (const secret of secretsIn(item, secrets))
              this.#failures.push({ rule: 'secret-shown', at, consumer: record.consumer, text: secret });
      }
    }
    for (const secret of secretsIn(shown, secrets)) this.#fail('secret-shown', secret);
  }

  #stateFacts(): StateFacts {
    const { lengthMs, maxReconnectDelayMs } = this.#plan;
    return {
      sockets: this.#wire.sockets,
      wasBlocked: (from, to) => this.#wasBlocked(from, to),
      reconnectDelayMs: RECONNECT_DELAY_MS,
      maxReconnectDelayMs,
      faultsEndAt: lengthMs,
    };
  }

  /** Whether a thread of the client could not act at some time in this span. */
  #wasBlocked(from: number, to: number): boolean {
    return this.#plan.faults.faults.some(
      (fault) =>
        BLOCKS.has(fault.kind) && fault.at <= to && (!('forMs' in fault) || fault.at + fault.forMs >= from),
    );
  }

  #fail(rule: Rule, text: string): void {
    this.#failures.push({ rule, at: this.#now, text });
  }
}

function hasDropped({ items }: StreamRecord, since: number): boolean {
  return items.some(({ at, item }) => item.type === 'dropped' && at >= since);
}

/** Refusals that the documentation announces for what a program of the trial does. */
const DOCUMENTED: ReadonlySet<string> = new Set([
  'KITE_MANAGER_NOT_SUBSCRIBED',
  'KITE_MANAGER_STOPPED',
  'KITE_MULTI_API_NOT_SUBSCRIBED',
  'KITE_MULTI_API_STOPPED',
]);
