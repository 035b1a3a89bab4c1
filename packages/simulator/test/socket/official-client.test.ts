import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeFrame, Segment, type Tick } from '@kite/protocol';
import { type Simulator, startSimulator } from '@kite/simulator';
import { eventually, INFY, NIFTY } from '@kite/testkit';

/** What kiteconnect makes of a packet, after its way as JSON from the child process. */
type OfficialTick = Record<string, unknown> & { instrument_token: number };
interface Decoded {
  readonly official: OfficialTick;
  readonly ours: Tick;
}

/** How many times as fast its time runs: kiteconnect ends a connection on which it has read nothing for 5 s. */
const SPEED = 5;

const IDEA = 3677697;
const NCO = 31132428;
const CDS = 1000 * 256 + Segment.CDS;
const BCD = 1000 * 256 + Segment.BCD;
const BEYOND_INT32 = 0x8000_0000 + 1000 * 256 + Segment.NSE;
const PLAN = {
  full: [INFY, NIFTY, IDEA, NCO, CDS, BEYOND_INT32],
  quote: [738561, 260105, BCD],
  ltp: [884737, 265, 5633],
};

/**
 * Where kiteconnect 5.3.0 reads wrong, each with its reason and with the value that it is known to make of ours.
 * Everything that is not listed here has to be equal.
 */
const KNOWN_MISREADINGS: readonly {
  reason: string;
  applies: (tick: Tick) => boolean;
  misread: (expected: OfficialTick) => void;
}[] = [
  {
    reason: 'NCO prices have four decimals; it divides by 100',
    applies: (tick) => tick.segment === Segment.NCO,
    misread: (expected) => scalePrices(expected, 100),
  },
  {
    reason: 'it sums shifted bytes, which JavaScript takes for signed: a volume from 2³¹ is negative',
    applies: (tick) => 'volumeTraded' in tick && tick.volumeTraded >= 2 ** 31,
    misread: (expected) => (expected['volume_traded'] = (expected['volume_traded'] as number) - 2 ** 32),
  },
  {
    reason: 'the same for a token from 2³¹',
    applies: (tick) => tick.instrumentToken >= 2 ** 31,
    misread: (expected) => (expected.instrument_token -= 2 ** 32),
  },
];

let simulator: Simulator;
const children: ChildProcess[] = [];
beforeAll(async () => {
  simulator = await startSimulator({ seed: 20261120, heartbeatIntervalMs: 1000 / SPEED });
});
afterAll(async () => {
  for (const child of children) if (child.connected) child.disconnect();
  await simulator.stop();
});

interface Observed {
  readonly frames: { frame: Buffer; official: OfficialTick[] }[];
  readonly orders: unknown[];
  readonly trouble: string[];
  heartbeats: number;
  /** How often it has looked whether anything was read. */
  looks: number;
  exited: boolean;
  connected: Promise<void>;
}

function observe(apiKey: string, plan: typeof PLAN): Observed {
  const script = fileURLToPath(new URL('../support/official-client.cjs', import.meta.url));
  const child = fork(script, [simulator.url, apiKey, JSON.stringify(plan), String(SPEED)], { execArgv: [] });
  children.push(child);
  let connected: () => void;
  const observed: Observed = {
    frames: [],
    orders: [],
    trouble: [],
    heartbeats: 0,
    looks: 0,
    exited: false,
    connected: new Promise((resolve) => (connected = resolve)),
  };
  child.on('exit', () => (observed.exited = true));
  child.on('message', ({ event, data }: { event: string; data: never }) => {
    if (event === 'connect') connected();
    else if (event === 'heartbeat') observed.heartbeats++;
    else if (event === 'look') observed.looks++;
    else if (event === 'order') observed.orders.push(data);
    else if (event === 'trouble') observed.trouble.push(data);
    else {
      const { frame, ticks } = data as { frame: string; ticks: OfficialTick[] };
      observed.frames.push({ frame: Buffer.from(frame, 'base64'), official: ticks });
    }
  });
  return observed;
}

