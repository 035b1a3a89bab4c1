import { isKiteError, type Mode } from '@kite/protocol';

import { accountId } from '../client/client.js';
import { Asked } from '../oracle/asked.js';
import { Pins } from '../oracle/pins.js';
import { secretsIn } from '../oracle/secrets.js';
import { Wanted } from '../oracle/wanted.js';
import type { Action } from '../plan/plan.js';
import { Shares } from './shares.js';
import type { SubscriberRun } from './subscriber-run.js';
import type { TrialSystem } from './trial-system.js';

/** How long a program waits after a failed start before it tries again, in milliseconds. */
const START_AGAIN_MS = 2000;

/** The share of the manager's own calls. */
const MANAGER = '';

/** Stands for the subscribers in the record of when there were any. */
export const ANY = 0;

/** Errors that are documented for the calls that a program makes. */
const DOCUMENTED: ReadonlySet<string> = new Set([
  'KITE_MANAGER_NOT_SUBSCRIBED',
  'KITE_MANAGER_STOPPED',
  'KITE_MULTI_API_NOT_SUBSCRIBED',
  'KITE_MULTI_API_STOPPED',
  'KITE_MULTI_API_START_FAILED',
]);

/** The program under trial: it does what the plan says and records what it asked for. */
export class Program {
  readonly wanted = new Wanted();
  readonly asked = new Asked();
  readonly pins = new Pins();
  /** When it had at least one subscriber, noted under {@link ANY}. */
  readonly subscribed = new Wanted();
  /** When it called `start()` last. */
  startedAt = 0;
  readonly #system: TrialSystem;
  /** What its parts want; the strategy places that. */
  readonly #shares = new Shares();
  /** The same and what it has pinned. */
  readonly #all = new Shares();
  readonly #pendingCalls = new Set<string>();
  #callsEver = 0;
  #isStopped = false;
  #subscribers = 0;

  constructor(system: TrialSystem) {
    this.#system = system;
  }

  /** The mode of each instrument that any part of it wants, or that is pinned. */
  get modes(): ReadonlyMap<number, Mode> {
    return this.#all.union;
  }

  /** The mode of each instrument that any part of it wants. */
  get sharedModes(): ReadonlyMap<number, Mode> {
    return this.#shares.union;
  }

  /** Calls that have not settled. */
  get pendingCalls(): ReadonlySet<string> {
    return this.#pendingCalls;
  }

