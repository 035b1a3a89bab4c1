import type { SimulatedConnection } from '@kite/simulator';

import type { Said } from '../client/client.js';
import { judgeRest, SILENT_MS } from '../oracle/judge-rest.js';
import { wasOutageOfAll } from '../oracle/outage-of-all.js';
import type { Pauses } from '../oracle/pauses.js';
import { secretsInText } from '../oracle/secrets.js';
import type { Plan } from '../plan/plan.js';
import type { Program } from './program.js';
import { Quiet } from './quiet.js';
import type { TrialSystem } from './trial-system.js';
import type { SocketLog } from './wire-log.js';

/** How long a move takes, after `failoverAfterMs`. */
const MOVES_IN_MS = 1000;

/** A connection that is silent for this long is down, in milliseconds. */
const DOWN_AFTER_MS = 3000;

/** A message sent less than this long ago may still be on its way, in milliseconds. */
const UNDER_WAY_MS = 1500;

/** Compares what the server streams with what the client says, at every look at which nothing is under way. */
export class RestLooks {
  readonly #system: TrialSystem;
  readonly #program: Program;
  readonly #quiet: Quiet;
  /** What the last look found. A breach that lasts is reported once. */
  #found: ReadonlySet<string> = new Set();

  constructor(system: TrialSystem, program: Program) {
    this.#system = system;
    this.#program = program;
    this.#quiet = new Quiet(system.plan);
  }

  /** A look during the trial. It judges only if nothing is under way. */
  look(): void {
    const quietMs = this.#quietMs();
    const alive = this.#alive();
    const isQuiet = quietMs > 0 && alive.length === this.#system.wire.open.length;
    const isUnderWay =
      this.#program.pendingCalls.size > 0 || this.#mayMove(alive) || this.#hasJustSubscribed();
    const said = this.#system.client.said();
    if (isQuiet && !isUnderWay) this.#judge(said, alive, quietMs, false);
    this.#judgeShown(said);
  }

  /** The look after the recovery: everything must stream again. */
  lastLook(): void {
    const alive = this.#alive();
    if (alive.length < this.#connections)
      this.#system.fail('not-streaming', `${alive.length} of ${this.#connections} connections are open`);
    this.#judge(this.#system.client.said(), alive, this.#quietMs(), true);
  }

  /** Whether the instruments of a connection that is down or silent may be moving right now. */
  #mayMove(alive: readonly SimulatedConnection[]): boolean {
    const { plan, wire, now } = this.#system;
    if (alive.length === this.#connections) return false;
    return wire.sockets.some((socket) =>
      moveTimesOf(socket, plan).some((at) => Math.abs(now - at) < MOVES_IN_MS),
    );
  }

  /** Whether the server may not have read the client's last subscription. */
  #hasJustSubscribed(): boolean {
    const { now, wire } = this.#system;
    return wire.open.some(({ subscriptions }) => now - (subscriptions.at(-1)?.at ?? 0) < UNDER_WAY_MS);
  }

  /** How many connections there should be. */
  get #connections(): number {
    const { plan } = this.#system;
    return plan.connections * plan.accounts.length;
  }

  #quietMs(): number {
    const { now, wire } = this.#system;
    return this.#quiet.since(now, wire.lastChangeAt);
  }

  /** The server's side of the client's open sockets that have brought data recently. */
  #alive(): SimulatedConnection[] {
    const { now, wire, day } = this.#system;
    const servers = new Map(day.simulator.connections.map((connection) => [connection.id, connection]));
    return wire.aliveAt(now).flatMap(({ connectionId }) => servers.get(connectionId ?? 0) ?? []);
  }

  #judge(said: Said, alive: readonly SimulatedConnection[], quietMs: number, isLast: boolean): void {
    const { plan, scenario, wire, logins, now, failures } = this.#system;
    // A stop is not an outage.
    const openCounts = wire.openCounts.filter(({ at }) => at >= this.#program.startedAt);
    const found = judgeRest({
      at: now,
      wanted: this.#program.modes,
      pinned: { shared: this.#program.sharedModes, pins: this.#program.pins },
      open: alive.map(({ apiKey, book }) => ({ account: logins.idOf(apiKey), book })),
      connections: this.#connections,
      replicas: scenario.replicas,
      maxSymbols: plan.maxSymbols,
      isFresh:
        plan.accounts.length === 1 &&
        wasOutageOfAll(
          openCounts,
          plan.connections,
          plan.failoverAfterMs,
          wire.sockets.flatMap(({ silences }) => silences),
        ),
      isInline: scenario.worker && wire.lacksWorkerSince(this.#program.startedAt),
      hasMoved: isLast || quietMs >= plan.failoverAfterMs + MOVES_IN_MS,
      ...this.#silence(alive),
      said,
    });
    for (const failure of found) if (!this.#found.has(failure.text)) failures.push(failure);
    this.#found = new Set(found.map(({ text }) => text));
  }

  /** Instruments that have been silent since they were subscribed on their connection, and instruments that have not. */
  #silence(connections: readonly SimulatedConnection[]): { silent: Set<number>; heard: Set<number> } {
    const { now, server, pauses } = this.#system;
    const silent = new Set<number>();
    const heard = new Set<number>();
    server.look();
    for (const { id, book } of connections)
      for (const token of book.keys()) {
        const subscribedAt = server.subscribedAt(id, token) ?? 0;
        const sentAt = server.sentAt(id, token) ?? -1;
        const said = answerOf({ subscribedAt, sentAt }, now, pauses);
        if (said === 'none') silent.add(token);
        else if (said === 'some') heard.add(token);
      }
    return { silent, heard };
  }

  /** Looks for secrets in everything that the client shows. */
  #judgeShown({ shown }: Said): void {
    const { logins } = this.#system;
    const text = JSON.stringify(shown);
    for (const secret of secretsInText(text, logins.secrets)) this.#system.fail('secret-shown', secret);
  }
}

/** When the instruments of a socket go elsewhere, counted from its end, and from the moment in which it fell silent before that. */
export function moveTimesOf(
  { openedAt, leftAt, lastDataAt = openedAt }: Pick<SocketLog, 'openedAt' | 'leftAt' | 'lastDataAt'>,
  {
    failoverAfterMs,
    heartbeatLivenessThresholdMs,
  }: Pick<Plan, 'failoverAfterMs' | 'heartbeatLivenessThresholdMs'>,
): number[] {
  if (leftAt === undefined || lastDataAt === undefined) return [];
  const silentAt = lastDataAt + Math.min(DOWN_AFTER_MS, heartbeatLivenessThresholdMs);
  return [leftAt, Math.min(leftAt, silentAt)].map((at) => at + failoverAfterMs);
}

/** Whether an instrument has answered its subscription, as the client must know by now; undefined: it may know, or not yet. */
export function answerOf(
  { subscribedAt, sentAt }: { readonly subscribedAt: number; readonly sentAt: number },
  now: number,
  pauses: Pauses,
): 'some' | 'none' | undefined {
  if (sentAt >= subscribedAt) return sentAt < now - UNDER_WAY_MS ? 'some' : undefined;
  // A main thread that is blocked hears later that its worker has subscribed something, and its clock may stand still in a sleep.
  const knownAt = pauses.awakeAt(subscribedAt);
  const waitedMs = now - knownAt - pauses.between(knownAt, now);
  return waitedMs > SILENT_MS + UNDER_WAY_MS ? 'none' : undefined;
}
