import { describe, expect, test } from 'vitest';

import { ALL, type Listing, Listings, nextOrder } from '../../src/live-market/listings.js';

interface Item {
  readonly symbol: string;
  change: number | null;
}

const items = (): Item[] => [
  { symbol: 'NIFTY 50', change: 1 },
  { symbol: 'INFY', change: null },
  { symbol: 'TCS', change: -3 },
  { symbol: 'NIFTY BANK', change: 2 },
  { symbol: 'WIPRO', change: null },
];

const of = { symbolOf: ({ symbol }: Item) => symbol, changeOf: ({ change }: Item) => change };

const listed = (listing: Partial<Listing>) =>
  new Listings(items(), of).get({ ...ALL, ...listing }, 0).map(({ symbol }) => symbol);

describe('Listings', () => {
  test('lists everything as it was given', () => {
    expect(listed({})).toEqual(['NIFTY 50', 'INFY', 'TCS', 'NIFTY BANK', 'WIPRO']);
  });

  test.each([
    ['nifty', ['NIFTY 50', 'NIFTY BANK']],
    ['NF', ['INFY']],
    [' y b', ['NIFTY BANK']],
    ['  ', ['NIFTY 50', 'INFY', 'TCS', 'NIFTY BANK', 'WIPRO']],
    ['zzz', []],
  ])('filters by %j, a part of the symbol in any letter case', (filter, symbols) => {
    expect(listed({ filter })).toEqual(symbols);
  });

  test('puts the largest rise or the largest fall first, and what is unknown last as it was given', () => {
    expect(listed({ order: 'rise' })).toEqual(['NIFTY BANK', 'NIFTY 50', 'TCS', 'INFY', 'WIPRO']);
    expect(listed({ order: 'fall' })).toEqual(['TCS', 'NIFTY 50', 'NIFTY BANK', 'INFY', 'WIPRO']);
    expect(listed({ order: 'fall', filter: 'nifty' })).toEqual(['NIFTY 50', 'NIFTY BANK']);
  });

  test('sorts again after a second, not before, and at once for another listing', () => {
    const all = items();
    const listings = new Listings(all, of);
    const first = (order: Listing['order'], now: number) =>
      listings.get({ filter: '', order }, now)[0]!.symbol;
    expect(first('rise', 1000)).toBe('NIFTY BANK');
    all[2]!.change = 9;
    expect(first('rise', 1999)).toBe('NIFTY BANK');
    expect(first('rise', 2000)).toBe('TCS');
    all[2]!.change = -9;
    expect(first('fall', 2001)).toBe('TCS');
  });

  test('goes through the orders and comes back', () => {
    expect(nextOrder('given')).toBe('rise');
    expect(nextOrder('rise')).toBe('fall');
    expect(nextOrder('fall')).toBe('given');
  });
});
