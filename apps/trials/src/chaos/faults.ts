import { setTimeout as sleep } from 'node:timers/promises';
import type { Mode } from '@kite/protocol';

import { Chance } from '../plan/chance.js';
import type { FaultKind } from './fault-kind.js';
import type { IoThreads } from './io-threads.js';
import { impair, type Network, setLink } from './network.js';
import type { Program } from './program.js';
import type { RelayProcess } from './relay-process.js';
import { drawConsumer, type PlannedFault, type RoundPlan } from './round-plan.js';
import type { ServerProcess } from './server-process.js';
import type { SocketWatch } from './socket-watch.js';

/** What faults act on. */
export interface Target {
  readonly round: RoundPlan;
  readonly programs: readonly Program[];
  readonly server: ServerProcess;
  readonly threads: IoThreads;
  readonly watch: SocketWatch;
  readonly network: Network | undefined;
  readonly relay: RelayProcess | undefined;
  /** Milliseconds since the round began. */
  readonly now: () => number;
  /** The main thread did nothing from one time to another. */
  readonly stalled: (from: number, to: number) => void;
  /** All connections of one account were ended, and none may come back for this long. */
  readonly accountDown: (program: Program, account: number, forMs: number) => void;
}

/** One fault as it happens. */
interface Blow {
  readonly target: Target;
  readonly program: Program;
  readonly account: number;
  readonly apiKey: string;
  readonly chance: Chance;
}

/** Produces a fault, and resolves when it is over. */
export async function strike(
  target: Target,
  { kind, program: index, account: any, seed }: PlannedFault,
): Promise<void> {
  const program = target.programs[index % target.programs.length]!;
  const account = any % program.accounts.length;
  const { apiKey } = program.accounts[account]!;
  await ACTS[kind]({ target, program, account, apiKey, chance: new Chance(seed, kind) });
}

type Act = (blow: Blow) => Promise<void> | void;

const ACTS: Readonly<Record<FaultKind, Act>> = {
  drop: (blow) => toOne(blow, 'drop'),
  close: (blow) => toOne(blow, 'close', blow.chance.pick([1000, 1001, 1011, 1012]), ''),
  blackhole: (blow) => toOne(blow, 'blackhole'),
  async stall({ target: { server }, apiKey, chance }) {
    const id = await server.doTo({ apiKey, nth: chance.integer(0, 8) }, 'stall');
    await sleep(chance.integer(200, 5000));
    if (id !== undefined) await server.do('resume', id);
  },
  async lag({ target: { server }, apiKey, chance }) {
    await server.do('lag', chance.integer(20, 1500), { apiKey });
    await sleep(chance.integer(500, 4000));
    await server.do('lag', 0, { apiKey });
  },
  burst: ({ target: { server }, apiKey, chance }) =>
    ignored(server.do('burst', chance.integer(100, 3000), { apiKey })),
  async 'server-restart'({ target: { server }, chance }) {
    await server.do('pause');
    await sleep(chance.integer(50, 2500));
    await server.do('resume');
  },
  async 'slow-handshake'(blow) {
    const { server } = blow.target;
    await server.do('slowHandshake', blow.chance.pick([300, 1500, Infinity]));
    await toOne(blow, 'drop');
    await sleep(blow.chance.integer(500, 3000));
    await server.do('slowHandshake', 0);
  },
  'refuse-400': (blow) => refuse(blow, 400),
  'refuse-403': (blow) => refuse(blow, 403),
  'refuse-429': (blow) => refuse(blow, 429),
  'refuse-5xx': (blow) => refuse(blow, blow.chance.pick([500, 502, 503, 504])),
  async 'account-down'({ target, program, account, apiKey, chance }) {
    const times = chance.integer(1, 6);
    target.accountDown(program, account, times * target.round.timing.maxReconnectDelayMs);
    await target.server.do('refuse', times * program.plan.connections, 503, apiKey);
    await target.server.do('drop', { apiKey });
  },
  async 'tokens-expire'(blow) {
    const { server } = blow.target;
    await server.do('expireTokens', blow.apiKey);
    await toOne(blow, 'drop');
    await sleep(blow.chance.integer(100, 3000));
    await logIn(blow);
  },
  truncate({ target: { threads, watch }, apiKey, chance }) {
    const cut = { apiKey, frames: chance.integer(1, 5), part: chance.next() };
    threads.sufferAll({ type: 'cut', ...cut });
    watch.cut(cut);
  },
  corrupt: leftOut,
  'link-down': (blow) => linkDown(blow, blow.chance.integer(200, 1500)),
  'link-blackhole': (blow) => linkDown(blow, silenceMs(blow)),
  async 'peer-vanishes'(blow) {
    const { relay, network } = blow.target;
    await setLink(network!, 'down');
    relay!.kill();
    await sleep(silenceMs(blow));
    await setLink(network!, 'up');
    await relay!.startAgain();
  },
  'netem-delay': (blow) => impaired(blow, ['delay', `${blow.chance.integer(20, 300)}ms`, '20ms']),
  'netem-loss': (blow) => impaired(blow, ['loss', `${blow.chance.integer(1, 20)}%`]),
  'main-stall'({ target: { now, stalled }, chance }) {
    const from = now();
    const to = from + chance.integer(100, 2500);
    while (now() < to);
    stalled(from, now());
  },
  'worker-kill': ({ target: { threads }, chance }) => void threads.kill(chance.integer(0, 8)),
  'worker-crash': ({ target: { threads }, chance }) =>
    void threads.suffer(chance.integer(0, 8), { type: 'crash' }),
  'worker-hang': ({ target: { threads }, chance }) =>
    void threads.suffer(chance.integer(0, 8), { type: 'hang', forMs: chance.pick([500, 3000, 60_000]) }),
  credentials: (blow) => logIn(blow),
  subscribe: ({ program, chance, target: { round } }) =>
    program.subscribe(few(round.instruments, chance), modeOf(chance)),
  async unsubscribe({ program, chance, target: { round } }) {
    const tokens = few(round.instruments, chance);
    program.unsubscribe(tokens);
    await sleep(chance.integer(1, 4000));
    program.subscribe(tokens, modeOf(chance));
  },
  mode: ({ program, chance, target: { round } }) =>
    program.changeMode(few(round.instruments, chance), modeOf(chance)),
  'consumer-comes': (blow) => comes(blow, false),
  'slow-consumer-comes': (blow) => comes(blow, true),
  'consumer-goes'({ program, chance }) {
    // Never the consumer that reads everything.
    const others = program.consumers.slice(1).filter((consumer) => consumer.isReading);
    if (others.length > 0) chance.pick(others).close();
  },
};

