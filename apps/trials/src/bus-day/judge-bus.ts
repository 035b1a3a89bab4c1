import type { Gap } from '@kite/protocol';

import type { Failure, Rule } from '../oracle/failure.js';
import type { BusMarket, MarketState } from './bus-market.js';
import type { BusProgramLife, Read, ReplayRead, Wanted } from './bus-program.js';
import type { Stored } from './memory-server.js';

/** What is missing may be told this late: two collectors report their progress once a second, and a hole waits 5 s. */
const TOLD_WITHIN_MS = 12_000;
/** By then a program follows the orders. */
const FOLLOWS_AFTER_MS = 5000;

/** Where breaches go. */
export type Fail = (
  rule: Rule,
  text: string,
  at: number,
  who: Pick<Failure, 'consumer' | 'instrument'>,
) => void;

interface Shown {
  readonly price: number;
  readonly at: number;
}

/** What the trial knows of its end. */
export interface BusEnd {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Judges one life of a program: each published state once and in order, in a gap, or among what it was told as dropped. */
export function judgeLife(life: BusProgramLife, market: BusMarket, end: BusEnd, fail: Fail): void {
  const dropped = life.read.reduce(
    (sum, { message }) => sum + (message.type === 'lagged' ? message.dropped : 0),
    0,
  );
  let missing: { state: MarketState; at: number }[] = [];
  const gaps = gapsOf(life.read);
  for (const wanted of life.wanted) {
    const shown = shownIn(life.read, wanted);
    judgeOrder(life.name, wanted.token, shown, market, fail);
    missing = [...missing, ...missingOf(life, wanted, shown, gaps, market, end)];
    judgeNewest(life, wanted, shown, market, fail);
  }
  if (missing.length <= dropped) return;
  for (const { state, at } of missing.slice(0, 5))
    fail(
      'lost',
      `price ${state.price}, shown ${state.at - end.startedAt} ms after the start; ${missing.length} missing, ${dropped} told as dropped`,
      at,
      {
        consumer: life.name,
        instrument: state.token,
      },
    );
}

/** Judges a channel that began in the past: each state once and in order, or in a gap. */
export function judgeReplay(
  life: BusProgramLife,
  replay: ReplayRead,
  market: BusMarket,
  end: BusEnd,
  fail: Fail,
): void {
  const gaps = gapsOf(replay.read);
  for (const token of replay.tokens) {
    const wanted = life.wanted.find(
      (one) => one.token === token && one.from <= replay.openedAt && one.to > replay.openedAt,
    );
    if (!wanted) continue;
    const shown = shownIn(replay.read, { ...wanted, from: 0 });
    judgeOrder(`${life.name}, from the past`, token, shown, market, fail);
    const [first] = shown;
    if (!first) continue;
    const prices = new Set(shown.map(({ price }) => price));
    const until = Math.min(wanted.to, life.endedAt, end.endedAt) - TOLD_WITHIN_MS;
    const told = gaps.get(token) ?? [];
    for (const state of market.states.get(token)!) {
      const isAfter = state.price > first.price && state.at > replay.from && state.at < until;
      if (!isAfter || prices.has(state.price) || state.receivedAt.length === 0 || isIn(state, told)) continue;
      fail(
        'lost',
        `in a channel from the past: price ${state.price}, shown ${state.at - end.startedAt} ms after the start`,
        state.at,
        { consumer: life.name, instrument: token },
      );
      break;
    }
  }
}

/** Judges orders: whatever was stored while the program followed came, once. */
export function judgeOrders(life: BusProgramLife, orders: readonly Stored[], end: BusEnd, fail: Fail): void {
  const who = { consumer: life.name };
  const seen = new Map<string, number>();
  let at = end.endedAt;
  for (const { message, at: readAt } of life.read)
    if (message.type === 'order') {
      const { order_id: id } = message.order;
      seen.set(id, (seen.get(id) ?? 0) + 1);
      if (seen.get(id) === 2) fail('order-repeated', `the order ${id} came again`, readAt, who);
      at = readAt;
    }
  const ids = orders.map(
    ({ data }) => (JSON.parse(new TextDecoder().decode(data)) as { order_id: string }).order_id,
  );
  const first = ids.findIndex((id) => seen.has(id));
  const until = Math.min(life.endedAt - TOLD_WITHIN_MS, end.endedAt);
  for (const [index, id] of ids.entries()) {
    const { at: storedAt } = orders[index]!;
    const isFollowed =
      first >= 0 ? index > first : storedAt > life.openedAt + FOLLOWS_AFTER_MS + TOLD_WITHIN_MS;
    if (isFollowed && storedAt < until && !seen.has(id))
      fail('order-lost', `the order ${id} was stored and did not come`, at, who);
  }
}

function judgeOrder(
  consumer: string,
  instrument: number,
  shown: readonly Shown[],
  market: BusMarket,
  fail: Fail,
): void {
  const counts = new Map<number, number>();
  for (const [index, { price, at }] of shown.entries()) {
    const who = { consumer, instrument };
    const before = shown[index - 1]?.price ?? 0;
    const state = market.states.get(instrument)![price - 1];
    const count = (counts.get(price) ?? 0) + 1;
    counts.set(price, count);
    if (!state) fail('invented', `price ${price} was never shown`, at, who);
    else if (price < before) fail('turned-back', `price ${price} came after ${before}`, at, who);
    else if (count > 1 + state.snapshots)
      fail(
        'repeated',
        `price ${price} came ${count} times, and was shown again ${state.snapshots} times`,
        at,
        who,
      );
  }
}

function missingOf(
  life: BusProgramLife,
  { token, from, to }: Wanted,
  shown: readonly Shown[],
  gaps: ReadonlyMap<number, readonly Gap[]>,
  market: BusMarket,
  end: BusEnd,
): { state: MarketState; at: number }[] {
  // By then the instrument is subscribed, and what comes is new.
  const [first = { price: -1, at: from + FOLLOWS_AFTER_MS }] = shown;
  const last = shown.at(-1) ?? first;
  const prices = new Set(shown.map(({ price }) => price));
  const until = Math.min(to, life.endedAt, end.endedAt) - TOLD_WITHIN_MS;
  return (
    market.states
      .get(token)!
      .filter(
        ({ price, at }) =>
          (first.price < 0 ? at > first.at : price > first.price) &&
          (price < last.price || at < until) &&
          !prices.has(price),
      )
      .filter((state) => state.receivedAt.length > 0 && !isIn(state, gaps.get(token) ?? []))
      // Of what the market showed before it was subscribed, the program is only owed a last tick, which need not be the newest:
      // one of two collectors may have stored it later than the other one a newer one.
      .filter(({ at }) => at >= from)
      .map((state) => ({ state, at: shown.find(({ price }) => price > state.price)?.at ?? last.at }))
      // A program that is killed is told nothing more.
      .filter(({ at }) => at < life.endedAt - TOLD_WITHIN_MS)
  );
}

/** After the faults the newest state is there. */
function judgeNewest(
  life: BusProgramLife,
  { token, to }: Wanted,
  shown: readonly Shown[],
  market: BusMarket,
  fail: Fail,
): void {
  if (to !== Infinity || life.endedAt !== Infinity) return;
  const newest = market.newest(token);
  if (!newest || shown.at(-1)?.price === newest.price) return;
  fail(
    'stale',
    `the newest price is ${newest.price}, and ${shown.at(-1)?.price ?? 'nothing'} came last`,
    newest.at,
    {
      consumer: life.name,
      instrument: token,
    },
  );
}

function isIn({ receivedAt, at }: MarketState, gaps: readonly Gap[]): boolean {
  return gaps.some(({ from, to }) => [at, ...receivedAt].some((time) => from <= time && time <= to));
}

function gapsOf(read: readonly Read[]): Map<number, Gap[]> {
  const gaps = new Map<number, Gap[]>();
  for (const { message } of read)
    if (message.type === 'gap')
      for (const token of message.instrumentTokens ?? []) {
        const known = gaps.get(token) ?? [];
        known.push(message);
        gaps.set(token, known);
      }
  return gaps;
}

function shownIn(read: readonly Read[], { token, from, to }: Wanted): Shown[] {
  return read.flatMap(({ message, at }) =>
    message.type === 'ticks' && at >= from && at <= to
      ? message.ticks
          .filter(({ instrumentToken }) => instrumentToken === token)
          .map(({ lastPrice }) => ({ price: lastPrice, at }))
      : [],
  );
}
