import assert from 'node:assert/strict';
import type { FuzzTarget } from '@kite/testkit';

import { PublisherWatch, type ReportSink } from '../../src/subscribe/publisher-watch.js';
import { decodeReport, encodeReport, type Report } from '../../src/wire/report.js';

const HEAD = { version: 1, publisher: 'a', epoch: 3, at: 1_701_928_226_123 } as const;
const STATES = [{ account: 0, connection: 1, state: 'open' } as const];
const REPORTS: Report[] = [
  {
    ...HEAD,
    type: 'beat',
    accounts: ['A'],
    states: STATES,
    sequences: [1, 2],
    published: 1,
    dropped: 0,
    kept: 0,
    completeUntil: 5,
  },
  { ...HEAD, type: 'gap', account: 0, connection: 1, from: 1, to: 2, reason: 'closed', tokens: [408065] },
  { ...HEAD, type: 'state', account: 0, connection: 1, state: 'waiting', reason: 'gone' },
  { ...HEAD, type: 'lagged', account: 0, connection: 1, dropped: 4 },
  { ...HEAD, type: 'bye' },
];

/** Reports of publishers, several in a row, a line each. None throws in the feed, and what reaches it has its types. */
export const target: FuzzTarget = {
  seeds: [...REPORTS.map((report) => [report]), REPORTS].map((reports) =>
    Buffer.from(reports.map((report) => Buffer.from(encodeReport(report)).toString()).join('\n')),
  ),
  words: [
    '"beat"',
    '"gap"',
    '"state"',
    '"lagged"',
    '"bye"',
    '"tokens":',
    '"states":',
    '"sequences":',
    'null',
    '[null]',
    '-1',
    '{}',
    '\n',
  ],
  run(input) {
    const watch = new PublisherWatch(checkingSink);
    let monotonic = 0;
    for (const line of Buffer.from(input).toString().split('\n')) {
      const report = decodeReport(Buffer.from(line));
      monotonic += 1500;
      watch.look(monotonic);
      if (report !== undefined && !('flaw' in report)) watch.take(report, monotonic);
      for (const name of watch.names) assert.equal(typeof name, 'string');
      for (const account of [0, 1]) assert.equal(typeof watch.accountOf(HEAD.epoch, account), 'string');
    }
    watch.look(monotonic + 10_000);
  },
};

const checkingSink: ReportSink = {
  message(body, account, connection) {
    areIntegers(account, connection);
    if (body.type === 'lagged') areIntegers(body.dropped);
    else assert.equal(typeof body.state, 'string');
  },
  gap(_epoch, { from, to, reason, instrumentTokens = [] }, { account, connection }) {
    areIntegers(account, connection, ...instrumentTokens);
    assert.ok(Number.isFinite(from) && Number.isFinite(to) && typeof reason === 'string');
  },
  replaced: () => undefined,
  lost: () => undefined,
  beat: () => undefined,
};

function areIntegers(...values: unknown[]): void {
  for (const value of values) assert.ok(Number.isSafeInteger(value) && (value as number) >= 0, String(value));
}
