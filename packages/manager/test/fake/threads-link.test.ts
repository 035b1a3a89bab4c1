import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { AccessToken } from '@kite/connection';
import { KiteError, type TickerState } from '@kite/protocol';
import { standing, VirtualClock } from '@kite/testkit';

import type { SourceStatus } from '../../src/connection-parts.js';
import { ThreadedLink } from '../../src/threads/main/threaded-link.js';
import type { LinkCommand } from '../../src/threads/wire/messages.js';
import { packModes } from '../../src/threads/wire/packed-modes.js';
import { encodeReport, encodeText, toPlainError } from '../../src/threads/wire/reports.js';
import { RecordType } from '../../src/threads/wire/ring-memory.js';
import { FAST, modes } from '../support/link-config.js';
import { LinkDriver } from '../support/link-driver.js';

/** A link whose worker is played by the test. */
function bench(accessToken: AccessToken = 'token') {
  const clock = new VirtualClock();
  const sent: LinkCommand[] = [];
  const world = { hasWorker: true, isHanging: false };
  const driver = new LinkDriver(clock, { accessToken });
  const link = new ThreadedLink(0, FAST, driver, {
    send: (_link, command) => {
      if (world.hasWorker) sent.push(command);
      return world.hasWorker;
    },
    wantedChanged: () => undefined,
    get isHanging() {
      return world.isHanging;
    },
    clock,
  });
  driver.drives(link);
  return {
    ...{ clock, driver, link, sent, world },
    says(state: TickerState, error?: KiteError, at = 1000, dialled = driver.account.credentials.revision) {
      const status = state === 'open' ? ('streaming' as const) : ('down' as const);
      const report = { state, status, dialled, ...(error && { error: toPlainError(error) }) };
      link.record(RecordType.State, at, encodeReport(RecordType.State, report));
    },
  };
}

const crash = new KiteError('KITE_MANAGER_WORKER_CRASHED', 'crashed');
const unauthorized = new KiteError('KITE_CONNECTION_UNAUTHORIZED', 'no', { status: 403 });

