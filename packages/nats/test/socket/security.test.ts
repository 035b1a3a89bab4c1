import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, credsAuthenticator, nkeyAuthenticator, nkeys } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { KiteTicker, systemClock } from '@kite/connection';
import { type BusFeed, openBusFeed, publishFeed, serveDemand } from '@kite/nats';
import { isKiteError, Mode, type TickerMessage } from '@kite/protocol';
import { startSimulator } from '@kite/simulator';
import {
  ACCESS_TOKEN,
  API_KEY,
  codeOf,
  collect,
  eventually,
  everyRendering,
  hasNoNatsServer,
  INFY,
  ltpFrame,
  NatsServer,
  ofType,
  SELF_SIGNED,
  STILL_MARKET,
} from '@kite/testkit';

import { FakeFeed } from '../support/fake-feed.js';
import { FakeManager } from '../support/fake-manager.js';
import { keeper } from '../support/keeper.js';
import { natsAccount } from '../support/nats-account.js';

const README = new URL('../../README.md', import.meta.url);
const keep = keeper();

/** A server with this configuration, in which `FOLDER` stands for where the files are. */
async function serverWith(conf: string, files: Readonly<Record<string, string>> = {}): Promise<NatsServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kite-nats-conf-'));
  keep({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
  const file = path.join(folder, 'nats.conf');
  await writeFile(file, conf.replaceAll('FOLDER', folder));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return keep(await NatsServer.start('-js', '-c', file));
}

/** The server of the README's roles, a collector on it, and programs of a role. */
async function bench(options: { frames?: boolean } = {}) {
  const [, conf] = /```text\n(authorization[^`]*)```/u.exec(await readFile(README, 'utf8'))!;
  const { address } = await serverWith(conf!);
  const at = (user: string, password: string): string => `nats://${user}:${password}@${address}`;
  const servers = at('collector', 'secret-1');
  const feed = new FakeFeed(systemClock);
  const issues: unknown[] = [];
  const onIssue = (issue: unknown): void => void issues.push(issue);
  keep(await publishFeed({ feed: feed.asFeed, servers, publisher: 'collector', onIssue, ...options }));
  const manager = new FakeManager(systemClock);
  keep(await serveDemand({ manager, servers, onIssue }));
  const read = async (role: 'program' | 'trader', password: string) => {
    const reader = keep(await openBusFeed({ servers: at(role, password), name: role }));
    return { reader, messages: collect(reader.messages()) };
  };
  return { address, at, feed, manager, issues, read };
}

const codes = (messages: readonly TickerMessage[]): unknown[] =>
  ofType(messages, 'issue').map(({ issue }) => isKiteError(issue) && issue.code);

function pricesOf(messages: readonly TickerMessage[]): number[] {
  return messages.flatMap((message) =>
    message.type === 'ticks' ? message.ticks.map(({ lastPrice }) => lastPrice) : [],
  );
}

async function priceUntil(
  feed: FakeFeed<typeof systemClock>,
  reader: BusFeed,
  from: number,
): Promise<number[]> {
  const past = collect(reader.ticks({ from: 0 }));
  feed.frame(ltpFrame([INFY], from));
  await eventually(() =>
    expect(past.flatMap(({ ticks }) => ticks).map(({ lastPrice }) => lastPrice)).toContain(from),
  );
  return past.flatMap(({ ticks }) => ticks).map(({ lastPrice }) => lastPrice);
}

