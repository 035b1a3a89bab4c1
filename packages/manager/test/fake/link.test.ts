import { afterEach, describe, expect, test } from 'vitest';
import { deferred } from '@kite/kit';
import { KiteError } from '@kite/protocol';
import { standing } from '@kite/testkit';

import { LinkBench, type LinkBenchOptions } from '../support/links-in-virtual-time.js';

const opened: LinkBench[] = [];

afterEach(async () => {
  for (const bench of opened.splice(0)) expect(await bench.end()).toBe(0);
});

const WAYS = [
  { way: 'in this thread', make: (options: LinkBenchOptions) => new LinkBench(options).inline() },
  { way: 'in an I/O worker', make: (options: LinkBenchOptions) => new LinkBench(options).threaded() },
];

/** What a link in a worker has beyond what every link has. */
const threaded = WAYS[1]!;

async function open({ make }: (typeof WAYS)[number], options: LinkBenchOptions = {}): Promise<LinkBench> {
  const bench = await make(options);
  opened.push(bench);
  return bench;
}

/** As {@link open}, and the connection is open. */
async function openOpen(way: (typeof WAYS)[number], options: LinkBenchOptions = {}): Promise<LinkBench> {
  const bench = await open(way, options);
  bench.driver.open();
  await bench.soon();
  return bench;
}

