import { isKiteError, type Mode } from '@kite/protocol';

import { Asked } from '../oracle/asked.js';
import { secretsIn } from '../oracle/secrets.js';
import { Wanted } from '../oracle/wanted.js';
import type { Action } from '../plan/plan.js';
import type { TrialSystem } from './trial-system.js';

/** How long a program waits after a failed start before it tries again, in milliseconds. */
const START_AGAIN_MS = 2000;

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
  /** The mode of each instrument that it wants. */
  readonly modes = new Map<number, Mode>();
  /** When it called `start()` last. */
  startedAt = 0;
  readonly #system: TrialSystem;
  readonly #pendingCalls = new Set<string>();
  #callsEver = 0;
  #isStopped = false;

  constructor(system: TrialSystem) {
    this.#system = system;
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

  logIn(account: number): void {
    const { client, logins } = this.#system;
    this.#call('updateCredentials()', client.updateToken(account, logins.tokenOf(account)));
  }

  do(action: Action): void {
    const { client, day, logins } = this.#system;
    switch (action.kind) {
      case 'subscribe':
        this.#want(action.tokens, true);
        for (const token of action.tokens) this.modes.set(token, action.mode);
        this.#ask(action.tokens, action.mode);
        this.#call('subscribe()', client.subscribe(action.tokens, action.mode));
        break;
      case 'unsubscribe':
        this.#want(action.tokens, false);
        for (const token of action.tokens) this.modes.delete(token);
        this.#call('unsubscribe()', client.unsubscribe(action.tokens));
        break;
      case 'mode':
        // The call changes all of these instruments or none.
        if (action.tokens.every((token) => this.modes.has(token)))
          for (const token of action.tokens) this.modes.set(token, action.mode);
        this.#ask(action.tokens, action.mode);
        this.#call('changeMode()', client.changeMode(action.tokens, action.mode));
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
    }
  }

  #restart(): void {
    const { client, consumers, plan } = this.#system;
    this.#want(plan.instruments, false);
    for (const consumer of consumers) consumer.stopped();
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

  #ask(tokens: readonly number[], mode: Mode): void {
    this.asked.note(tokens, this.#system.now, mode);
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
