import { get, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseTextMessage } from '@kite/protocol';
import { type Simulator, startSimulator } from '@kite/simulator';

import { credentials, TestClient } from '../support/client.js';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = (method === 'GET' ? get : request)(url, { headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject).end();
  });
}

/** The rows of a list that has no comma or quote in a cell but for the quotes around names. */
function rowsOf(body: Buffer): Record<string, string>[] {
  const [header = '', ...lines] = body.toString().trimEnd().split('\n');
  const columns = header.split(',');
  return lines.map((line) =>
    Object.fromEntries(
      line.split(',').map((cell, index) => [columns[index]!, cell.replace(/^"(.*)"$/u, '$1')]),
    ),
  );
}

async function listOf(simulator: Simulator, path = '/instruments'): Promise<Record<string, string>[]> {
  return rowsOf((await ask(`${simulator.httpUrl}${path}`)).body);
}

describe('the list of instruments', () => {
  test('has every instrument of the market, with the columns and the spelling of Kite', async () => {
    await using simulator = await startSimulator();
    const rows = await listOf(simulator);
    expect(rows.map((row) => Number(row['instrument_token']))).toEqual(
      simulator.instruments.map(({ instrumentToken }) => instrumentToken),
    );
    expect(rows.find(({ tradingsymbol }) => tradingsymbol === 'INFY')).toEqual({
      instrument_token: '408065',
      exchange_token: '1594',
      tradingsymbol: 'INFY',
      name: 'INFOSYS',
      last_price: '1567.8',
      expiry: '',
      strike: '0',
      tick_size: '0.05',
      lot_size: '1',
      instrument_type: 'EQ',
      segment: 'NSE',
      exchange: 'NSE',
    });
    expect(rows[0]).toMatchObject({ tradingsymbol: 'NIFTY 50', segment: 'INDICES', exchange: 'NSE' });
  });

  test('has contracts that expire on the last Tuesday of a month, on BSE the last Thursday, or the day before a holiday', async () => {
    // A Saturday behind the last Tuesday of November.
    const now = Date.parse('2026-11-28T12:00:00+05:30');
    const clock = {
      now: () => now,
      monotonic: () => 0,
      setTimeout: () => undefined,
      clearTimeout: () => undefined,
    };
    await using simulator = await startSimulator({ clock });
    const rows = await listOf(simulator);
    const expiries = (exchange: string): string[] =>
      [...new Set(rows.filter((row) => row['exchange'] === exchange).map(({ expiry }) => expiry!))].sort();
    expect(expiries('NFO')).toEqual(['2026-12-29', '2027-01-25', '2027-02-23']);
    expect(expiries('BFO')).toEqual(['2026-12-31', '2027-01-28', '2027-02-25']);
    expect(expiries('BSE')).toEqual(['']);
    const option = rows.find(({ tradingsymbol }) => tradingsymbol === 'NIFTY26DEC20950CE');
    expect(option).toMatchObject({
      name: 'NIFTY',
      expiry: '2026-12-29',
      strike: '20950',
      instrument_type: 'CE',
      segment: 'NFO-OPT',
      lot_size: '75',
    });
    expect(rows.find(({ tradingsymbol }) => tradingsymbol === 'NIFTY27JANFUT')).toMatchObject({
      // The last Tuesday is Republic Day.
      expiry: '2027-01-25',
      instrument_type: 'FUT',
      segment: 'NFO-FUT',
    });
    const names = rows.map((row) => `${row['exchange']!}:${row['tradingsymbol']!}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('names a contract for its own month on the day on which it ends, and the next one the day after', async () => {
    for (const [day, month] of [
      // Tuesday, 2026-11-24, is a holiday.
      ['2026-11-23', 'NOV'],
      ['2026-11-24', 'DEC'],
      ['2026-12-29', 'DEC'],
      ['2026-12-30', 'JAN'],
    ] as const) {
      const now = Date.parse(`${day}T15:00:00+05:30`);
      const clock = {
        now: () => now,
        monotonic: () => 0,
        setTimeout: () => undefined,
        clearTimeout: () => undefined,
      };
      await using simulator = await startSimulator({ clock });
      expect(
        simulator.instruments.find(({ instrumentType }) => instrumentType === 'FUT')?.tradingsymbol,
      ).toContain(month);
    }
  });

  test('comes compressed for who takes that, and not again for who has its version', async () => {
    await using simulator = await startSimulator({ instruments: 100 });
    const url = `${simulator.httpUrl}/instruments`;
    const plain = await ask(url);
    const { etag } = plain.headers;
    expect(plain).toMatchObject({ status: 200, headers: { 'content-type': 'text/csv' } });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const compressed = await ask(url, { 'Accept-Encoding': 'gzip, deflate, br' });
    expect(compressed.headers).toMatchObject({ 'content-encoding': 'gzip', etag });
    expect(gunzipSync(compressed.body)).toEqual(plain.body);
    const unchanged = await ask(url, { 'If-None-Match': String(etag) });
    expect([unchanged.status, unchanged.body.length, unchanged.headers['etag']]).toEqual([304, 0, etag]);
    expect((await ask(url, { 'If-None-Match': 'W/"another"' })).status).toBe(200);
  });

  test('has the version that is told to who connects', async () => {
    await using simulator = await startSimulator({ instruments: 100 });
    const { etag } = (await ask(`${simulator.httpUrl}/instruments`)).headers;
    using client = new TestClient(simulator.url + credentials());
    await client.until(() => client.texts.length > 0);
    expect(parseTextMessage(client.texts[0]!)).toEqual({ type: 'instruments-meta', count: 100, etag });
  });

  test('has another version for another seed, another number, another instrument', async () => {
    const options = [
      {},
      { seed: 2 },
      { instruments: 9 },
      { instruments: [{ instrumentToken: 257, tradingsymbol: 'A' }] },
      { instruments: [{ instrumentToken: 257, tradingsymbol: 'B' }] },
      { instruments: [{ instrumentToken: 257, tradingsymbol: 'A', strike: 5 }] },
    ];
    const versions = new Set<unknown>();
    for (const some of options) {
      await using simulator = await startSimulator(some);
      versions.add((await ask(`${simulator.httpUrl}/instruments`)).headers['etag']);
    }
    expect(versions.size).toBe(options.length);
    expect(versions).not.toContain(undefined);
  });

  test('is served by exchange, and none is of an exchange that is unknown', async () => {
    await using simulator = await startSimulator();
    for (const path of ['/instruments/NFO', '/instruments/nfo', '/instruments/NFO/?a=b']) {
      const rows = await listOf(simulator, path);
      expect([...new Set(rows.map(({ exchange }) => exchange))]).toEqual(['NFO']);
    }
    const compressed = await ask(`${simulator.httpUrl}/instruments/BFO`, { 'Accept-Encoding': 'gzip' });
    expect([...new Set(rowsOf(gunzipSync(compressed.body)).map(({ exchange }) => exchange))]).toEqual([
      'BFO',
    ]);
    expect((await ask(`${simulator.httpUrl}/instruments/NOPE`)).status).toBe(404);
  });

  test('quotes what has to be, and has no line break in a cell', async () => {
    const instruments = [{ instrumentToken: 257, tradingsymbol: 'A,"B"', name: 'C "D",\nE' }];
    await using simulator = await startSimulator({ instruments });
    const { body } = await ask(`${simulator.httpUrl}/instruments`);
    expect(body.toString().split('\n')[1]).toContain('257,1,"A,""B""","C ""D"", E",');
  });

  test('leaves all other requests as they were', async () => {
    await using simulator = await startSimulator();
    for (const path of ['/', '/instrument', '/instruments/NFO/x', '/instrumentsNFO'])
      expect((await ask(`${simulator.httpUrl}${path}`)).status).toBe(400);
    expect((await ask(`${simulator.httpUrl}/instruments`, {}, 'POST')).status).toBe(400);
    const head = await ask(`${simulator.httpUrl}/instruments`, {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });

  test('refuses instruments with a wrong expiry, strike or type', async () => {
    for (const [field, value] of [
      ['expiry', '2026-02-30'],
      ['expiry', 5],
      ['strike', -1],
      ['instrumentType', 'OPT'],
    ] as const)
      await expect(
        startSimulator({ instruments: [{ instrumentToken: 257, [field]: value }] }),
      ).rejects.toMatchObject({ code: 'KITE_SIMULATOR_INVALID_OPTION', field: `instruments[0].${field}` });
  });
});
