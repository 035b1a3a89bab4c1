import type { Simulator } from './simulator.js';
import type { AccessTokens } from './virtual/access-tokens.js';
import type { FaultAction, FaultTarget } from './virtual/fault.js';
import type { Lane } from './virtual/lane.js';
import type { Link } from './virtual/link.js';
import type { Machine } from './virtual/machine.js';
import type { Network } from './virtual/network.js';
import type { Scheduler } from './virtual/scheduler.js';
import type { VirtualWorker } from './virtual/virtual-worker.js';
import type { VirtualWorkers } from './virtual/worker-host.js';

/** Default time after which the server gives up a silent connection: about what TCP does. */
const SERVER_NOTICES_AFTER_MS = 900_000;

/** The system that faults act on. */
export interface FaultySystem {
  readonly simulator: Simulator;
  readonly network: Network;
  readonly machine: Machine;
  readonly workers: VirtualWorkers;
  readonly tokens: AccessTokens;
  readonly scheduler: Scheduler;
  readonly main: Lane;
  readonly outside: Lane;
}

/** Applies a fault now. One with a duration ends by itself. */
export function injectFault(system: FaultySystem, action: FaultAction): void {
  const { simulator, network, machine, tokens, main, scheduler } = system;
  const later = (ms: number, undo: () => void) => void system.outside.at(scheduler.time + ms, undo);
  const until = 'forMs' in action ? scheduler.time + action.forMs : 0;
  switch (action.kind) {
    case 'drop':
      forEachId(system, action.who, (id) => simulator.drop(id));
      break;
    case 'stall': {
      const ids = idsOf(system, action.who);
      for (const id of ids) simulator.stall(id);
      later(action.forMs, () => {
        for (const id of ids) simulator.resume(id).catch(ignore);
      });
      break;
    }
    case 'blackhole':
      forEachId(system, action.who, (id) => simulator.blackhole(id));
      break;
    case 'close':
      forEachId(system, action.who, (id) => simulator.close(action.code, action.reason, id));
      break;
    case 'cut':
      forEachLink(system, action.who, (link) => link.cut());
      break;
    case 'cut-silently': {
      const { serverNoticesAfterMs = SERVER_NOTICES_AFTER_MS } = action;
      forEachLink(system, action.who, (link) => link.cutSilently(serverNoticesAfterMs ?? undefined));
      break;
    }
    case 'half-open':
      forEachLink(system, action.who, (link) => link.halfOpen());
      break;
    case 'clog': {
      const { who, direction = 'both' } = action;
      if (who === undefined) network.clog(until, direction);
      else forEachLink(system, who, (link) => link.clog(until, direction));
      break;
    }
    case 'slow-reader':
      forEachLink(system, action.who, (link) => link.slowReader(action.bytesPerSecond, until));
      break;
    case 'lag':
      damage(system, action.who, action.forMs, (part, id) => simulator.lag(part * action.delayMs, id));
      break;
    case 'corrupt':
    case 'truncate':
      damage(system, action.who, action.forMs, (part, id) => simulator[action.kind](part * action.part, id));
      break;
    case 'refuse':
      simulator.refuse(action.count, action.status, action.apiKey, action.body);
      break;
    case 'slow-handshake':
      simulator.slowHandshake(action.delayMs ?? Infinity);
      later(action.forMs, () => simulator.slowHandshake(0));
      break;
    case 'restart':
      void simulator.pause();
      later(action.forMs, () => void simulator.resume().catch(ignore));
      break;
    case 'expire-tokens':
      simulator.expireTokens(action.apiKey);
      if (action.loginAfterMs !== undefined) later(action.loginAfterMs, () => tokens.login(action.apiKey));
      break;
    case 'login':
      tokens.login(action.apiKey);
      break;
    case 'expire-instruments':
      simulator.expireInstruments(action.tokens);
      break;
    case 'burst':
      forEachId(system, action.who, (id) => simulator.burst(action.ticks, id));
      break;
    case 'block-main':
      main.blockUntil(until);
      break;
    case 'sleep':
      machine.sleep(action.forMs);
      if (action.forMs > SERVER_NOTICES_AFTER_MS)
        forEachLink(system, undefined, (link) => link.cutSilently(SERVER_NOTICES_AFTER_MS));
      break;
    case 'jump-clock':
      machine.jumpWall(action.byMs);
      break;
    case 'drift-clock':
      machine.driftWall(action.ppm);
      break;
    case 'crash-worker':
      workerOf(system, action.worker)?.crash(new Error('the simulated worker has crashed'));
      break;
    case 'hang-worker':
      workerOf(system, action.worker)?.hang();
      break;
    case 'block-worker':
      workerOf(system, action.worker)?.blockFor(action.forMs);
      break;
    case 'heal':
      simulator.heal();
      break;
    case 'order':
      for (const apiKey of action.apiKey === undefined ? connectedKeys(system) : [action.apiKey])
        simulator.postOrder(apiKey, action.order);
  }
}

/** Damages some connections, or all including new ones, for a while. */
function damage(
  system: FaultySystem,
  who: FaultTarget | undefined,
  forMs: number,
  set: (part: 0 | 1, id: number | undefined) => void,
): void {
  const ids = who === undefined ? [undefined] : idsOf(system, who);
  for (const id of ids) set(1, id);
  system.outside.at(system.scheduler.time + forMs, () => {
    for (const id of ids) set(0, id);
  });
}

function forEachId(system: FaultySystem, who: FaultTarget | undefined, act: (id: number) => void): void {
  for (const id of idsOf(system, who)) act(id);
}

function forEachLink(system: FaultySystem, who: FaultTarget | undefined, act: (link: Link) => void): void {
  const ids = idsOf(system, who);
  for (const link of system.network.links) {
    const { sessionId } = link.server;
    // A socket without a session is in its handshake.
    if (sessionId === undefined ? who === undefined : ids.includes(sessionId)) act(link);
  }
}

function idsOf({ simulator }: FaultySystem, who: FaultTarget | undefined): number[] {
  const { connections } = simulator;
  if (typeof who === 'number')
    return connections.length === 0 ? [] : [connections[who % connections.length]!.id];
  return connections.filter(({ apiKey }) => who === undefined || apiKey === who).map(({ id }) => id);
}

function connectedKeys({ simulator }: FaultySystem): Set<string> {
  return new Set(simulator.connections.map(({ apiKey }) => apiKey));
}

function workerOf({ workers }: FaultySystem, worker = 0): VirtualWorker | undefined {
  const { alive } = workers;
  return alive[worker % alive.length];
}

function ignore(): void {
  // The simulator was stopped meanwhile: there is nothing to resume.
}
