import { Deadline, soon, Timer } from '@kite/kit';
import type { Mode, TickerState } from '@kite/protocol';

import { systemClock } from '../clock.js';
import type { RandomSource } from '../random.js';
import { Attempt, type AttemptOptions } from './attempt.js';
import { Credentials } from './credentials.js';
import type { Link, Wanted } from './link.js';
import {
  INITIAL_STATE,
  type MachineEffect,
  type MachineEvent,
  type MachinePolicy,
  type MachineState,
  transition,
} from './machine.js';
import { RequestFence } from './request-fence.js';
import { NO_EXPERIENCE } from './retry.js';
import type { SourceListener, SourceStatus } from './source.js';
import { statusOf } from './status.js';
import { requestsBetween } from './subscription-requests.js';

/** Everything that a connection needs, already checked. */
export interface ConnectionOptions extends AttemptOptions, MachinePolicy {
  /** For the jitter of the delays. */
  random: RandomSource;
  /** How long the first attempt may take and still count as `starting`, in milliseconds. */
  startingForMs: number;
}

/** Hears what a connection delivers. */
export interface ConnectionListener extends SourceListener {
  /** The answer to {@link Connection.ping}. */
  pong?(): void;
}

/**
 * Keeps one socket in the wanted state: runs the machine, requests the subscriptions on each new socket, and reports to
 * a listener what arrives. Decodes nothing.
 */
