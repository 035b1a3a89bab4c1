import { systemClock, wsTransport } from '@kite/connection';
import type { AccessToken } from '@kite/manager';
import { isKiteError, type Mode } from '@kite/protocol';

import { accountId, type Client } from '../client/client.js';
import { manyAccounts } from '../client/many-accounts.js';
import { oneAccount } from '../client/one-account.js';
import { oneTicker } from '../client/one-ticker.js';
import { Asked } from '../oracle/asked.js';
import type { Failure, Rule } from '../oracle/failure.js';
import { secretsIn } from '../oracle/secrets.js';
import { Wanted } from '../oracle/wanted.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { Consumer } from '../run/consumer.js';
import { type ProgramPlan, READS_ALL, type RoundPlan } from './round-plan.js';
import type { SocketWatch } from './socket-watch.js';

/** An account of a program, as the server knows it. */
interface Account {
  readonly apiKey: string;
  accessToken: string;
}

/** Documented refusals for what a program does here. */
const DOCUMENTED: ReadonlySet<string> = new Set([
  'KITE_CONNECTION_NOT_SUBSCRIBED',
  'KITE_MANAGER_NOT_SUBSCRIBED',
  'KITE_MULTI_API_NOT_SUBSCRIBED',
]);

/** The environment of a program. */
export interface Surroundings {
  readonly url: string;
  /** Watches the sockets of this thread. */
  readonly watch: SocketWatch;
  /** The file of the I/O worker; undefined: the connections run in this thread. */
  readonly workerUrl: URL | undefined;
  /** Milliseconds since the round began. */
  readonly now: () => number;
}

/** One program of a round: a client, its accounts, its consumers and its subscriptions. */
export class Program {
  readonly plan: ProgramPlan;
  readonly accounts: readonly Account[];
  readonly client: Client;
  readonly consumers: Consumer[] = [];
  readonly wanted = new Wanted();
  readonly asked = new Asked();
  /** What it has asked for, in which mode. */
  readonly modes = new Map<number, Mode>();
  readonly failures: Failure[] = [];
  readonly #issued = new Set<string>();
  readonly #now: () => number;
  readonly #calls = new Set<string>();
  #callsEver = 0;

  constructor(round: RoundPlan, index: number, surroundings: Surroundings) {
    this.plan = round.programs[index]!;
    this.#now = surroundings.now;
    const mark = `${round.seed}-${round.number}-${index}`;
    this.accounts = Array.from({ length: this.plan.accounts }, (_, account) => ({
      apiKey: `api-key-${account}-of-chaos-${mark}`,
      accessToken: `access-token-${account}-of-chaos-${mark}`,
    }));
    for (const { apiKey, accessToken } of this.accounts) this.#issued.add(apiKey).add(accessToken);
    this.client = this.#clientOf(round, surroundings);
    this.consume(READS_ALL);
  }

  get layer(): string {
    return this.plan.replicas > 1 ? `${this.plan.layer} with replicas` : this.plan.layer;
  }

  /** The client's id for the account of an API key. */
  accountOf(apiKey: string): string {
    return accountId(this.accounts.findIndex((account) => account.apiKey === apiKey));
  }

  has(apiKey: string): boolean {
    return this.accounts.some((account) => account.apiKey === apiKey);
  }

  get secrets(): readonly string[] {
    return [...this.#issued];
  }

  /** Starts. */
  start(): Promise<void> {
    const started = this.client.start();
    this.#call('start()', started);
    return started;
  }

  subscribe(tokens: readonly number[], mode: Mode): void {
    this.wanted.note(tokens, this.#now(), true);
    this.asked.note(tokens, this.#now(), mode);
    for (const token of tokens) this.modes.set(token, mode);
    this.#call('subscribe()', this.client.subscribe(tokens, mode));
  }

  unsubscribe(tokens: readonly number[]): void {
    this.wanted.note(tokens, this.#now(), false);
    for (const token of tokens) this.modes.delete(token);
    this.#call('unsubscribe()', this.client.unsubscribe(tokens));
  }

  changeMode(tokens: readonly number[], mode: Mode): void {
    // All of these instruments, or none.
    if (tokens.every((token) => this.modes.has(token)))
      for (const token of tokens) this.modes.set(token, mode);
    this.asked.note(tokens, this.#now(), mode);
    this.#call('changeMode()', this.client.changeMode(tokens, mode));
  }

  /** Gives the program a new access token of the account. */
  logIn(account: number, accessToken: string): void {
    this.#issued.add(accessToken);
    this.accounts[account]!.accessToken = accessToken;
    this.#call('updateCredentials()', this.client.updateToken(account, this.#tokenOf(account)));
  }

  consume(plan: ConsumerPlan): Consumer {
    const consumer = new Consumer(plan, this.client, systemClock, this.#now);
    this.consumers.push(consumer);
    return consumer;
  }

  /** Resolves when its client has stopped. */
  async stop(): Promise<void> {
    for (const consumer of this.consumers) consumer.finish();
    await this.client.stop();
  }

  /** Calls that have not settled, by name. */
  get unsettled(): readonly string[] {
    return [...this.#calls];
  }

  fail(rule: Rule, text: string): void {
    this.failures.push({ rule, at: this.#now(), text });
  }

  #clientOf({ timing }: RoundPlan, { url, watch, workerUrl }: Surroundings): Client {
    const { layer, connections, replicas, ringBytes } = this.plan;
    const { failoverAfterMs, ...times } = timing;
    const connection = {
      ...times,
      url,
      rateLimitDelayMs: times.maxReconnectDelayMs,
      unauthorizedRetryDelayMs: times.reconnectDelayMs,
      stableAfterMs: 1000,
    };
    // Sockets in this thread are watched here, sockets in an I/O worker there.
    const watched = { transport: watch.over(wsTransport), clock: watch.clock };
    const manager = {
      ...connection,
      failoverAfterMs,
      ringBytes,
      maxConnections: connections,
      lastTicks: true,
      ...(workerUrl ? { workerUrl } : watched),
    };
    const credentials = this.accounts.map(({ apiKey }, account) => ({
      apiKey,
      accessToken: this.#tokenOf(account),
    }));
    const [{ apiKey, accessToken }] = credentials as [(typeof credentials)[number]];
    switch (layer) {
      case 'ticker':
        return oneTicker({ ...connection, ...watched }, apiKey, accessToken);
      case 'manager':
        return oneAccount(manager, apiKey, accessToken);
      case 'multi-api':
        return manyAccounts(manager, credentials, replicas);
    }
  }

  #tokenOf(account: number): AccessToken {
    const mine = this.accounts[account]!;
    return this.plan.hasFixedTokens ? mine.accessToken : () => mine.accessToken;
  }

  /** Makes a call that may be refused as documented, but must not fail otherwise. */
  #call(name: string, done: Promise<unknown>): void {
    const key = `${name}, call ${++this.#callsEver}`;
    this.#calls.add(key);
    done.then(
      () => this.#calls.delete(key),
      (error: unknown) => {
        this.#calls.delete(key);
        for (const secret of secretsIn(error, this.secrets)) this.fail('secret-shown', `${name}: ${secret}`);
        if (!isKiteError(error) || !DOCUMENTED.has(error.code))
          this.fail('threw', `${name}: ${String(error)}`);
      },
    );
  }
}
