import { expect, test } from 'vitest';

import type { Item } from '../../src/client/client.js';
import { channelsByTime, channelsOf, OpenedSockets } from '../../src/oracle/opened-sockets.js';
import { from, recordOf, socketLog, WALL } from '../support/streams.js';

const open = (channelId: number, openedAt = 0): Item => ({
  type: 'state',
  state: 'open',
  code: undefined,
  receivedAt: WALL + openedAt,
  value: {},
  from: from(channelId),
});

const accountOf = (): string => 'account-1';

test('sockets that open in one moment are told in the order in which they opened, not in that of their dials', () => {
  const sockets = [1, 0].map((opening, dial) =>
    socketLog({ openedAt: 1000, opening, connectionId: dial + 7 }),
  );
  const record = recordOf([
    [1000, open(1)],
    [1000, open(0)],
  ]);
  const channels = new Map([
    [8, 1],
    [7, 0],
  ]);
  expect(channelsOf([record], sockets, accountOf)).toEqual(channels);
  expect(channelsByTime([record], sockets, () => 'account-1')).toEqual(channels);
  expect(channelsByTime([record], sockets, () => 'account-2')).toEqual(new Map());
});

test("a socket whose opening was lost with its worker is nobody's, and those after it keep their connections", () => {
  const sockets = [1000, 2000, 3000].map((openedAt, dial) =>
    socketLog({ openedAt, openedWall: WALL + openedAt, opening: dial, connectionId: dial + 7 }),
  );
  const record = recordOf([
    [1000, open(0, 1000)],
    [3000, open(1, 3000)],
  ]);
  expect(channelsOf([record], sockets, accountOf)).toEqual(
    new Map([
      [7, 0],
      [9, 1],
    ]),
  );
  expect(new OpenedSockets(record, sockets, accountOf).untold).toEqual([sockets[1]]);
});

test('of two accounts with workers, the one whose states are read first may have opened last', () => {
  const sockets = [1000, 2000].map((openedAt, dial) =>
    socketLog({ openedAt, openedWall: WALL + openedAt, apiKey: `key-${dial + 1}`, connectionId: dial + 7 }),
  );
  const of = (account: string, openedAt: number): Item => ({
    ...open(0, openedAt),
    from: { account, channelId: 0 },
  });
  const record = recordOf([
    [3000, of('account-2', 2000)],
    [3000, of('account-1', 1000)],
  ]);
  const { untold } = new OpenedSockets(record, sockets, (apiKey) => apiKey.replace('key', 'account'));
  expect(untold).toEqual([]);
});