export class Connection implements Link {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #credentials = new Credentials();
  readonly #retry: Timer;
  readonly #settling: Deadline;
  readonly #starting: Deadline;
  readonly #fence: RequestFence;
  readonly #events: MachineEvent[] = [];
  #isDispatching = false;
  #state: MachineState = INITIAL_STATE;
  #attempt: Attempt | undefined;
  #dialled: number | undefined;
  /** The revision of the credentials that the machine goes by. Newer ones may wait for their turn. */
  #heeded: number | undefined;
  #wanted: Wanted | undefined;
  /** What the open socket was asked for. */
  #asked: ReadonlyMap<number, Mode> = new Map();
  /** The listener knows that a socket was asked for everything wanted up to this revision. */
  #toldRevision = 0;
  #hasDelivered = false;
  /** The time of this turn of the event loop; undefined until something arrives in it. */
  #turnAt: number | undefined;
  readonly #endTurn = (): void => {
    this.#turnAt = undefined;
  };
  /** How far off the next attempt is, while it waits. */
  #retryInMs: number | undefined;
  #status: SourceStatus = 'down';
  #isLate = false;
  #isSilent = false;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#retry = new Timer(options.clock);
    this.#settling = new Deadline(options.clock);
    this.#starting = new Deadline(options.clock);
    this.#fence = new RequestFence(options.clock, (revision) => {
      this.#tellAsked(revision);
    });
  }

  /** Where it is in its life. */
  get state(): TickerState {
    return this.#state.name;
  }

  get status(): SourceStatus {
    return this.#status;
  }

  get dialled(): number | undefined {
    return this.#dialled;
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    if (!wanted.isOpen) this.#dispatch({ type: 'close' });
    if (wanted.credentials.revision !== this.#credentials.revision) {
      this.#credentials.want(wanted.credentials);
      this.#dispatch({ type: 'credentials' });
    }
    if (wanted.isOpen) this.#dispatch({ type: 'open' });
    this.#ask();
  }

  /** Sends a WebSocket ping, if it is open; the listener hears of the answer. */
  ping(): void {
    if (this.#state.name !== 'open') return;
    this.#fence.pinged();
    this.#attempt?.ping();
  }

  /**
   * Asks the open socket for what is wanted and was not asked for yet.
   *
   * @param isNew nothing is under way over the socket yet
   */
  #ask(isNew = false): void {
    if (this.#state.name !== 'open' || !this.#wanted) return;
    const { modes, revision } = this.#wanted;
    const requests = requestsBetween(this.#asked, modes);
    if (requests.length > 0) this.#asked = new Map(modes);
    const isTold = revision === (this.#fence.newest ?? this.#toldRevision);
    const isUnderWay = requests.length > 0 || this.#fence.newest !== undefined;
    const isFenced = !isTold && !isNew && isUnderWay;
    if (isFenced) {
      // Before the ping, which may end the attempt: then nothing is waited for.
      this.#fence.raise(revision);
      this.#attempt?.ping();
    }
    for (const request of requests) this.#attempt?.send(request);
    if (!isTold && !isFenced && this.#attempt?.isOver === false) this.#tellAsked(revision);
  }

  #tellAsked(revision: number): void {
    this.#toldRevision = revision;
    this.#listener.asked(revision, this.#options.clock.now());
  }

  /** Handles one event at a time: what a listener does meanwhile waits for its turn. */
  #dispatch(event: MachineEvent): void {
    this.#events.push(event);
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) this.#apply(next);
    } finally {
      this.#isDispatching = false;
    }
  }

  #apply(event: MachineEvent): void {
    const before = this.#state;
    if (event.type === 'credentials') this.#heeded = this.#credentials.revision;
    const { state, effects } = transition(before, event, this.#options);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (state.name !== before.name || state.attempt !== before.attempt) this.#entered(state, before);
  }

  #run(effect: MachineEffect): void {
    switch (effect.type) {
      case 'attempt':
        this.#start(effect.attempt);
        break;
      case 'wait':
        this.#retryInMs = effect.delayMs;
        this.#retry.set(effect.delayMs, () => {
          this.#dispatch({ type: 'retry' });
        });
        break;
      case 'stop-waiting':
        this.#retry.clear();
        break;
      case 'abandon':
        this.#attempt?.abandon();
        break;
      case 'close-socket':
        this.#attempt?.close();
        break;
      case 'settle-in':
        this.#settleIn();
        break;
    }
  }

  #start(attempt: number): void {
    this.#hasDelivered = false;
    this.#dialled = this.#credentials.revision;
    this.#heeded = this.#dialled;
    this.#attempt = new Attempt(
      {
        opened: () => {
          this.#dispatch({ type: 'opened', attempt });
        },
        binary: (bytes) => {
          this.#listener.frame(bytes, this.#received(attempt));
        },
        text: (text) => {
          this.#listener.text(text, this.#received(attempt));
        },
        pong: () => {
          if (!this.#fence.answered()) this.#listener.pong?.();
        },
        silent: (isSilent) => {
          this.#isSilent = isSilent;
          this.#reviewStatus();
        },
        ended: (end) => {
          const chance = this.#options.random();
          const account = this.#wanted?.experience ?? NO_EXPERIENCE;
          this.#dispatch({ type: 'ended', attempt, end, chance, account });
        },
      },
      this.#options,
      this.#credentials,
    );
    this.#attempt.start();
  }

  #received(attempt: number): number {
    const now = this.#now();
    if (!this.#hasDelivered) {
      this.#hasDelivered = true;
      this.#dispatch({ type: 'delivered', attempt });
    }
    return now;
  }

  /**
   * Reads the clock once per turn of the event loop: a chunk of the socket holds many frames, and reading the clock
   * costs as much as everything else about a small one. A clock of the caller's own may advance within a turn.
   */
  #now(): number {
    const { clock } = this.#options;
    if (clock !== systemClock) return clock.now();
    if (this.#turnAt === undefined) {
      this.#turnAt = clock.now();
      soon(this.#endTurn);
    }
    return this.#turnAt;
  }

  #settleIn(): void {
    const { attempt } = this.#state;
    this.#asked = new Map();
    this.#ask(true);
    this.#settling.set(this.#options.stableAfterMs, () => {
      this.#dispatch({ type: 'up-long-enough', attempt });
    });
  }

  #entered(state: MachineState, before: MachineState): void {
    if (before.name === 'open') {
      this.#settling.clear();
      this.#fence.clear();
    }
    // An open socket took note of new credentials without dialling: they have failed with it.
    if (state.name === 'failed') this.#dialled = this.#heeded;
    if (state.name === 'failed' || state.name === 'closed') this.#atRest();
    this.#isSilent = false;
    this.#watchStart(state, before);
    const retryInMs = state.name === 'waiting' ? this.#retryInMs : undefined;
    const hasNewStatus = this.#hasNewStatus();
    const at = this.#options.clock.now();
    this.#listener.state(state.name, at, 'error' in state ? state.error : undefined, retryInMs);
    if (hasNewStatus) this.#listener.status(this.#status, at);
    // It was asked to open again while it closed.
    if (state.name === 'closed' && this.#wanted?.isOpen) this.#dispatch({ type: 'open' });
  }

  /** Nothing more happens by itself. */
  #atRest(): void {
    this.#attempt = undefined;
    this.#credentials.forgetAnswers();
  }

  #watchStart(state: MachineState, before: MachineState): void {
    const isStarting = state.name === 'connecting' && state.isFirst;
    if (isStarting && before.name === 'connecting') return;
    this.#starting.clear();
    this.#isLate = false;
    if (!isStarting) return;
    this.#starting.set(this.#options.startingForMs, () => {
      this.#isLate = true;
      this.#reviewStatus();
    });
  }

  #reviewStatus(): void {
    if (this.#hasNewStatus()) this.#listener.status(this.#status, this.#options.clock.now());
  }

  #hasNewStatus(): boolean {
    const before = this.#status;
    this.#status = statusOf(this.#state, this.#isLate, this.#isSilent);
    return this.#status !== before;
  }
}
