import { encodeFrame, encodePacket, type Tick } from '@kite/protocol';

import type { Simulator } from '../../simulator.js';
import type { ClientProcess, PrintedTick } from './client-process.js';
import type { Judge } from './judge.js';
import { difference, timeOf } from './same-tick.js';
import { full, indexFull, indexQuote, ltp, quote } from './sent-ticks.js';

const INFY = 408065;
/** How long a packet may take to be printed: everything is on this machine. */
const PRINT_WITHIN_MS = 10_000;
/** Longer than the official clients wait for data. */
const QUIET_MS = 7000;
const GONE = 'it was gone afterwards';
const STRANGE_TEXTS = [
  '{"type":"app_code","timestamp":"2025-08-04T13:50:28+05:30"}',
  '{"type":"news","data":[1]}',
  '{"data":null}',
  'null',
  'not JSON',
];
/** A packet of an unknown kind. */
const ALIEN = new Uint8Array(20).fill(7);

/** A step of the course; it begins with a connected and subscribed client. */
export type Step = (stage: Stage) => Promise<void>;

/** What a step acts on. */
interface Stage {
  readonly simulator: Simulator;
  readonly client: ClientProcess;
  readonly judge: Judge;
}

/** Independent of each other: one must not decide the next. Those that may end the client come last. */
export const STEPS: readonly Step[] = [
  packets,
  times,
  changes,
  ...frames(),
  largest,
  fragments,
  heartbeats,
  errors,
  orders,
  strangeTexts,
];

async function packets(stage: Stage): Promise<void> {
  const check = async (id: number, tick: Tick) => stage.judge.noteFlaw(id, await flawOf(stage, tick));
  await check(4, ltp(884737, 392.95));
  await check(5, quote(738561, 2900.5, 2880));
  await check(6, full(INFY, 1573.7, 1567.8));
  await check(7, indexQuote(260105));
  await check(8, indexFull(256265));
  await check(9, quote(1000 * 256 + 3, 83.3825, 83.38));
  await check(10, quote(1000 * 256 + 6, 83.3825, 83.38));
  await check(11, quote(31132428, 378.2, 380));
  await check(12, quote(1000 * 256 + 7, -37.63, 18.27));
  await check(13, { ...quote(738561, 2900.5, 2880), volumeTraded: 3_000_000_000 });
  await check(14, ltp(0x8000_0000 + 1000 * 256 + 1, 100));
}

async function times(stage: Stage): Promise<void> {
  const timeless = { ...full(INFY, 1573.7, 1567.8), lastTradeTime: null, exchangeTimestamp: null };
  const [tick] = await printed(stage, encodeFrame([timeless]));
  const seen = [tick?.['last_trade_time'], tick?.['exchange_timestamp']];
  const areAbsent = tick !== undefined && seen.every((time) => timeOf(time) === null);
  stage.judge.note(15, areAbsent, `it is ${JSON.stringify(seen)}`);
}

async function changes(stage: Stage): Promise<void> {
  const ticks = [
    ...(await printed(stage, encodeFrame([quote(738561, 110, 100)]))),
    ...(await printed(stage, encodeFrame([full(INFY, 110, 100)]))),
  ];
  const seen = ticks.map((tick) => tick['change']);
  const isTen = (change: unknown) => typeof change === 'number' && Math.abs(change - 10) < 1e-9;
  stage.judge.note(
    16,
    seen.length === 2 && seen.every(isTen),
    `change is ${JSON.stringify(seen)} and not 10`,
  );
}

/** Frames of several packets, whole and not. */
function frames(): Step[] {
  const some = [ltp(884737, 1), quote(738561, 2, 3), full(INFY, 4, 5)] as const;
  const step =
    (id: number, bytes: Uint8Array, prices: readonly number[]): Step =>
    async (stage) => {
      const seen = (await printed(stage, bytes, prices.length)).map((tick) => tick['last_price']);
      const isSame = JSON.stringify(seen) === JSON.stringify(prices);
      stage.judge.note(id, isSame, `the prices are ${JSON.stringify(seen)}`);
    };
  return [
    step(17, encodeFrame(some), [1, 2, 4]),
    step(18, encodeFrame([some[0], ALIEN, some[2]]), [1, 4]),
    step(19, encodeFrame(some).subarray(0, -10), [1, 2]),
    step(20, Uint8Array.of(...encodeFrame(some), 1, 2, 3), [1, 2, 4]),
  ];
}

async function largest(stage: Stage): Promise<void> {
  const body = encodePacket(full(INFY, 4, 5));
  const ticks = await printed(stage, encodeFrame(Array.from({ length: 3000 }, () => body)), 3000);
  stage.judge.note(25, ticks.length === 3000, `${ticks.length} ticks were printed`);
}

async function fragments(stage: Stage): Promise<void> {
  stage.simulator.fragment(5);
  stage.judge.noteFlaw(26, await flawOf(stage, full(INFY, 1573.75, 1567.8)));
  stage.simulator.heal();
}

async function heartbeats({ simulator, client, judge }: Stage): Promise<void> {
  const connection = simulator.connections.at(-1);
  const [ticks, beats] = [client.ticks.length, connection?.counters.heartbeatsSent ?? 0];
  await client.until(() => client.exit !== undefined, QUIET_MS);
  const isQuiet = client.ticks.length === ticks && (connection?.counters.heartbeatsSent ?? 0) > beats;
  const isThere = simulator.connections.at(-1)?.id === connection?.id && client.exit === undefined;
  judge.note(21, isQuiet && isThere, `after ${QUIET_MS} ms of heartbeats it was gone, or had printed ticks`);
}

async function errors(stage: Stage): Promise<void> {
  stage.judge.note(
    23,
    await survives(stage, ['{"type":"error","data":"Can\'t subscribe to more than 3000 instruments."}']),
    GONE,
  );
}

async function orders({ simulator, client, judge }: Stage): Promise<void> {
  const { order_id } = simulator.postOrder(simulator.connections.at(-1)?.apiKey ?? '', {
    status: 'REJECTED',
  });
  const isIt = (order: unknown) => (order as { order_id?: unknown } | null)?.order_id === order_id;
  judge.note(
    24,
    await client.until(() => client.orders.some(isIt), PRINT_WITHIN_MS),
    'no line of type order was printed',
  );
}

async function strangeTexts(stage: Stage): Promise<void> {
  const failing: string[] = [];
  for (const text of STRANGE_TEXTS) if (!(await survives(stage, [text]))) failing.push(text);
  stage.judge.note(22, failing.length === 0, `it was gone after ${failing.join(' and ')}`);
}

/** Whether the client is still on the same connection after these texts. */
async function survives(stage: Stage, texts: readonly string[]): Promise<boolean> {
  const { simulator } = stage;
  const id = simulator.connections.at(-1)?.id;
  for (const text of texts) simulator.sendText(text);
  const [tick] = await printed(stage, encodeFrame([ltp(884737, 393)]));
  return tick !== undefined && simulator.connections.at(-1)?.id === id;
}

/** Sends a frame and returns what is printed then: at least `count` ticks, or what came in time. */
async function printed({ simulator, client }: Stage, frame: Uint8Array, count = 1): Promise<PrintedTick[]> {
  const { ticks } = client;
  const before = ticks.length;
  simulator.sendBinary(frame);
  await client.until(() => ticks.length >= before + count || client.exit !== undefined, PRINT_WITHIN_MS);
  return ticks.slice(before);
}

async function flawOf(stage: Stage, tick: Tick): Promise<string | undefined> {
  const [first] = await printed(stage, encodeFrame([tick]));
  return first ? difference(first, tick) : 'nothing was printed';
}
