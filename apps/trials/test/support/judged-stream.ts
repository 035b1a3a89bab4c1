import type { Item } from '../../src/client/client.js';
import { judgeStream } from '../../src/oracle/judge-stream.js';
import { type Packet, type RecordChange, recordOf, WALL, World } from './streams.js';

/** Four states, a second apart; each comes after a millisecond. */
export const FOUR: readonly Packet[] = [101, 102, 103, 104].map((price, index) => ({
  at: (index + 1) * 1000,
  price,
}));

/** The rules that a consumer's items break. An item without a time is handed over as it is received. */
export function broken(
  world: Pick<World, 'facts'>,
  items: readonly Item[],
  more: RecordChange = {},
): string[] {
  let now = 0;
  const timed = items.map((item) => {
    if (item.type === 'ticks') now = Math.max(now, item.receivedAt - WALL);
    return [now, item] as const;
  });
  return judgeStream(recordOf(timed, more), world.facts).failures.map(({ rule }) => rule);
}

/** The item as another account's connection brings it. */
export function ofAccount(account: number, channelId: number, item: Item): Item {
  return { ...item, from: { account: `account-${account}`, channelId } };
}

/** The first connection ends behind the first state, and another one begins with the fourth. */
export const cut = (): World =>
  new World(
    [
      { at: 1000, price: 101 },
      { at: 2000, price: 102, comes: false },
      { at: 3000, price: 103, comes: false },
      { at: 4000, price: 104, connection: 2 },
    ],
    { 1: { opened: 0, left: 3500 }, 2: { opened: 3600 } },
  );
