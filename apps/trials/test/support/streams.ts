import { encodePacket, type FullTick, type Gap, type LtpTick, type Tick } from '@kite/protocol';
import type { SentTick } from '@kite/simulator';

import type { Item, Origin } from '../../src/client/client.js';
import type { Facts } from '../../src/oracle/facts.js';
import { Pauses } from '../../src/oracle/pauses.js';
import { SentStates } from '../../src/oracle/sent-states.js';
import type { StreamRecord } from '../../src/oracle/stream-record.js';
import { Wanted } from '../../src/oracle/wanted.js';
import type { ConsumerPlan } from '../../src/plan/plan.js';
import { type Arrival, type SocketLog, WireLog } from '../../src/run/wire-log.js';

export const TOKEN = 408065;
export const OTHER = 256265 + 2; // On no index segment.
/** The client's wall as a trial begins. */
export const WALL = 1_000_000;

export const from = (channelId: number): Origin => ({ account: 'account-1', channelId });

export const tick = (lastPrice: number, instrumentToken = TOKEN): LtpTick => ({
  mode: 'ltp',
  instrumentToken,
  segment: instrumentToken & 0xff,
  tradable: true,
  lastPrice,
});

/** One packet that the server sent. It comes after a millisecond, unless `comes` is false or a later time. */
export interface Packet {
  readonly at: number;
  readonly price: number;
  readonly token?: number;
  /** The server's number of the connection. Default 1. */
  readonly connection?: number;
  readonly comes?: number | false;
}

/** The client's wall clock shows whole milliseconds. */
const wallOf = (at: number): number => WALL + Math.floor(at);

/** One connection of the client: from when to when, and its number there. */
export interface Connection {
  readonly opened: number;
  readonly left?: number;
  readonly channel?: number;
  /** Default 1. */
  readonly account?: number;
  /** When the client has unsubscribed the first instrument there. */
  readonly gaveUp?: number;
  /** When the client has subscribed it there anew. */
  readonly cameBack?: number;
  /** When the server read that. */
  readonly readBack?: number;
}

/** What is different about a record. */
export type RecordChange = Partial<Omit<StreamRecord, 'plan'>> & { plan?: Partial<ConsumerPlan> };

/** A small world: what the server sent, and what of it came to the client. */
export class World {
  readonly facts: Facts;
  readonly #channels = new Map<number, number>();

