import { expect, test } from 'vitest';

import { StateLog } from '../../src/feed/state-log.js';

/** A state with its volume, or its price alone. */
interface State {
  readonly price: number;
  readonly volume?: number;
  readonly bids?: number;
}

test('what was newest before the last seconds is kept in all its forms, however old: a late source may begin with it', () => {
  const log = new StateLog<string, State>({
    covers: (one, other) =>
      one.price === other.price &&
      (other.volume === undefined || (one.volume === other.volume && one.bids === other.bids)),
    timestampOf: () => null,
    volumeOf: ({ volume }) => volume,
  });
  const push = (item: State, at: number): void => {
    log.push({ item, source: 'a', at, isForm: false, hadOthers: true, isCopied: true });
  };
  for (let price = 100; price < 110; price++) push({ price, volume: price }, 0);
  const state = { price: 1, volume: 200, bids: 1 };
  push(state, 1000);
  push({ price: 1 }, 2000);
  push({ ...state, bids: 2 }, 20_000);
  expect(log.trim(log.end - 1, 20_000)).toHaveLength(10);
  expect(log.findLast(state)).toBe(10);
});
