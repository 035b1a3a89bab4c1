import { type Simulator, startSimulator } from '../../simulator.js';
import { ClientProcess } from './client-process.js';
import { STEPS } from './decoding.js';
import { Judge } from './judge.js';
import { Scorecard } from './scorecard.js';
import { PLAN } from './sent-ticks.js';

export { NotStartedError } from './client-process.js';

/** The waiting times of the suite. */
export interface Patience {
  /** For a client to connect, including its start and its pause between two attempts. */
  readonly connectMs: number;
}

const API_KEY = 'conformance';
const ACCESS_TOKEN = 'conformancetoken';
/** Like the tokens of Kite's own web page. */
const RESERVED_TOKEN = 'to+ken/with=reserved&characters';
const STORM_MS = 3000;
/** How long the cached ticks after a subscription may take to be printed. */
const SETTLE_WITHIN_MS = 5000;
const MOST_ATTEMPTS = 3;
/** A client may wait for a minute after a refusal. */
const PARDON_WITHIN_MS = 90_000;

/** Runs the client once per course of events and judges all facts. */
export async function runSuite(command: readonly string[], patience: Patience): Promise<Scorecard> {
  const judge = new Judge();
  const run = (course: (course: Course) => Promise<void>) =>
    withServer((simulator) => course({ simulator, command, judge, patience }));
  const courses = [
    decode,
    drop,
    close,
    stall,
    unavailable,
    nobody,
    storm(403, 33),
    storm(400, 34),
    storm(429, 35),
    storm(400, 40, ''),
    encode,
    refusedOnce(429, 38),
  ];
  // Two at a time: they mostly wait, and each has its own server.
  const runNext = async (): Promise<void> => {
    const course = courses.shift();
    if (course === undefined) return;
    await run(course);
    await runNext();
  };
  // These only wait, some for a minute.
  const pardons = [refusedOnce(403, 39), refusedOnce(400, 39), refusedOnce(400, 39, '')];
  await Promise.all([runNext(), runNext(), ...pardons.map(run)]);
  return new Scorecard(judge.rows);
}

interface Course {
  readonly simulator: Simulator;
  readonly command: readonly string[];
  readonly judge: Judge;
  readonly patience: Patience;
}

async function withServer(act: (simulator: Simulator) => Promise<void>): Promise<void> {
  await using simulator = await startSimulator({
    ticksPerSecond: 0,
    heartbeatIntervalMs: 500,
    accounts: [{ apiKey: API_KEY, accessToken: ACCESS_TOKEN }],
  });
  await act(simulator);
}

function start({ simulator, command }: Course, accessToken = ACCESS_TOKEN): ClientProcess {
  return new ClientProcess(command, {
    url: simulator.url,
    apiKey: API_KEY,
    accessToken,
    subscriptions: PLAN,
  });
}

/** Whether everything is subscribed on a newer connection than those so far. */
async function isSubscribed(
  { simulator, patience }: Course,
  client: ClientProcess,
  after = 0,
): Promise<boolean> {
  return client.until(() => {
    const connection = simulator.connections.find(({ id }) => id > after);
    return (
      connection !== undefined && [...PLAN].every(([token, mode]) => connection.book.get(token) === mode)
    );
  }, patience.connectMs);
}