describe.each(WAYS)('a link, $way', (way) => {
  test('opens and closes as it is wanted, and says at each step whether it streams', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    expect([driver.names, driver.statuses]).toEqual([
      ['connecting', 'open'],
      ['starting', 'streaming'],
    ]);
    const closed = driver.close();
    await bench.soon();
    await closed;
    expect([driver.names.slice(2), driver.statuses.at(-1), bench.state]).toEqual([
      ['closing', 'closed'],
      'down',
      'closed',
    ]);
  });

  test('is asked for the difference, by the fewest requests: what goes first, then what is new', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    await driver.assign([1, 2, 3], 'full');
    await bench.soon();
    void driver.assign([4], 'ltp');
    void driver.assign([5], 'quote');
    void driver.assign([1], 'ltp');
    void driver.unsubscribe([5, 2]);
    await driver.assign([6], 'quote');
    await bench.soon();
    expect(bench.peer.requests).toEqual([
      'subscribe [1,2,3]',
      'mode ["full",[1,2,3]]',
      'unsubscribe [2]',
      'subscribe [4,6]',
      'mode ["ltp",[1,4]]',
    ]);
  });

  test('says when its socket has been asked for what is wanted, before anything that comes after that', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    await driver.assign([1], 'ltp');
    await bench.soon();
    bench.peer.tick(1, 100);
    driver.revision = 1;
    await driver.assign([2], 'ltp');
    await bench.soon();
    bench.peer.tick(1, 101);
    await bench.soon();
    // All is asked for already.
    driver.revision = 2;
    driver.control.tell();
    await bench.soon();
    expect(driver.log.slice(2)).toEqual(['frames', 'asked 1', 'frames', 'asked 2']);
    bench.peer.drop();
    driver.revision = 3;
    await driver.assign([3], 'ltp');
    await bench.soon();
    expect(driver.log.at(-1)).toBe('waiting');
    await bench.pass(5000);
    expect(driver.log.slice(-4)).toEqual(['connecting', 'asked 3', 'open', 'gap']);
  });

  test('does nothing when the same is wanted again, in whatever state', async () => {
    const bench = await open(way);
    const { driver } = bench;
    await driver.assign([1], 'full');
    const again = (): void => {
      for (let turn = 0; turn < 3; turn++) driver.control.tell();
    };
    driver.open();
    again();
    await bench.soon();
    again();
    await bench.soon();
    expect([bench.market.peers.length, bench.peer.requests]).toEqual([
      1,
      ['subscribe [1]', 'mode ["full",[1]]'],
    ]);
    bench.peer.drop();
    await bench.soon();
    again();
    await bench.soon();
    expect([bench.state, bench.market.peers.length]).toEqual(['waiting', 1]);
  });

  test('asks a new socket for all that is wanted by then', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    await driver.assign([1, 2], 'full');
    await bench.soon();
    bench.peer.drop();
    await bench.soon();
    await driver.unsubscribe([1]);
    await driver.assign([3], 'ltp');
    await bench.pass(5000);
    expect(bench.peer.requests).toEqual(['subscribe [2,3]', 'mode ["ltp",[3]]', 'mode ["full",[2]]']);
  });

  test('is down while it waits and tries again, and after three seconds without a word', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    driver.statuses.length = 0;
    await bench.pass(2500);
    expect(driver.statuses).toEqual([]);
    await bench.pass(1100);
    expect([driver.statuses, bench.state]).toEqual([['down'], 'open']);
    bench.peer.heartbeat();
    await bench.soon();
    expect(driver.statuses).toEqual(['down', 'streaming']);
    bench.peer.drop();
    await bench.pass(5000);
    expect(driver.statuses).toEqual(['down', 'streaming', 'down', 'streaming']);
  });

  test('with other credentials begins an attempt anew, and a verdict on those before is none', async () => {
    const bench = await open(way);
    const { driver, market } = bench;
    market.answer = ({ accessToken }) => (accessToken === 'fresh' ? 'accept' : { status: 400 });
    driver.open();
    await bench.pass(10);
    driver.update(undefined, 'fresh');
    await bench.soon();
    expect([bench.state, market.peers.map(({ accessToken }) => accessToken)]).toEqual([
      'open',
      ['token', 'fresh'],
    ]);
    expect(driver.names).not.toContain('failed');
  });

  test('with other credentials is dialled at once where it waits, and goes on where it is open', async () => {
    const bench = await openOpen(way);
    const { driver, market } = bench;
    driver.update('another', 'fresh');
    await bench.soon();
    expect([bench.state, market.peers.length]).toEqual(['open', 1]);
    market.answer = () => 'drop';
    bench.peer.drop();
    await bench.pass(10_000);
    expect(bench.state).toBe('waiting');
    market.answer = () => 'accept';
    driver.update('another', 'fresher');
    await bench.soon();
    expect([bench.state, bench.peer.apiKey, bench.peer.accessToken]).toEqual(['open', 'another', 'fresher']);
  });

  test('that has failed stays failed whatever else is wanted, and is opened by credentials, the same ones included', async () => {
    const bench = await open(way);
    const { driver, market } = bench;
    market.answer = () => ({ status: 403 });
    driver.open();
    await bench.soon();
    await driver.assign([1], 'full');
    driver.control.tell();
    await bench.soon();
    expect([bench.state, market.peers.length]).toEqual(['failed', 1]);
    market.answer = () => 'accept';
    driver.update(undefined, 'token');
    await bench.soon();
    expect([bench.state, bench.peer.requests]).toEqual(['open', ['subscribe [1]', 'mode ["full",[1]]']]);
    expect(driver.names).toEqual(['connecting', 'failed', 'connecting', 'open']);
  });

  test('that has failed can be closed, and opened again', async () => {
    const bench = await open(way);
    const { driver, market } = bench;
    market.answer = () => ({ status: 403 });
    driver.open();
    await bench.soon();
    const closed = driver.close();
    await bench.soon();
    await closed;
    market.answer = () => 'accept';
    driver.open();
    await bench.soon();
    expect(driver.names).toEqual(['connecting', 'failed', 'closed', 'connecting', 'open']);
  });

  test('tries credentials that were good twice more, and says in between that it will', async () => {
    const bench = await openOpen(way, { config: { unauthorizedRetryDelayMs: 30_000 } });
    const { driver, market } = bench;
    market.answer = () => ({ status: 403, body: '{"message":"Authentication failed."}' });
    bench.peer.drop();
    await bench.pass(5000);
    expect(driver.states.at(-1)).toMatchObject({
      state: 'waiting',
      error: { code: 'KITE_CONNECTION_UNAUTHORIZED', response: '{"message":"Authentication failed."}' },
    });
    await bench.pass(61_000);
    expect([bench.state, market.peers.length]).toEqual(['failed', 4]);
  });

  test('knows what the account has been through: after an open of another connection, a 400 is no end', async () => {
    const bench = await open(way);
    const { driver, market } = bench;
    market.answer = () => ({ status: 400 });
    driver.account.opened({ reserve: () => () => undefined, tell: () => undefined }, 1);
    driver.open();
    await bench.pass(10_000);
    expect(bench.state).toBe('waiting');
    market.answer = () => 'accept';
    await bench.pass(40_000);
    expect(bench.state).toBe('open');
  });

  test('has one call of its token provider under way, over updates; a hung one gets a second after ten timeouts', async () => {
    let calls = 0;
    let pending = 0;
    let most = 0;
    const answers: ((token: string) => void)[] = [];
    const accessToken = (): Promise<string> => {
      calls++;
      most = Math.max(most, ++pending);
      const answer = deferred<string>();
      answers.push((token) => {
        pending--;
        answer.resolve(token);
      });
      return answer.promise;
    };
    const bench = await open(way, { accessToken, config: { connectionTimeoutMs: 1000 } });
    bench.driver.open();
    await bench.soon();
    bench.driver.update(undefined, accessToken);
    await bench.pass(9000);
    expect([calls, most]).toEqual([1, 1]);
    await bench.pass(9000);
    expect(calls).toBe(2);
    answers[1]!('t');
    await bench.pass(15_000);
    expect([bench.driver.names.includes('open'), bench.peer.accessToken, calls]).toEqual([true, 't', 2]);
    answers[0]!('late');
  });

  test('opens with no token that was asked for before it was closed', async () => {
    const answers: ((token: string) => void)[] = [];
    const accessToken = (): Promise<string> => new Promise((resolve) => answers.push(resolve));
    for (const isLateBeforeClose of [true, false]) {
      answers.length = 0;
      const bench = await open(way, {
        accessToken,
        config: { connectionTimeoutMs: 1000, reconnectDelayMs: 20_000 },
      });
      bench.driver.open();
      await bench.pass(2000);
      expect(bench.state).toBe('waiting');
      if (isLateBeforeClose) answers[0]!('of-yesterday');
      await bench.soon();
      const closed = bench.driver.close();
      await bench.soon();
      await closed;
      bench.driver.open();
      await bench.soon();
      if (!isLateBeforeClose) answers[0]!('of-yesterday');
      await bench.soon();
      expect([answers.length, bench.market.peers.length]).toEqual([2, 0]);
      answers[1]!('of-today');
      await bench.soon();
      expect(bench.peer.accessToken).toBe('of-today');
    }
  });

  test('is never dialled with a token that has a newline, and says what is wrong with it', async () => {
    const bench = await open(way, { accessToken: () => 'secret\n' });
    bench.driver.open();
    await bench.pass(5000);
    expect(bench.market.peers).toEqual([]);
    const { error } = bench.driver.states.at(-1)!;
    expect(error).toMatchObject({ code: 'KITE_CONNECTION_TOKEN_FAILED' });
    expect(error?.message).toContain('a token that ends with a newline');
    expect(JSON.stringify(bench.driver.states)).not.toContain('secret');
  });

  test.each(['connecting', 'waiting', 'open', 'failed'] as const)(
    'closes from %s, in two seconds at most',
    async (state) => {
      const bench = await open(way);
      const { driver, market } = bench;
      const answers = {
        connecting: 'never',
        waiting: 'drop',
        open: 'accept',
        failed: { status: 403 },
      } as const;
      market.answer = () => answers[state];
      driver.open();
      await bench.soon();
      expect(bench.state).toBe(state);
      bench.peer.isMute = true;
      const closed = driver.close();
      await bench.pass(2000);
      expect([await standing(closed), bench.state]).toEqual(['resolved', 'closed']);
      expect(driver.close()).toEqual(Promise.resolve());
      await bench.pass(60_000);
      expect(market.peers).toHaveLength(1);
    },
  );

  test('that is wanted open again while it closes is opened when it has closed', async () => {
    const bench = await openOpen(way);
    const { driver } = bench;
    bench.peer.isMute = true;
    const closed = driver.close();
    await bench.pass(10);
    driver.open();
    await bench.pass(2000);
    expect(await standing(closed)).toBe('resolved');
    expect(driver.names).toEqual(['connecting', 'open', 'closing', 'closed', 'connecting', 'open']);
  });

  test('holds the slot of its socket’s key until that socket is gone, and is refused all or nothing', async () => {
    const taken: string[] = [];
    const limits: Record<string, number> = { key: 3, other: 1, full: 0 };
    const slots = {
      acquire(_origin: string, apiKey: string) {
        if (taken.filter((one) => one === apiKey).length >= limits[apiKey]!)
          throw new KiteError('KITE_CONNECTION_LIMIT_REACHED', 'no slot');
        taken.push(apiKey);
        return () => void taken.splice(taken.indexOf(apiKey), 1);
      },
    };
    const bench = await openOpen(way, { slots });
    const { driver, market } = bench;
    expect(() => {
      driver.update('full', 'fresh');
    }).toThrow(expect.objectContaining({ code: 'KITE_CONNECTION_LIMIT_REACHED' }));
    expect([taken, driver.account.credentials.apiKey]).toEqual([['key'], 'key']);
    driver.update('other', 'fresh');
    await bench.soon();
    expect(taken).toEqual(['key', 'other']);
    market.answer = () => ({ status: 403 });
    bench.peer.drop();
    await bench.soon();
    expect(taken).toEqual(['other']);
    await bench.pass(5000);
    expect([bench.state, taken]).toEqual(['failed', []]);
    driver.update('key', 'fresh');
    expect(taken).toEqual(['key']);
    const closed = driver.close();
    await bench.soon();
    await closed;
    expect(taken).toEqual([]);
  });
});

