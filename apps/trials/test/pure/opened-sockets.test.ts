import { expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { channelsOf } from '../../src/oracle/opened-sockets.js';
import { from, recordOf, socketLog, WALL } from '../support/streams.js';

const open = (channelId: number): Item => ({
  type: 'state',
  state: 'open',
  code: undefined,
  receivedAt: WALL,
  value: {},
  from: from(channelId),
});

test('sockets that open in one moment are told in the order in which they opened, not in that of their dials', () => {
  const sockets = [1, 0].map((opening, dial) =>
    socketLog({ openedAt: 1000, opening, connectionId: dial + 7 }),
  );
  const record = recordOf([
    [1000, open(1)],
    [1000, open(0)],
  ]);
  expect(channelsOf([record], sockets)).toEqual(
    new Map([
      [8, 1],
      [7, 0],
    ]),
  );
});
