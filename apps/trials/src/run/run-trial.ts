import type { AccessToken, ManagerConfig } from '@kite/manager';
import { isKiteError, type Mode } from '@kite/protocol';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import { accountId, type Client } from '../client/client.js';
import { manyAccounts } from '../client/many-accounts.js';
import { oneAccount } from '../client/one-account.js';
import { Arrivals } from '../oracle/arrivals.js';
import { Asked } from '../oracle/asked.js';
import type { Facts } from '../oracle/facts.js';
import type { Failure, Rule } from '../oracle/failure.js';
import { isProbe, judgeProbe, probeTicks } from '../oracle/judge-probe.js';
import { judgeRest, SILENT_MS } from '../oracle/judge-rest.js';
import { judgeStates, type StateFacts } from '../oracle/judge-states.js';
import { judgeStreams, type ReplicaFacts } from '../oracle/judge-trial.js';
import { MergedStates } from '../oracle/merged-states.js';
import { channelsOf } from '../oracle/opened-sockets.js';
import type { Pauses } from '../oracle/pauses.js';
import { LOOK_EVERY_MS, PlacementWatch } from '../oracle/placement-watch.js';
import { secretsIn } from '../oracle/secrets.js';
import { SentStates } from '../oracle/sent-states.js';
import type { StreamRecord } from '../oracle/stream-record.js';
import { TickKeys } from '../oracle/tick-keys.js';
import { Wanted } from '../oracle/wanted.js';
import { type Action, apiKeyOf, type Plan } from '../plan/plan.js';
import { SCENARIOS } from '../plan/scenario.js';
import { Consumer } from './consumer.js';
import { pausesOf } from './pauses-of.js';
import { Quiet } from './quiet.js';
import { ServerLog } from './server-log.js';
import type { Verdict } from './verdict.js';
import { watched } from './watched.js';
import { WireLog } from './wire-log.js';

/** The option's default. */
const RECONNECT_DELAY_MS = 2000;

/** What keeps threads of the client from acting. */
const BLOCKS: ReadonlySet<string> = new Set(['block-main', 'sleep', 'block-worker', 'hang-worker']);

/** The longest way of a message through the network: clogs and lags included. */
const LONGEST_WAY_MS = 25_000;

/** For what is under way when the market stands still at last. */
const SETTLE_MS = 10_000;

/** A program that could not start tries again after so long. */
const START_AGAIN_MS = 2000;

/** How often it is looked whether nothing is under way. */
const RESTS_EVERY_MS = 5000;

/** A connection over which nothing has come for so long may be lost, and nobody knows yet. */
const ALIVE_MS = 2000;

/** On top of `failoverAfterMs`, for the move itself. */
const MOVES_IN_MS = 1000;

/** What was under way for less may have come or not. */
const UNDER_WAY_MS = 1500;

/** Runs one plan, and judges it. */
export async function runTrial(plan: Plan): Promise<Verdict> {
  const began = process.cpuUsage();
  const trial = new Trial(plan);
  const stray = (error: unknown): void => trial.stray(error);
  process.on('unhandledRejection', stray);
  try {
    await trial.run();
  } finally {
    process.off('unhandledRejection', stray);
  }
  const { user, system } = process.cpuUsage(began);
  return trial.verdict((user + system) / 1000);
}