function leftOut(): void {
  throw new Error('what is left out is never drawn');
}

async function toOne({ target, apiKey, chance }: Blow, ...[method, ...args]: OneConnection): Promise<void> {
  await target.server.doTo({ apiKey, nth: chance.integer(0, 8) }, method, ...args);
}

type OneConnection = ['drop' | 'blackhole'] | ['close', number, string];

/** Drops a connection of an account and refuses its next handshakes. */
async function refuse(blow: Blow, status: number): Promise<void> {
  await blow.target.server.do('refuse', blow.chance.integer(1, 2), status, blow.apiKey);
  await toOne(blow, 'drop');
}

async function logIn({ target: { server }, program, account, apiKey, chance }: Blow): Promise<void> {
  const accessToken = `${program.accounts[account]!.accessToken}-${chance.integer(0, 1e6)}`;
  await server.do('setAccessToken', apiKey, accessToken);
  program.logIn(account, accessToken);
}

async function linkDown({ target: { network } }: Blow, forMs: number): Promise<void> {
  await setLink(network!, 'down');
  await sleep(forMs);
  await setLink(network!, 'up');
}

/** Longer than the allowed silence. */
function silenceMs({ target, chance }: Blow): number {
  return target.round.timing.heartbeatLivenessThresholdMs + chance.integer(300, 1500);
}

async function impaired({ target: { network }, chance }: Blow, netem: readonly string[]): Promise<void> {
  await impair(network!, netem);
  await sleep(chance.integer(500, 4000));
  await impair(network!, undefined);
}

function comes({ program, chance }: Blow, isSlow: boolean): void {
  const id = `consumer ${program.consumers.length}`;
  program.consume(drawConsumer(chance, id, program.plan, isSlow)).open();
}

function few(instruments: readonly number[], chance: Chance): number[] {
  return chance.some(chance.integer(1, 8), instruments);
}

function modeOf(chance: Chance): Mode {
  return chance.pick(['ltp', 'quote', 'full', 'full'] as const);
}

async function ignored(done: Promise<unknown>): Promise<void> {
  await done;
}