describe('the official JS client (kiteconnect 5.3.0, unmodified)', () => {
  test(
    'stays connected past its read timeout, with ticks or with heartbeats alone, ' +
      'and decodes ltp, quote, full and indices as we do wherever its reading is right',
    async () => {
      const streaming = observe('streaming', PLAN);
      const idle = observe('idle', { full: [], quote: [], ltp: [] });
      await Promise.all([streaming.connected, idle.connected]);
      const order = simulator.postOrder('streaming', { tag: 'official' });
      await eventually(() => expect(Math.min(streaming.looks, idle.looks)).toBeGreaterThanOrEqual(2));
      const before = streaming.frames.length;
      simulator.burst(10, 'streaming');
      await eventually(() => expect(streaming.frames.length).toBeGreaterThan(before + 5));

      expect([streaming.trouble, idle.trouble]).toEqual([[], []]);
      expect([streaming.exited, idle.exited]).toEqual([false, false]);
      expect(idle.heartbeats).toBeGreaterThanOrEqual(5);
      expect(streaming.orders).toEqual([order]);

      const decoded = streaming.frames.flatMap(({ frame, official }): Decoded[] => {
        const ticks = decodeFrame(frame);
        expect(official).toHaveLength(ticks.length);
        return official.map((tick, index) => ({ official: tick, ours: ticks[index]! }));
      });
      for (const { official, ours } of decoded) expect(official).toEqual(asOfficialReadsIt(ours));

      // Every kind of packet was among them, several of each, and every known misreading too.
      for (const mode of ['ltp', 'quote', 'full'] as const)
        for (const segment of [Segment.NSE, Segment.INDICES]) {
          const seen = decoded.filter(({ ours }) => ours.mode === mode && ours.segment === segment);
          expect([mode, segment, seen.length > 5]).toEqual([mode, segment, true]);
        }
      for (const { reason, applies } of KNOWN_MISREADINGS)
        expect([reason, decoded.some(({ ours }) => applies(ours))]).toEqual([reason, true]);
    },
  );
});

/** Our tick under the official names and as JSON carries it, with what is known to be misread. */
function asOfficialReadsIt(tick: Tick): OfficialTick {
  const expected: OfficialTick = {
    tradable: tick.segment !== Segment.INDICES,
    mode: tick.mode,
    instrument_token: tick.instrumentToken,
    last_price: tick.lastPrice,
  };
  if (tick.mode !== 'ltp') {
    expected['ohlc'] = { ...tick.ohlc };
    expected['change'] = tick.changePercent;
    if (tick.tradable) {
      expected['last_traded_quantity'] = tick.lastTradedQuantity;
      expected['average_traded_price'] = tick.averageTradedPrice;
      expected['volume_traded'] = tick.volumeTraded;
      expected['total_buy_quantity'] = tick.totalBuyQuantity;
      expected['total_sell_quantity'] = tick.totalSellQuantity;
    }
    if (tick.mode === 'full') expected['exchange_timestamp'] = date(tick.exchangeTimestamp);
    if (tick.mode === 'full' && tick.tradable) {
      expected['last_trade_time'] = date(tick.lastTradeTime);
      expected['oi'] = tick.oi;
      expected['oi_day_high'] = tick.oiDayHigh;
      expected['oi_day_low'] = tick.oiDayLow;
      expected['depth'] = structuredClone(tick.depth);
    }
  }
  for (const { applies, misread } of KNOWN_MISREADINGS) if (applies(tick)) misread(expected);
  return expected;
}

/** Each price as it comes out with a divisor that is too small by `factor`. */
function scalePrices(expected: OfficialTick, factor: number): void {
  const scaled = (price: number) => Math.round(price * 10_000) / (10_000 / factor);
  for (const name of ['last_price', 'average_traded_price'])
    if (name in expected) expected[name] = scaled(expected[name] as number);
  const { ohlc, depth } = expected as {
    ohlc?: Record<string, number>;
    depth?: Record<string, { price: number }[]>;
  };
  if (ohlc) for (const name of Object.keys(ohlc)) ohlc[name] = scaled(ohlc[name]!);
  for (const level of Object.values(depth ?? {}).flat()) level.price = scaled(level.price);
  // A percentage does not change with the scale, its last digits do.
  if (ohlc)
    expected['change'] = (((expected['last_price'] as number) - ohlc['close']!) * 100) / ohlc['close']!;
}

function date(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