  /** Starts, and tries again if no account can be opened. */
  start(): void {
    const { client, day, now } = this.#system;
    this.startedAt = now;
    const started = client.start().catch((error: unknown) => {
      if (!isKiteError(error, 'KITE_MULTI_API_START_FAILED')) throw error;
      day.options.clock.setTimeout(() => {
        if (!this.#isStopped) this.start();
      }, START_AGAIN_MS);
    });
    this.#call('start()', started);
  }

  /** Stops, and ends its attempts to start. */
  stop(done: () => void): void {
    this.#isStopped = true;
    this.#call('stop()', this.#system.client.stop().then(done));
  }

  /** One more subscriber comes. */
  join(subscriber: SubscriberRun): void {
    if (this.#subscribers++ === 0) this.subscribed.note([ANY], this.#system.now, true);
    subscriber.open();
  }

  logIn(account: number): void {
    const { client, logins, readers } = this.#system;
    this.#call('updateCredentials()', client.updateToken(account, logins.tokenOf(account)));
    for (const reader of readers) reader.revived();
  }

  do(action: Action): void {
    const { client, day, logins } = this.#system;
    switch (action.kind) {
      case 'subscribe':
        this.#change(MANAGER, action.tokens, action.mode);
        this.#want(action.tokens, true);
        this.#ask(action.tokens);
        this.#changePins(action.tokens, action.mode);
        this.#call('subscribe()', client.subscribe(action.tokens, action.mode));
        break;
      case 'unsubscribe':
        this.#change(MANAGER, action.tokens, undefined);
        this.#changePins(action.tokens, undefined);
        this.#call('unsubscribe()', client.unsubscribe(action.tokens));
        break;
      case 'mode':
        // The call changes all of these instruments or none.
        this.#changeMode(action.tokens, action.mode);
        this.#call('changeMode()', client.changeMode(action.tokens, action.mode));
        break;
      case 'pin':
        this.#pin(accountId(action.account), action.tokens, action.mode);
        this.#call('subscribeSymbolsToApi()', client.pin!(action.account, action.tokens, action.mode));
        break;
      case 'order':
        day.simulator.postOrder(logins.apiKeys[action.account]!, {
          order_id: `order-${action.account}-${action.number}`,
        });
        break;
      case 'log-in':
        this.logIn(action.account);
        break;
      case 'restart':
        this.#restart();
        break;
      case 'subscriber':
        this.#doAsSubscriber(action);
        break;
      case 'close-subscriber': {
        const subscriber = this.#subscriber(action.id);
        if (--this.#subscribers === 0) this.subscribed.note([ANY], this.#system.now, false);
        this.#changeOwn(subscriber, [...this.#shares.of(action.id).keys()], undefined);
        this.#call('close()', subscriber.close());
      }
    }
  }

  /** The call changes all of these instruments or none. */
  #changeMode(tokens: readonly number[], mode: Mode): void {
    const own = this.#shares.of(MANAGER);
    if (!tokens.every((token) => own.has(token) || this.pins.accountsOf(token).length > 0)) return;
    const placed = tokens.filter((token) => own.has(token));
    this.#change(MANAGER, placed, mode);
    this.#ask(placed);
    this.#changePins(tokens, mode);
  }

  #pin(account: string, tokens: readonly number[], mode: Mode | undefined): void {
    this.pins.note(account, tokens, this.#system.now, mode);
    const { begun, ended } = this.#all.change(`pinned to ${account}`, tokens, mode);
    this.#want(begun, true);
    this.#want(ended, false);
  }

  /** Wherever these are pinned, they are in this mode from now on; undefined: they are pinned no longer. */
  #changePins(tokens: readonly number[], mode: Mode | undefined): void {
    for (const token of tokens)
      for (const account of this.pins.accountsOf(token)) this.#pin(account, [token], mode);
  }

  #doAsSubscriber({ id, call, tokens, mode }: Extract<Action, { kind: 'subscriber' }>): void {
    const subscriber = this.#subscriber(id);
    const { client } = subscriber;
    const own = this.#shares.of(id);
    switch (call) {
      case 'subscribe':
        this.#changeOwn(subscriber, tokens, mode);
        this.#call(`subscribe() of ${id}`, client.subscribe(tokens, mode));
        break;
      case 'unsubscribe':
        this.#changeOwn(
          subscriber,
          tokens.filter((token) => own.has(token)),
          undefined,
        );
        this.#call(`unsubscribe() of ${id}`, client.unsubscribe(tokens));
        break;
      case 'mode':
        if (tokens.every((token) => own.has(token))) this.#changeOwn(subscriber, tokens, mode);
        this.#call(`changeMode() of ${id}`, client.changeMode(tokens, mode));
        break;
      case 'replace':
        this.#changeOwn(
          subscriber,
          [...own.keys()].filter((token) => !tokens.includes(token)),
          undefined,
        );
        this.#changeOwn(subscriber, tokens, mode);
        this.#call(`replace() of ${id}`, client.replace(tokens, mode));
    }
  }

  #subscriber(id: string): SubscriberRun {
    return this.#system.subscribers.find(({ plan }) => plan.id === id)!;
  }

  #changeOwn({ plan, own }: SubscriberRun, tokens: readonly number[], mode: Mode | undefined): void {
    own.note(tokens, this.#system.now, mode);
    this.#change(plan.id, tokens, mode);
  }

  /** One part of the program wants something else. */
  #change(id: string, tokens: readonly number[], mode: Mode | undefined): void {
    const before = new Map(tokens.map((token) => [token, this.sharedModes.get(token)]));
    this.#shares.change(id, tokens, mode);
    const { begun, ended } = this.#all.change(id, tokens, mode);
    this.#want(begun, true);
    this.#want(ended, false);
    this.#ask(tokens.filter((token) => this.sharedModes.get(token) !== before.get(token)));
  }

  #restart(): void {
    const { client, readers, plan } = this.#system;
    this.#want(plan.instruments, false);
    for (const reader of readers) reader.stopped();
    this.#call(
      'stop() and start()',
      client.stop().then(() => {
        this.#want(this.modes.keys(), true);
        this.start();
      }),
    );
  }

  #want(tokens: Iterable<number>, isWanted: boolean): void {
    this.wanted.note(tokens, this.#system.now, isWanted);
  }

  /** These are asked for in the highest mode that any part wants. */
  #ask(tokens: readonly number[]): void {
    for (const token of tokens) this.asked.note([token], this.#system.now, this.sharedModes.get(token));
  }

  /** Records a call. It may fail with a documented error, and with no other. */
  #call(name: string, done: Promise<unknown>): void {
    const key = `${name}, call ${++this.#callsEver} of the trial`;
    this.#pendingCalls.add(key);
    done.then(
      () => this.#pendingCalls.delete(key),
      (error: unknown) => {
        this.#pendingCalls.delete(key);
        const { logins } = this.#system;
        for (const secret of secretsIn(error, logins.secrets))
          this.#system.fail('secret-shown', `${name}: ${secret}`);
        if (!isKiteError(error) || !DOCUMENTED.has(error.code))
          this.#system.fail('threw', `${name}: ${String(error)}`);
      },
    );
  }
}