  constructor(packets: readonly Packet[], connections: Readonly<Record<number, Connection>> = {}) {
    const wire = new WireLog({ trueNow: () => 0, wallNow: () => WALL });
    wire.wall.saw(0, WALL);
    const numbers = new Set([
      ...packets.map(({ connection = 1 }) => connection),
      ...Object.keys(connections).map(Number),
    ]);
    for (const number of numbers) {
      const one = connections[number] ?? { opened: 0 };
      const { opened, left, channel = 0, gaveUp, cameBack, readBack } = one;
      this.#channels.set(number, channel);
      const mine = packets.filter(({ connection = 1 }) => connection === number);
      const socket = socketOf(number, opened, left, mine);
      if (gaveUp !== undefined)
        socket.subscriptions.push({ at: gaveUp, tokens: new Set([TOKEN]), isSubscribed: false });
      if (cameBack !== undefined)
        socket.subscriptions.push({
          at: cameBack,
          ...(readBack !== undefined && { readAt: readBack }),
          tokens: new Set([TOKEN]),
          isSubscribed: true,
        });
      wire.sockets.push(socket);
    }
    const wanted = new Wanted();
    wanted.note([TOKEN, OTHER], -1, true);
    const sentTicks = packets.map((packet, index) => {
      const { account = 1 } = connections[packet.connection ?? 1] ?? {};
      return sentTick(packet, index, `key-${account}`);
    });
    const sent = new SentStates(sentTicks, {
      sockets: wire.sockets,
      beganAt: 0,
      accountOf: (apiKey) => apiKey.replace('key', 'account'),
    });
    this.facts = {
      sent,
      wire,
      wanted,
      pauses: new Pauses([]),
      channels: new Map(this.#channels),
    };
  }
}

/** What a consumer was handed: each item with its time. */
export function recordOf(
  items: readonly (readonly [at: number, item: Item])[],
  { plan, ...rest }: RecordChange = {},
): StreamRecord {
  return {
    consumer: 'one',
    plan: { id: 'all', kind: 'messages', capacity: 1000, from: 0, takesMs: 0, ...plan },
    from: 0,
    to: undefined,
    endedBy: undefined,
    stoppedAt: undefined,
    items: items.map(([at, item]) => ({ at, item })),
    ...rest,
  };
}

/** A socket of the client that has opened at once and brought nothing, but for these. */
export function socketLog(change: Partial<SocketLog> = {}): SocketLog {
  return {
    dialledAt: 0,
    apiKey: 'key',
    accessToken: 'token',
    openedAt: 0,
    openedWall: WALL,
    leftAt: undefined,
    lastDataAt: undefined,
    lastDataWall: undefined,
    silences: [],
    connectionId: 1,
    arrivals: [],
    subscriptions: [],
    upToAt: new Map(),
    ...change,
  };
}

/** Ticks as a consumer gets them, received at this true time. */
export function ticks(receivedAt: number, prices: readonly (number | Tick)[], channel = 0): Item {
  return {
    type: 'ticks',
    ticks: prices.map((price) => (typeof price === 'number' ? tick(price) : price)),
    receivedAt: WALL + receivedAt,
    from: from(channel),
  };
}

/** A gap between two true times. */
export function gap(begins: number, ends: number, more: Partial<Gap> = {}, channel = 0): Item {
  return {
    type: 'gap',
    gap: { from: WALL + begins, to: WALL + ends, reason: 'cut', ...more },
    from: from(channel),
  };
}

export const dropped = (count: number, channel = 0): Item => ({
  type: 'dropped',
  count,
  from: from(channel),
});

/** A full tick with a change in any field. */
export function fullTick(change: Partial<FullTick> = {}): FullTick {
  const level = { quantity: 1, price: 1, orders: 1 };
  const side = (): FullTick['depth']['buy'] => [
    { ...level },
    { ...level },
    { ...level },
    { ...level },
    { ...level },
  ];
  return {
    mode: 'full',
    tradable: true,
    instrumentToken: TOKEN,
    segment: 1,
    lastPrice: 105,
    lastTradedQuantity: 1,
    averageTradedPrice: 104,
    volumeTraded: 10,
    totalBuyQuantity: 5,
    totalSellQuantity: 5,
    ohlc: { open: 101, high: 106, low: 100, close: 100 },
    netChange: 5,
    changePercent: 5,
    lastTradeTime: 1000,
    oi: 0,
    oiDayHigh: 0,
    oiDayLow: 0,
    exchangeTimestamp: 2000,
    depth: { buy: side(), sell: side() },
    ...change,
  };
}

function sentTick(
  { at, price, token = TOKEN, connection = 1 }: Packet,
  index: number,
  apiKey: string,
): SentTick {
  return {
    sequence: index + 1,
    at,
    connectionId: connection,
    apiKey,
    instrumentToken: token,
    change: price,
    packet: encodePacket(tick(price, token)),
    damaged: false,
  };
}

/** Each packet comes in a frame of its own, after a millisecond, until the client has left. */
function socketOf(
  connectionId: number,
  openedAt: number,
  leftAt: number | undefined,
  packets: readonly Packet[],
): SocketLog {
  const arrivals: Arrival[] = [];
  const upToAt = new Map<number, number>();
  for (const { at, comes = at + 1 } of packets) {
    if (comes === false) break;
    const upTo = arrivals.length + 1;
    const isOwed = leftAt === undefined || comes < leftAt;
    arrivals.push({ at: comes, wall: wallOf(comes), first: 0, upTo, isOwed });
    upToAt.set(wallOf(comes), upTo);
  }
  const last = arrivals.filter(({ isOwed }) => isOwed).at(-1);
  return socketLog({
    openedAt,
    openedWall: WALL + openedAt,
    leftAt,
    lastDataAt: last?.at ?? openedAt,
    lastDataWall: wallOf(last?.at ?? openedAt),
    connectionId,
    arrivals,
    upToAt,
  });
}