async function decode(course: Course): Promise<void> {
  const { simulator, judge } = course;
  let client = start(course);
  /** The connection on which all cached ticks are printed: from then on only sent ticks are. */
  let settled: number | undefined;
  try {
    await isSubscribed(course, client);
    const [handshake] = simulator.handshakes;
    judge.note(
      1,
      handshake?.status === 101,
      handshake ? `it got HTTP ${handshake.status}` : 'it did not come',
    );
    const book = simulator.connections.at(-1)?.book;
    const isWhole = [...PLAN.keys()].every((token) => book?.has(token));
    judge.note(2, isWhole, `it subscribed to ${book?.size ?? 0} of ${PLAN.size}`);
    judge.note(
      3,
      [...PLAN].every(([token, mode]) => book?.get(token) === mode),
      'some are in another mode',
    );
    if (handshake?.status !== 101) return;
    for (const step of STEPS) {
      if (client.exit !== undefined) client = start(course);
      if (!(await isSubscribed(course, client))) continue;
      const id = simulator.connections.at(-1)?.id;
      if (id !== settled) await client.until(() => hasCachedTicks(client), SETTLE_WITHIN_MS);
      settled = id;
      await step({ simulator, client, judge });
      client.ticks.length = 0;
    }
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

/** Whether the cached tick of each instrument is printed, in its mode. A token may be misread as signed. */
function hasCachedTicks({ ticks }: ClientProcess): boolean {
  const printed = new Set(
    ticks.map((tick) => `${Number(tick['instrument_token']) >>> 0} ${String(tick['mode'])}`),
  );
  return [...PLAN].every(([token, mode]) => printed.has(`${token} ${mode}`));
}

async function drop(course: Course): Promise<void> {
  const { simulator, judge, patience } = course;
  await using client = start(course);
  if (!(await isSubscribed(course, client))) return;
  const [{ id } = { id: 0 }] = simulator.connections;
  simulator.drop();
  const isBack = await client.until(
    () => simulator.connections.some((one) => one.id > id),
    patience.connectMs,
  );
  judge.note(27, isBack, exitOf(client, patience));
  judge.note(
    28,
    isBack && (await isSubscribed(course, client, id)),
    'not everything is subscribed as it was',
  );
}

async function close(course: Course): Promise<void> {
  await comesBack(course, 29, ({ simulator }) => simulator.close(1001, 'going away'));
}

async function stall(course: Course): Promise<void> {
  await comesBack(course, 30, ({ simulator }) => simulator.stall());
}

async function comesBack(course: Course, fact: number, happen: (course: Course) => unknown): Promise<void> {
  const { simulator, judge, patience } = course;
  await using client = start(course);
  if (!(await isSubscribed(course, client))) return;
  const [{ id } = { id: 0 }] = simulator.connections;
  happen(course);
  judge.note(fact, await isSubscribed(course, client, id), exitOf(client, patience));
}

async function unavailable(course: Course): Promise<void> {
  const { simulator, judge, patience } = course;
  simulator.refuse(1, 503);
  await using client = start(course);
  judge.note(31, await isSubscribed(course, client), exitOf(client, patience));
}

async function nobody(course: Course): Promise<void> {
  const { simulator, judge, patience } = course;
  await simulator.pause();
  await using client = start(course);
  // Long enough for any client to have tried.
  await client.until(() => client.exit !== undefined, 2000);
  await simulator.resume();
  judge.note(32, await isSubscribed(course, client), exitOf(client, patience));
}

/** A connection is lost, and the next handshake is refused: a gateway that errs, or a server that still counts the lost one. */
function refusedOnce(status: number, fact: number, body?: string): (course: Course) => Promise<void> {
  return async (course) => {
    const { simulator, judge, patience } = course;
    const patient = { ...course, patience: { connectMs: Math.max(PARDON_WITHIN_MS, patience.connectMs) } };
    await using client = start(course);
    if (!(await isSubscribed(course, client))) return;
    const [{ id } = { id: 0 }] = simulator.connections;
    simulator.refuse(1, status, undefined, body);
    simulator.drop();
    const isBack = await isSubscribed(patient, client, id);
    const wasRefused = simulator.handshakes.some((handshake) => handshake.status === status);
    const after = `after HTTP ${status}${body === '' ? ' without a word' : ''} `;
    judge.note(
      fact,
      isBack && wasRefused,
      wasRefused ? after + exitOf(client, patient.patience) : 'it did not try again after the loss',
    );
  };
}

/** An endless refusal: how often does the client try, and does it report it? */
function storm(status: number, fact: number, body?: string): (course: Course) => Promise<void> {
  return async (course) => {
    const { simulator, judge, patience } = course;
    simulator.refuse(Infinity, status, undefined, body);
    await using client = start(course);
    await client.until(
      () => simulator.handshakes.length > 0 || client.exit !== undefined,
      patience.connectMs,
    );
    const hasTried = simulator.handshakes.length > 0;
    await client.until(() => false, STORM_MS);
    const attempts = simulator.handshakes.length;
    judge.note(fact, hasTried && attempts <= MOST_ATTEMPTS, `it tried ${attempts} times in ${STORM_MS} ms`);
    if (status !== 403) return;
    const hasTold =
      client.errors.length > 0 || client.stderr !== '' || (client.exit !== undefined && client.exit !== 0);
    judge.note(36, hasTried && hasTold, 'it said nothing');
  };
}

async function encode(course: Course): Promise<void> {
  const { simulator, judge, patience } = course;
  simulator.setAccessToken(API_KEY, RESERVED_TOKEN);
  await using client = start(course, RESERVED_TOKEN);
  await client.until(() => simulator.handshakes.length > 0, patience.connectMs);
  const [handshake] = simulator.handshakes;
  judge.note(37, handshake?.status === 101, handshake && `it got HTTP ${handshake.status}`);
}

function exitOf(client: ClientProcess, { connectMs }: Patience): string {
  return client.exit === undefined ? `it did not within ${connectMs} ms` : `it ended with ${client.exit}`;
}