describe('a link to a connection in a worker', () => {
  test('is closed without its worker’s word when that hangs', async () => {
    const { driver, link, clock, says } = bench();
    driver.open();
    says('open');
    const closing = driver.close();
    await clock.advance(1600);
    expect([await standing(closing), link.state, link.isWanted, clock.pending]).toEqual([
      ...['resolved', 'closed', false, 0],
    ]);
  });

  test('tells the worker the modes once, and again only where they have changed', async () => {
    const { driver, sent } = bench();
    await driver.assign([1, 2], 'full');
    driver.open();
    driver.control.tell();
    await driver.assign([2], 'ltp');
    const expected = new Map([
      [1, 'full'],
      [2, 'ltp'],
    ] as const);
    expect(sent.map((command) => ('modes' in command ? command.modes : command.type))).toEqual([
      'connection',
      packModes(modes([1, 2], 'full')),
      'want',
      packModes(expected),
    ]);
  });

  test('tells a new worker everything: the credentials of now and what is subscribed', async () => {
    const { driver, link, sent, world } = bench();
    driver.open();
    await driver.assign([1, 2], 'full');
    await driver.unsubscribe([2]);
    world.hasWorker = false;
    link.crashed(crash);
    driver.update('other', () => 'from-a-function');
    world.hasWorker = true;
    sent.length = 0;
    link.restore();
    expect(sent).toMatchObject([
      { type: 'connection' },
      {
        ...{ type: 'want', isOpen: true, credentials: { apiKey: 'other', accessToken: null } },
        modes: packModes(modes([1], 'full')),
      },
    ]);
  });

  test('tells a new worker nothing of a connection that has failed, before it is wanted with other credentials', () => {
    const { driver, link, sent, world, says } = bench();
    driver.open();
    says('failed', unauthorized);
    world.hasWorker = false;
    link.crashed(crash);
    world.hasWorker = true;
    sent.length = 0;
    link.restore();
    driver.control.tell();
    expect([sent, link.isWanted, link.state]).toEqual([[], false, 'failed']);
    driver.update(undefined, 'fresh');
    expect(link.isWanted).toBe(true);
    expect(sent).toMatchObject([
      { type: 'connection' },
      { type: 'want', isOpen: true, credentials: { accessToken: 'fresh' } },
    ]);
  });

  test('has not failed where it failed with credentials that were replaced meanwhile', () => {
    const { driver, link, says } = bench();
    driver.open();
    driver.update(undefined, 'fresh');
    says('failed', unauthorized, 1000, 1);
    expect([link.state, link.isWanted]).toEqual(['waiting', true]);
    says('failed', unauthorized, 1000, 2);
    expect([link.state, link.isWanted]).toEqual(['failed', false]);
  });

  test('tells the gap of a crash from the last frame to the reopening, and of each crash only once', () => {
    const { driver, link, says } = bench();
    driver.open();
    says('open', undefined, 1000);
    link.record(RecordType.Binary, 1500, Uint8Array.of(0));
    link.crashed(crash);
    link.crashed(crash);
    says('connecting');
    says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost'));
    says('connecting');
    says('open', undefined, 3000);
    expect(driver.gaps).toEqual([{ from: 1500, to: 3000, reason: 'lost' }]);
  });

  test('tells no gap where nothing had flowed before the crash', () => {
    const { driver, link, says } = bench();
    driver.open();
    says('connecting');
    link.crashed(crash);
    says('open', undefined, 3000);
    expect(driver.gaps).toEqual([]);
  });

  test('is left alone in a crash where it is not wanted, and closed where it was closing', async () => {
    const idle = bench();
    idle.link.crashed(crash);
    expect(idle.driver.states).toEqual([]);

    const subject = bench();
    subject.driver.open();
    const closing = subject.driver.close();
    subject.link.crashed(crash);
    await closing;
    expect(subject.link.state).toBe('closed');
  });

  test('closes by itself where there is no worker to ask', async () => {
    const { driver, link, world } = bench();
    driver.open();
    world.hasWorker = false;
    link.crashed(crash);
    await driver.close();
    await driver.close();
    expect(driver.log).toEqual(['waiting', 'closed']);
  });

  test('asks no token provider for a connection that has been closed or has a fixed token by now', async () => {
    let asked = 0;
    const { driver, link, sent, clock } = bench(() => `token-${++asked}`);
    driver.open();
    link.answer(1);
    await clock.advance(0);
    expect(sent.at(-1)).toEqual({ type: 'token', request: 1, token: 'token-1' });
    driver.update(undefined, 'fixed');
    link.answer(2);
    driver.update(undefined, () => `token-${++asked}`);
    void driver.close();
    link.answer(3);
    await clock.advance(0);
    expect(asked).toBe(1);
  });

  test('starts as soon as the worker is asked to open it, tells what the worker says, and is down without a worker', () => {
    const { driver, link, says, world } = bench();
    const status = (said: SourceStatus): void => {
      link.record(RecordType.Status, 1, encodeReport(RecordType.Status, { status: said }));
    };
    driver.open();
    expect([link.state, link.status]).toEqual(['idle', 'starting']);
    says('open');
    status('streaming');
    status('down');
    status('streaming');
    world.hasWorker = false;
    link.crashed(crash);
    expect(driver.statuses).toEqual(['starting', 'streaming', 'down', 'streaming', 'down']);
    expect([link.state, link.status]).toEqual(['waiting', 'down']);
    world.hasWorker = true;
    link.restore();
    expect(link.status).toBe('down');
  });

  test('reads a text as it was sent, a byte order mark and other scripts included', () => {
    const subject = bench();
    const text = '\uFEFF{"type":"message","data":"₹ नमस्ते"}';
    subject.link.record(RecordType.Text, 1, encodeText(text));
    expect(subject.driver.texts).toEqual([text]);
  });

  test('brings an error over as it was: class, code, fields and causes', () => {
    const subject = bench();
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    subject.says('waiting', new KiteError('KITE_CONNECTION_LOST', 'lost', { closeCode: 1006, cause }));
    const { error } = subject.driver.states[0]!;
    expect(error).toBeInstanceOf(KiteError);
    expect(error).toMatchObject({
      name: 'KiteError',
      code: 'KITE_CONNECTION_LOST',
      message: 'lost',
      closeCode: 1006,
      cause: { name: 'Error', message: 'read ECONNRESET', code: 'ECONNRESET' },
    });
  });

  test('is down while its worker hangs, whatever that has said and still says, and is what it said when it goes on', () => {
    const subject = bench();
    subject.driver.open();
    subject.says('open');
    expect(subject.link.status).toBe('streaming');
    subject.world.isHanging = true;
    subject.link.hangingChanged();
    subject.link.hangingChanged();
    expect(subject.link.status).toBe('down');
    subject.says('waiting');
    subject.says('open');
    expect(subject.link.status).toBe('down');
    subject.world.isHanging = false;
    subject.link.hangingChanged();
    expect(subject.driver.statuses).toEqual(['starting', 'streaming', 'down', 'streaming']);
  });

  test('shows no secret', () => {
    const { link } = bench('a-token');
    expect(JSON.stringify(link) + inspect(link, { getters: true, showHidden: true })).not.toContain(
      'a-token',
    );
  });
});
