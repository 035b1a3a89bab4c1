import { expect, test } from 'vitest';

import { differencesOf } from '../../src/oracle/judge-counts.js';

const counts = [
  { messagesReceived: 10, ticksReceived: 20, droppedTicks: 3, reconnects: 1 },
  { messagesReceived: 5, ticksReceived: 6, droppedTicks: 0, reconnects: 0 },
];
const happened = { messages: 15, packets: 26, isAll: true, toldDropped: 3, toldGaps: 1 };

test('statistics that count what has happened differ in nothing', () => {
  expect(differencesOf(counts, happened)).toEqual([]);
  // A thread may hold back what has come.
  expect(differencesOf(counts, { ...happened, messages: 99, packets: 99, isAll: false })).toEqual([]);
  expect(differencesOf(counts, { ...happened, toldDropped: undefined })).toEqual([]);
});

test('a statistic that counts something else is named', () => {
  expect(differencesOf(counts, { ...happened, messages: 16 })).toEqual([
    'messagesReceived is 15, and 16 have come',
  ]);
  expect(differencesOf(counts, { ...happened, packets: 25, isAll: false })).toEqual([
    'ticksReceived is 26, and 25 have come',
  ]);
  expect(differencesOf(counts, { ...happened, toldDropped: 4 })).toEqual([
    'droppedTicks is 3, and 4 are told as dropped',
  ]);
  expect(differencesOf(counts, { ...happened, toldGaps: 0 })).toEqual([
    'reconnects is 1, and 0 gaps of connections are told',
  ]);
});