describe.skipIf(hasNoNatsServer())('with a NATS server (skipped without nats-server 2.11 or newer)', () => {
  test('with the roles of the README a program reads ticks, past and live, says what it wants, and reads no orders', async () => {
    const { feed, manager, issues, read } = await bench();
    const { reader, messages } = await read('program', 'secret-2');
    const trader = await read('trader', 'secret-3');
    feed.frame(ltpFrame([INFY], 1));
    await reader.subscribeSymbols([INFY]);
    feed.frame(ltpFrame([INFY], 2));
    await eventually(() => expect(pricesOf(messages).at(-1)).toBe(2));
    expect(await priceUntil(feed, reader, 3)).toEqual([1, 2, 3]);
    let id = 0;
    await eventually(() => {
      feed.emit('order', { type: 'order', order: { order_id: String(id++), status: 'OPEN' } });
      expect(ofType(trader.messages, 'order').length).toBeGreaterThan(0);
    });
    // It may not read orders, which it is told once, however often it tries.
    expect(codes(messages)).toEqual(['KITE_NATS_NOT_ALLOWED', 'KITE_NATS_STREAM_FAILED']);
    expect(ofType(messages, 'order')).toEqual([]);
    expect(codes(trader.messages)).toEqual([]);
    expect([...manager.subscriptions]).toEqual([[INFY, 'quote']]);
    expect(issues).toEqual([]);
  });

  test('with the role of a recorder whole frames can be read, and nothing can be published; a program reads no frames', async () => {
    const { at, feed } = await bench({ frames: true });
    const heard: Record<string, string[]> = {};
    for (const [user, password] of [
      ['recorder', 'secret-4'],
      ['program', 'secret-2'],
    ] as const) {
      const { servers, ...login } = { servers: at(user, password).split('@')[1]!, user, pass: password };
      const nats = await connect({ servers, ...login });
      keep({ [Symbol.asyncDispose]: () => nats.close() });
      const subjects: string[] = (heard[user] = []);
      nats.subscribe('kite.f.>', {
        callback: (error, { subject }) => {
          if (!error) subjects.push(subject);
        },
      });
      nats.publish('kite.f.forged.0');
      await nats.flush();
    }
    for (const price of [1, 2]) feed.frame(ltpFrame([INFY], price));
    await eventually(() => expect(heard['recorder']).toEqual(['kite.f.collector.0', 'kite.f.collector.0']));
    expect(heard['program']).toEqual([]);
  });

  test('a program can neither publish ticks nor change a stream, and one without a password gets in nowhere', async () => {
    const { address, at, feed } = await bench();
    const servers = at('program', 'secret-2');
    const onIssue = (): void => undefined;
    expect(
      await codeOf(
        publishFeed({ feed: feed.asFeed, servers, publisher: 'x', stream: { maxAge: 1 }, onIssue }),
      ),
    ).toBe('KITE_NATS_STREAM_FAILED');
    for (const wrong of [address, at('program', 'wrong')]) {
      const error: unknown = await openBusFeed({ servers: wrong, name: 'x' }).catch((e: unknown) => e);
      expect(isKiteError(error, 'KITE_NATS_UNREACHABLE')).toBe(true);
      expect(everyRendering(error)).not.toContain('wrong');
    }
  });

  test('a connection with an nkey is taken as it is', async () => {
    const user = nkeys.createUser();
    const { address } = await serverWith(`authorization { users = [ { nkey: ${user.getPublicKey()} } ] }`);
    const authenticator = nkeyAuthenticator(user.getSeed());
    const nats = keep(await connect({ servers: address, authenticator }));
    const feed = new FakeFeed(systemClock);
    keep(await publishFeed({ feed: feed.asFeed, nats, publisher: 'a' }));
    const reader = keep(await openBusFeed({ nats, name: 'reader' }));
    await reader.subscribeSymbols([INFY]);
    const messages = collect(reader.messages());
    feed.frame(ltpFrame([INFY], 1));
    await eventually(() => expect(pricesOf(messages)).toEqual([1]));
    await reader.close();
    expect(nats.isClosed()).toBe(false);
    expect(await codeOf(openBusFeed({ servers: address, name: 'x' }))).toBe('KITE_NATS_UNREACHABLE');
  });

  test('a connection with TLS and a creds file is taken as it is, and neither is left out', async () => {
    const { conf, creds } = natsAccount();
    const { key, cert } = SELF_SIGNED;
    const tls = 'tls { cert_file: "FOLDER/cert.pem", key_file: "FOLDER/key.pem" }\n';
    const { address } = await serverWith(`${conf}${tls}`, { 'cert.pem': cert, 'key.pem': key });
    const authenticator = credsAuthenticator(new TextEncoder().encode(creds));
    const nats = keep(await connect({ servers: address, authenticator, tls: { ca: cert } }));
    const feed = new FakeFeed(systemClock);
    keep(await publishFeed({ feed: feed.asFeed, nats, publisher: 'a' }));
    const reader = keep(await openBusFeed({ nats, name: 'reader' }));
    await reader.subscribeSymbols([INFY]);
    const messages = collect(reader.messages());
    feed.frame(ltpFrame([INFY], 1));
    await eventually(() => expect(pricesOf(messages)).toEqual([1]));
    await expect(connect({ servers: address, tls: { ca: cert } })).rejects.toThrow(/authorization/iu);
    await expect(connect({ servers: address, authenticator })).rejects.toThrow(/certificate/iu);
    expect(await codeOf(openBusFeed({ servers: address, name: 'x' }))).toBe('KITE_NATS_UNREACHABLE');
  });

  test('neither Kite’s key nor its token is in any message of the bus', async () => {
    const server = keep(await NatsServer.start('-js'));
    const nats = keep(await connect({ servers: server.address }));
    const seen: string[] = [];
    nats.subscribe('>', { callback: (_, message) => void seen.push(message.subject, message.string()) });
    await nats.flush();
    const simulator = keep(await startSimulator(STILL_MARKET));
    const ticker = keep(new KiteTicker({ apiKey: API_KEY, accessToken: ACCESS_TOKEN, url: simulator.url }));
    keep(await publishFeed({ feed: ticker, servers: server.address, publisher: 'a' }));
    await ticker.connect();
    await ticker.subscribe([INFY], Mode.Full);
    await eventually(() => expect(seen.some((text) => text.startsWith('kite.t.'))).toBe(true));
    simulator.refuse(5, 403);
    simulator.drop();
    await eventually(() => expect(seen.some((text) => text.includes('waiting'))).toBe(true));
    const all = seen.join('\n');
    expect(all).not.toContain(API_KEY);
    expect(all).not.toContain(ACCESS_TOKEN);
  });

  test('a message that is none of ours, under any subject of the feed, is reported, and the stream goes on', async () => {
    const server = keep(await NatsServer.start('-js'));
    const nats = keep(await connect({ servers: server.address }));
    const feed = new FakeFeed(systemClock);
    keep(await publishFeed({ feed: feed.asFeed, nats, publisher: 'a' }));
    const reader = keep(await openBusFeed({ nats, name: 'reader' }));
    await reader.subscribeSymbols([INFY]);
    const messages = collect(reader.messages());
    for (const subject of [`kite.t.6.1.${INFY}`, 'kite.m.a'])
      for (const bytes of [[], [1], [1, 2, 3, 4], new Array<number>(32).fill(255)])
        nats.publish(subject, Uint8Array.from(bytes));
    nats.publish('kite.a.reader', 'none');
    feed.frame(ltpFrame([INFY], 1));
    await eventually(() => expect(pricesOf(messages)).toEqual([1]));
    expect(codes(messages)).toEqual(['KITE_NATS_NOT_A_MESSAGE']);
    expect(reader.getStats().strangers).toBe(8);
  });
});
