import type { ManagerConfig } from '@kite/manager';
import { simulateDay, type VirtualDay } from '@kite/simulator';

import type { Client } from '../client/client.js';
import { manyAccounts } from '../client/many-accounts.js';
import { oneAccount } from '../client/one-account.js';
import type { Failure, Rule } from '../oracle/failure.js';
import type { Pauses } from '../oracle/pauses.js';
import type { Plan } from '../plan/plan.js';
import { type Scenario, SCENARIOS } from '../plan/scenario.js';
import { Consumer } from './consumer.js';
import { accountsOf, Logins } from './logins.js';
import { onAccepted } from './on-accepted.js';
import { pausesOf } from './pauses-of.js';
import { ServerLog } from './server-log.js';
import { SubscriberRun } from './subscriber-run.js';
import { watched } from './watched.js';
import { WireLog } from './wire-log.js';

/** Faults that block a thread of the client. */
const BLOCKS: ReadonlySet<string> = new Set(['block-main', 'sleep', 'block-worker', 'hang-worker']);

/** A plan set up to run: the day, the client, its consumers, and the records of what they do. */
export class TrialSystem {
  readonly plan: Plan;
  readonly scenario: Scenario;
  readonly day: VirtualDay;
  readonly client: Client;
  readonly consumers: readonly Consumer[];
  readonly subscribers: readonly SubscriberRun[];
  readonly logins: Logins;
  readonly wire: WireLog;
  readonly server: ServerLog;
  readonly pauses: Pauses;
  /** The rules that were broken, and how. */
  readonly failures: Failure[] = [];

  constructor(plan: Plan) {
    this.plan = plan;
    this.scenario = SCENARIOS[plan.scenario];
    this.pauses = pausesOf(plan);
    const accounts = accountsOf(plan);
    this.day = simulateDay({
      seed: plan.seed,
      from: '09:20',
      instruments: plan.instruments.map((instrumentToken) => ({ instrumentToken })),
      accounts,
      faults: plan.faults,
      ticksPerSecond: plan.ticksPerSecond,
      stepIntervalMs: plan.stepMs,
      recordSent: true,
    });
    const trueNow = (): number => this.now;
    const { simulator, options } = this.day;
    this.wire = new WireLog({ trueNow, wallNow: () => options.clock.now() });
    this.logins = new Logins(plan, this.day, accounts);
    this.server = new ServerLog(simulator, this.day.startsAt, trueNow);
    this.#noteServer();
    this.client = this.#openClient();
    this.consumers = plan.consumers.map(
      (consumer) => new Consumer(consumer, this.client, options.clock, trueNow),
    );
    const all = this.consumers.find((consumer) => consumer.plan.id === 'all');
    if (all)
      all.onFeedEnded = () => {
        for (const other of this.readers) other.feedEnded();
      };
    this.subscribers = (plan.subscribers ?? []).map((subscriber) => new SubscriberRun(subscriber, this));
  }

  /** All that read: the consumers of the whole feed, and those of the subscribers. */
  get readers(): readonly Consumer[] {
    return [...this.consumers, ...this.subscribers.flatMap((subscriber) => subscriber.readers)];
  }

  /** Virtual milliseconds since the trial began, whatever the client's clock says. */
  get now(): number {
    return this.day.now - this.day.startsAt;
  }

  fail(rule: Rule, text: string): void {
    this.failures.push({ rule, at: this.now, text });
  }

  /** Whether a thread of the client was blocked at some time in this span. */
  wasBlocked(from: number, to: number): boolean {
    return this.plan.faults.faults.some(
      (fault) =>
        BLOCKS.has(fault.kind) && fault.at <= to && (!('forMs' in fault) || fault.at + fault.forMs >= from),
    );
  }

  /** The wire log learns which of the server's connections each socket is, and when the server reads what it was sent. */
  #noteServer(): void {
    const { simulator } = this.day;
    onAccepted(simulator, (socket, connectionId) => {
      this.wire.accepted(socket, connectionId);
    });
    const read = new Map<number, number>();
    simulator.on('request', ({ connection, request }) => {
      if (request.action !== 'subscribe' && request.action !== 'unsubscribe') return;
      const count = (read.get(connection.id) ?? 0) + 1;
      read.set(connection.id, count);
      this.wire.read(connection.id, count);
    });
  }

  #openClient(): Client {
    const { plan, logins } = this;
    const { replicas, worker } = this.scenario;
    const config: ManagerConfig = {
      ...watched(this.day.options, this.wire),
      enableDedicatedParsers: worker,
      maxConnections: plan.connections,
      maxSymbolsPerConnection: plan.maxSymbols,
      ringBytes: plan.ringBytes,
      connectionTimeoutMs: plan.connectionTimeoutMs,
      failoverAfterMs: plan.failoverAfterMs,
      maxReconnectDelayMs: plan.maxReconnectDelayMs,
      // Otherwise a refusal near the end would outlast the recovery.
      rateLimitDelayMs: plan.maxReconnectDelayMs,
      heartbeatLivenessThresholdMs: plan.heartbeatLivenessThresholdMs,
      lastTicks: true,
    };
    const credentials = logins.apiKeys.map((apiKey, account) => ({
      apiKey,
      accessToken: logins.tokenOf(account),
    }));
    const [first, ...others] = credentials;
    return others.length === 0
      ? oneAccount(config, first!.apiKey, first!.accessToken)
      : manyAccounts(config, credentials, replicas);
  }
}