describe('a link in an I/O worker that crashes', () => {
  test('is down without a worker, and the next one is told all that is wanted', async () => {
    const bench = await openOpen(threaded);
    const { driver, host } = bench;
    await driver.assign([1, 2], 'full');
    await bench.soon();
    host.workers[0]!.crash(new Error('provoked'));
    await bench.pass(10);
    expect([bench.state, driver.link.status]).toEqual(['waiting', 'down']);
    await driver.unsubscribe([1]);
    driver.update(undefined, 'fresh');
    await bench.pass(10_000);
    expect([bench.state, bench.peer.accessToken, bench.peer.requests]).toEqual([
      'open',
      'fresh',
      ['subscribe [2]', 'mode ["full",[2]]'],
    ]);
  });

  test('does not come back where it had failed, until it is wanted with other credentials, and then does', async () => {
    const bench = await open(threaded);
    const { driver, host, market } = bench;
    // Another connection keeps the worker wanted.
    market.answer = () => ({ status: 403 });
    driver.open();
    await bench.soon();
    expect(bench.state).toBe('failed');
    host.workers[0]!.crash(new Error('provoked'));
    await bench.pass(20_000);
    await driver.assign([1], 'full');
    await bench.soon();
    expect([driver.names, market.peers.length]).toEqual([['connecting', 'failed'], 1]);
    market.answer = () => 'accept';
    driver.update(undefined, 'fresh');
    await bench.pass(20_000);
    expect([bench.state, bench.peer.requests]).toEqual(['open', ['subscribe [1]', 'mode ["full",[1]]']]);
  });

  test('is revived by credentials that were wanted before its failure was known here, and never seems to have failed', async () => {
    const bench = await open(threaded);
    const { driver, market } = bench;
    market.answer = ({ accessToken }) => (accessToken === 'fresh' ? 'accept' : { status: 403 });
    driver.open();
    while (market.peers.length === 0) await bench.pass(1);
    // The refusal happens in the worker, and is on its way.
    await bench.pass(20);
    driver.update(undefined, 'fresh');
    await bench.soon();
    expect(bench.state).toBe('open');
    expect(driver.names).not.toContain('failed');
  });
});