class Trial {
  readonly #plan: Plan;
  readonly #day: VirtualDay;
  readonly #beganAt: number;
  readonly #wire: WireLog;
  readonly #server: ServerLog;
  readonly #pauses: Pauses;
  readonly #quiet: Quiet;
  readonly #wanted = new Wanted();
  readonly #asked = new Asked();
  /** What the program has asked for, in which mode. */
  readonly #modes = new Map<number, Mode>();
  readonly #client: Client;
  readonly #consumers: Consumer[];
  readonly #failures: Failure[] = [];
  readonly #accounts: readonly { readonly apiKey: string; readonly accessToken: string }[];
  /** Calls that have not settled. */
  readonly #calls = new Set<string>();
  #callsEver = 0;
  /** What the last look at rest found: it is told once. */
  #lastRest: ReadonlySet<string> = new Set();
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
      stepIntervalMs: plan.stepMs,
      recordSent: true,
    });
    this.#beganAt = this.#day.now;
    this.#pauses = pausesOf(plan);
    this.#quiet = new Quiet(plan);
    this.#placement = new PlacementWatch({ ...plan, maxSymbolsPerConnection: 3000 });
    this.#wire = new WireLog({
      trueNow: () => this.#now,
      wallNow: () => this.#day.options.clock.now(),
    });
    this.#server = new ServerLog(this.#day.simulator, this.#beganAt, () => this.#now);
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
    this.#judgeRest(true);
    // A connection that went silent just before is noticed by now, and replaced.
    await this.#day.run(heartbeatLivenessThresholdMs + maxReconnectDelayMs);
    simulator.setTicksPerSecond(0);
    const tokens = [...this.#modes.keys()];
    const probedAt = this.#now;
    // As often as it takes until each account has been shown it.
    const times = Math.max(...this.#plan.accounts.map(({ sampling }) => sampling?.every ?? 1));
    for (let time = 0; time < times; time++) simulator.publish(probeTicks(tokens, this.#day.now));
    await this.#day.run(SETTLE_MS);
    for (const consumer of this.#consumers) consumer.hurry();
    await this.#day.run(SETTLE_MS);
    this.#judgeProbe(tokens, probedAt);
    const { shown } = this.#client.said();
    this.#virtualMs = this.#now;
    await this.#stop();
    this.#judge(shown);
    this.#failures.push(...this.#placement.failures);
  }

  /** Something that nobody has caught. */
  stray(error: unknown): void {
    this.#fail('threw', `nobody has caught ${String(error)}`);
  }

  verdict(cpuMs: number): Verdict {
    const all = this.#consumers[0]?.records ?? [];
    let ticks = 0;
    for (const { items } of all)
      for (const { item } of items) if (item.type === 'ticks') ticks += item.ticks.length;
    return {
      failures: this.#failures.sort((a, b) => a.at - b.at),
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
    this.#call('updateCredentials()', this.#client.updateToken(account, this.#tokenOf(account)));
  }

  /** What the program, the consumers and the oracle do, by time. */
  #agenda(): { readonly at: number; readonly act: () => void }[] {
    const { lengthMs, actions, faults } = this.#plan;
    const looks = Array.from({ length: Math.floor(lengthMs / RESTS_EVERY_MS) }, (_, index) => ({
      at: (index + 1) * RESTS_EVERY_MS,
      act: () => this.#judgeRest(false),
    }));
    return [
      ...this.#consumers.flatMap((consumer) => [
        { at: this.#pauses.awakeAt(consumer.plan.from), act: () => consumer.open() },
        ...(consumer.plan.to === undefined
          ? []
          : [{ at: this.#pauses.awakeAt(consumer.plan.to), act: () => consumer.close() }]),
      ]),
      ...actions.map((action) => ({
        at: action.kind === 'order' ? action.at : this.#pauses.awakeAt(action.at),
        act: () => this.#act(action),
      })),
      ...faults.faults
        .filter(({ kind }) => kind === 'jump-clock')
        .map(({ at }) => ({ at: at + 1, act: () => void this.#wire.look() })),
      ...looks,
    ]
      .filter(({ at }) => at < lengthMs)
      .sort((a, b) => a.at - b.at);
  }

  #act(action: Action): void {
    const client = this.#client;
    switch (action.kind) {
      case 'subscribe':
        this.#wanted.note(action.tokens, this.#now, true);
        for (const token of action.tokens) this.#modes.set(token, action.mode);
        this.#asked.note(action.tokens, this.#now, action.mode);
        this.#call('subscribe()', client.subscribe(action.tokens, action.mode));
        break;
      case 'unsubscribe':
        this.#wanted.note(action.tokens, this.#now, false);
        for (const token of action.tokens) this.#modes.delete(token);
        this.#call('unsubscribe()', client.unsubscribe(action.tokens));
        break;
      case 'mode':
        // Of all these instruments, or of none.
        if (action.tokens.every((token) => this.#modes.has(token)))
          for (const token of action.tokens) this.#modes.set(token, action.mode);
        this.#asked.note(action.tokens, this.#now, action.mode);
        this.#call('changeMode()', client.changeMode(action.tokens, action.mode));
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
        for (const consumer of this.#consumers) consumer.stopped();
        this.#call(
          'stop() and start()',
          client.stop().then(() => {
            this.#wanted.note(this.#modes.keys(), this.#now, true);
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
    this.#call('start()', started);
  }

  /** A call that may be refused as documented, and may not fail otherwise. */
  #call(name: string, done: Promise<unknown>): void {
    const key = `${name}, call ${++this.#callsEver} of the trial`;
    this.#calls.add(key);
    done.then(
      () => this.#calls.delete(key),
      (error: unknown) => {
        this.#calls.delete(key);
        for (const secret of secretsIn(error, this.#secrets))
          this.#fail('secret-shown', `${name}: ${secret}`);
        if (!isKiteError(error) || !DOCUMENTED.has(error.code))
          this.#fail('threw', `${name}: ${String(error)}`);
      },
    );
  }

  /** Where nothing is under way, or has had its time to be over, the two ends agree. */
  #judgeRest(isLast: boolean): void {
    const { simulator } = this.#day;
    const { open, lastChangeAt } = this.#wire;
    const now = this.#now;
    const quietMs = this.#quiet.since(now, lastChangeAt);
    const servers = new Map(simulator.connections.map((connection) => [connection.id, connection]));
    const both = open.flatMap(({ connectionId, lastDataAt, openedAt }) => {
      const connection = servers.get(connectionId ?? 0);
      const isAlive = (lastDataAt ?? openedAt ?? 0) >= now - ALIVE_MS;
      return connection && isAlive ? [connection] : [];
    });
    const isQuiet = quietMs > 0 && both.length === open.length && this.#calls.size === 0;
    if (!isQuiet && !isLast) return;
    const ids = new Map(this.#accounts.map(({ apiKey }, index) => [apiKey, accountId(index)]));
    const failures = judgeRest({
      at: now,
      wanted: this.#modes,
      open: both.map(({ apiKey, book }) => ({ account: ids.get(apiKey) ?? '', book })),
      connections: this.#plan.connections * this.#accounts.length,
      replicas: SCENARIOS[this.#plan.scenario].replicas,
      maxSymbols: 3000,
      hasMoved: isLast || quietMs >= this.#plan.failoverAfterMs + MOVES_IN_MS,
      ...this.#silence(both),
      said: this.#client.said(),
    });
    if (isLast && both.length === 0 && this.#modes.size > 0)
      this.#fail('not-streaming', 'no connection is open');
    for (const failure of failures) if (!this.#lastRest.has(failure.text)) this.#failures.push(failure);
    this.#lastRest = new Set(failures.map(({ text }) => text));
  }

  /** What has been silent on its connection since it was subscribed there, and what has not. */
  #silence(connections: readonly { readonly id: number; readonly book: ReadonlyMap<number, Mode> }[]): {
    silent: Set<number>;
    heard: Set<number>;
  } {
    const now = this.#now;
    const silent = new Set<number>();
    const heard = new Set<number>();
    this.#server.look();
    for (const { id, book } of connections)
      for (const token of book.keys()) {
        const subscribedAt = this.#server.subscribedAt(id, token) ?? 0;
        const sentAt = this.#server.sentAt(id, token) ?? -1;
        if (sentAt < subscribedAt) {
          if (subscribedAt < now - SILENT_MS - UNDER_WAY_MS) silent.add(token);
        } else if (sentAt < now - UNDER_WAY_MS) heard.add(token);
      }
    return { silent, heard };
  }

  /** The newest tick of each instrument is on its way no more: it has come. */
  #judgeProbe(tokens: readonly number[], probedAt: number): void {
    // Said already, and nothing can come.
    if (this.#failures.some(({ rule }) => rule === 'not-streaming')) return;
    for (const consumer of this.#consumers) {
      const record = consumer.records.at(-1);
      if (!record || !consumer.hasCaughtUp) continue;
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
    for (const consumer of this.#consumers) consumer.finish();
    this.#call(
      'stop()',
      this.#client.stop().then(() => (stop.isDone = true)),
    );
    await this.#day.run(2000);
    if (!stop.isDone) this.#fail('does-not-settle', 'stop() took more than two seconds');
    await this.#day.run(2000);
    for (const name of this.#calls) this.#fail('does-not-settle', name);
    for (const { isReading, plan } of this.#consumers)
      if (isReading) this.#fail('left-over', `${plan.id} still waits for its channel`);
    const { timers, sockets, workers } = this.#day.pending;
    if (timers + sockets + workers > 0)
      this.#fail('left-over', `${timers} timers, ${sockets} sockets, ${workers} workers`);
    await this.#day.stop();
  }

  #judge(shown: unknown): void {
    const { sent } = this.#day.simulator;
    const { replicas } = SCENARIOS[this.#plan.scenario];
    const ids = new Map(this.#accounts.map(({ apiKey }, index) => [apiKey, accountId(index)]));
    const accountOf = (apiKey: string): string => ids.get(apiKey) ?? apiKey;
    const { sockets } = this.#wire;
    const records = this.#consumers.map((consumer) => consumer.records);
    const all = records.find(([first]) => first?.plan.id === 'all') ?? [];
    const facts: Facts = {
      sent: new SentStates(sent, { sockets, beganAt: this.#beganAt, accountOf }),
      wire: this.#wire,
      wanted: this.#wanted,
      pauses: this.#pauses,
      channels: channelsOf(all, sockets),
    };
    for (const failure of judgeStreams(
      records,
      facts,
      replicas > 1 ? this.#replicaFacts(accountOf) : undefined,
    ))
      this.#failures.push(failure);
    for (const record of all) this.#failures.push(...judgeStates(record, this.#stateFacts()));
    this.#judgeSecrets(records.flat(), shown);
  }

  #replicaFacts(accountOf: (apiKey: string) => string): ReplicaFacts {
    const { sent } = this.#day.simulator;
    const arrivals = new Arrivals(this.#wire.sockets, sent);
    return {
      sent: new MergedStates(sent, this.#beganAt, accountOf, arrivals),
      arrivals,
      asked: this.#asked,
      keys: new TickKeys(),
      longestWayMs: LONGEST_WAY_MS,
    };
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

  #judgeSecrets(records: readonly StreamRecord[], shown: unknown): void {
    const secrets = this.#secrets;
    for (const { consumer, items } of records)
      for (const { at, item } of items)
        if (item.type === 'other' || item.type === 'gap' || item.type === 'state')
          for (const secret of secretsIn(item, secrets))
            this.#failures.push({ rule: 'secret-shown', at, consumer, text: secret });
    for (const secret of secretsIn(shown, secrets)) this.#fail('secret-shown', secret);
  }

  get #secrets(): string[] {
    return this.#accounts.flatMap(({ apiKey, accessToken }) => [
      apiKey,
      accessToken,
      this.#day.accessTokenOf(apiKey),
    ]);
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
  'KITE_MULTI_API_START_FAILED',
]);
