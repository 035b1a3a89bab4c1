import { expect, test } from 'vitest';

import { judgeTokens } from '../../src/oracle/judge-tokens.js';
import { Pauses } from '../../src/oracle/pauses.js';
import { socketLog } from '../support/streams.js';

const given = [
  { apiKey: 'key', accessToken: 'old', at: 0 },
  { apiKey: 'other', accessToken: 'theirs', at: 1000 },
  { apiKey: 'key', accessToken: 'new', at: 10_000 },
];

function broken(accessToken: string, dialledAt: number, pauses = new Pauses([])): string[] {
  return judgeTokens([socketLog({ accessToken, dialledAt })], given, pauses).map(({ rule }) => rule);
}

test('a socket is dialled with the newest token, or with one that was replaced a moment before', () => {
  expect(broken('old', 9000)).toEqual([]);
  expect(broken('old', 10_900)).toEqual([]);
  expect(broken('new', 20_000)).toEqual([]);
  expect(broken('old', 15_000, new Pauses([{ from: 9000, to: 14_500 }]))).toEqual([]);
  expect(broken('old', 20_000)).toEqual(['stale-token']);
});

test('a worker that gets no answer, since the main thread is blocked, may try the token of before', () => {
  const blocked = new Pauses([{ from: 19_000, to: 22_000 }]);
  expect(broken('old', 20_000, blocked)).toEqual([]);
  expect(broken('old', 22_500, blocked)).toEqual(['stale-token']);
});

test('a token that is given once more is no older than before', () => {
  const twice = [...given, { apiKey: 'key', accessToken: 'new', at: 12_000 }];
  const socket = socketLog({ accessToken: 'new', dialledAt: 20_000 });
  expect(judgeTokens([socket], twice, new Pauses([]))).toEqual([]);
});
