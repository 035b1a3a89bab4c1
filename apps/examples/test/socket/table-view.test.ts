import { describe, expect, test, vi } from 'vitest';
import type { ManagerConfig } from '@kite/manager';

import type { FeedOptions } from '../../src/kit/feed.js';
import { showTable } from '../../src/live-market/screen/table-view.js';
import { streamingMarket } from '../support/example-feed.js';
import { FakeTerminal } from '../support/fake-terminal.js';

const UP = '\u001B[A';
const DOWN = '\u001B[B';
const PAGE_DOWN = '\u001B[6~';
const HOME = '\u001B[H';
const END = '\u001B[F';
const ESCAPE = '\u001B';
const CTRL_C = '\u0003';

/** Given up on soon, but not while a busy machine still opens it, and dialled slowly enough for the events in between to stay on the screen. */
const OUTAGE = { failoverAfterMs: 1500, reconnectDelayMs: 400, maxReconnectDelayMs: 400 };

/** The table of a running market on an emulated terminal, until it is disposed. */
async function table(
  options: FeedOptions = { instruments: 300 },
  config: ManagerConfig = {},
  [columns, rows] = [120, 40],
) {
  const streaming = await streamingMarket(options, config);
  const terminal = new FakeTerminal(columns, rows);
  const shown = showTable(streaming.market, streaming, terminal);
  return {
    terminal,
    shown,
    shows: (what: string | RegExp) =>
      vi.waitFor(async () => expect(await terminal.text()).toMatch(what), { timeout: 10_000 }),
    async [Symbol.asyncDispose]() {
      streaming.end();
      await shown;
      await streaming[Symbol.asyncDispose]();
    },
  };
}

describe('the table', { timeout: 20_000 }, () => {
  test('shows symbols, prices, changes, volumes, the best bid and ask, ages, and how the connection is', async () => {
    await using view = await table({ instruments: 9000 });
    await view.shows(
      /▸ connection 1 ● open +│ connection 2 ● open +│ connection 3 ● open +│\n│ [\d,]+ ticks\/s +3,000 instruments +│(.*\n)+│ 0 reconnects +latency \d.*\n│ frame \d\.\ds ago +up \d/,
    );
    await view.shows(/SYMBOL +LAST +CHANGE +CHANGE % +VOLUME +BID +ASK +MODE +AGE/);
    await view.shows(
      /INFY +1,\d{3}\.\d\d +[+-]\d+\.\d\d +[+-]\d+\.\d\d% +[\d,]{8,} +1,\d{3}\.\d\d +1,\d{3}\.\d\d +full +\d\.\ds/,
    );
    await view.shows(/● healthy +9,000 instruments: 5,408 full, 1,796 quote, 1,796 ltp · \d+ MB/);
    await view.shows('1–23 of 9,000');
  });

  test.each([
    [80, 24],
    [120, 40],
    [60, 15],
    [200, 60],
    [40, 20],
    [43, 10],
    [20, 5],
    [5, 2],
  ])(
    'fills a terminal of %i × %i and never more, with nothing cut at its right edge',
    async (columns, rows) => {
      await using view = await table({ instruments: 300 }, {}, [columns, rows]);
      await view.shows(columns < 30 ? /^ Kit/ : 'Kite live market');
      const lines = await view.terminal.lines();
      expect(lines).toHaveLength(rows);
      expect(lines[0]).toMatch(/^ Ki/);
      if (columns >= 40 && rows >= 10) {
        expect(lines.at(-1)).toMatch(/\? help {2}q quit +1–\d+ of 300$/);
        expect(lines[1]).toMatch(columns < 80 ? /▸ connection 1/ : /^┌─+┬─+┬─+┐$/);
        expect(lines.find((line) => line.includes('SYMBOL'))).toMatch(/AGE$/);
      }
    },
  );

  test('keeps all that matters on 80 columns', async () => {
    await using view = await table({ instruments: 300 }, {}, [80, 24]);
    await view.shows(/SYMBOL +LAST +CHANGE % +VOLUME +BID +ASK +AGE/);
  });

  test('follows the terminal as it is resized', async () => {
    await using view = await table();
    await view.shows('1–23 of 300');
    view.terminal.resize(80, 24);
    await view.shows('1–11 of 300');
    view.terminal.resize(150, 50);
    await view.shows('1–33 of 300');
    expect((await view.terminal.text()).match(/SYMBOL/g)).toHaveLength(1);
  });

  test('d drops the chosen connection; the loss, the way back and the gap are told, and prices flow again', async () => {
    await using view = await table();
    await view.shows(/● open .*● open .*● open /);
    view.terminal.type('2');
    await view.shows('▸ connection 2');
    view.terminal.type('d');
    await view.shows(/fault +you dropped connection 2/);
    await view.shows(/waiting +connection 2: the connection ended/);
    await view.shows(/degraded +connection 2 is waiting/);
    await view.shows(/gap +connection 2: nothing was received for/);
    await view.shows(/ 0 reconnects .* 1 reconnect .* 0 reconnects /);
    await view.shows(/● open .*● open .*● open /);
    await view.shows(/Kite live market · simulator ● healthy/);
  });

  test('s stalls the chosen connection alone, and resumes it', async () => {
    await using view = await table();
    await view.shows(/● open .*● open .*● open /);
    view.terminal.type('3');
    view.terminal.type('s');
    await view.shows(/fault +you stalled connection 3/);
    await view.shows(/● open .*● open .*▸ connection 3 ● silent for/);
    // Before the manager gives it up, and after.
    await view.shows(/^ Kite live market · simulator ● (connection 3 is silent|degraded)/);
    expect(view.terminal.stdout.written).toContain('● connection 3 is silent');
    view.terminal.type('s');
    await view.shows(/fault +you resumed connection 3/);
    await view.shows(/● open .*● open .*● open /);
    await view.shows(/ 0 reconnects .* 0 reconnects .* 0 reconnects /);
  });

  test('o keeps the chosen connection down until o again: its instruments move to where there is room', async () => {
    await using view = await table({ instruments: 6000 }, OUTAGE);
    await view.shows(
      /● open .*● open .*● open .*\n.* 2,000 instruments .* 2,000 instruments .* 2,000 instruments /,
    );
    view.terminal.type('o');
    await view.shows(/fault +you dropped connection 1, and anyone who dials is refused/);
    await view.shows(/failover +2,000 instruments of connection 1 moved to the others/);
    await view.shows(/ 0 instruments .* 3,000 instruments .* 3,000 instruments /);
    view.terminal.type('o');
    await view.shows(/fault +anyone who dials is let in again/);
    await view.shows(/● open .*● open .*● open /);
  });

  test('says so where no other connection has room', async () => {
    await using view = await table({ instruments: 9000 }, OUTAGE);
    await view.shows(/● open .*● open .*● open /);
    view.terminal.type('o');
    await view.shows(/unplaced +3,000 instruments have no connection, and no other has room/);
    view.terminal.type('o');
    await view.shows(/unplaced +every instrument has a connection again/);
  });

  test('keeps the choice where there is no such connection', async () => {
    await using view = await table({ tokens: [408065, 256265] });
    await view.shows(/▸ connection 1 ● open .* connection 2 ● open /);
    view.terminal.type('3');
    view.terminal.type('d');
    await view.shows(/fault +you dropped connection 1/);
  });

  test('scrolls by line and by page, and not beyond either end', async () => {
    await using view = await table();
    await view.shows('1–23 of 300');
    view.terminal.type(UP);
    view.terminal.type(DOWN);
    await view.shows('2–24 of 300');
    view.terminal.type(PAGE_DOWN);
    await view.shows('25–47 of 300');
    for (let page = 0; page < 15; page++) view.terminal.type(PAGE_DOWN);
    await view.shows('278–300 of 300');
    view.terminal.type(HOME);
    await view.shows('1–23 of 300');
    view.terminal.type(END);
    await view.shows('278–300 of 300');
  });

  test('/ shows the symbols with the letters that are typed, keys among them; Enter keeps that, Esc shows all again', async () => {
    await using view = await table();
    await view.shows('1–23 of 300');
    view.terminal.type('/');
    view.terminal.type('nifty');
    await view.shows(/ \/nifty {2,}Enter keeps it, Esc clears it +1–\d+ of \d+$/m);
    await view.shows(/NIFTY 50 +2\d,/);
    expect(await view.terminal.text()).not.toContain('RELIANCE');
    view.terminal.type('\r');
    await view.shows(/q quit +\/nifty · 1–\d+ of \d+/);
    view.terminal.type(ESCAPE);
    await view.shows('1–23 of 300');
  });

  test('says where no symbol has the letters, and q is a letter there', async () => {
    await using view = await table();
    await view.shows('1–23 of 300');
    view.terminal.type('/qqq');
    await view.shows(/\/qqq {2,}Enter keeps it, Esc clears it +none/);
  });

  test('c sorts by change, best first, then worst first, and says so', async () => {
    await using view = await table();
    await view.shows(/INFY +\d[^]*TCS +\d[^]*SBIN +\d/);
    const changes = async () =>
      [...(await view.terminal.text()).matchAll(/ ([+-]?\d+\.\d\d)% /g)].map(([, text]) => Number(text));
    view.terminal.type('c');
    await view.shows(/▼ CHG %[^]*best first · 1–23 of 300/);
    const [best] = await changes();
    view.terminal.type('c');
    await view.shows(/▲ CHG %[^]*worst first · 1–23 of 300/);
    expect((await changes())[0]).toBeLessThan(best!);
    view.terminal.type('c');
    await view.shows(/CHANGE %[^]*quit +1–23 of 300/);
  });

  test('? explains the keys and the colours, also where they take more lines than there are; any key but the arrows leaves', async () => {
    await using view = await table({ instruments: 300 }, {}, [80, 12]);
    view.terminal.type('?');
    await view.shows(/Keys[^]*any other key leaves the help/);
    view.terminal.type(PAGE_DOWN);
    await view.shows(/Colours[^]*yellow +stale/);
    view.terminal.type('x');
    await view.shows('of 300');
  });

  test('says how long it is until the next attempt', async () => {
    await using view = await table(
      { instruments: 300 },
      { reconnectDelayMs: 8000, maxReconnectDelayMs: 8000 },
    );
    await view.shows(/● open .*● open .*● open /);
    view.terminal.type('d');
    await view.shows(/▸ connection 1 ● retry in \d\.\ds/);
  });

  test('shows the well-known instruments in full on the first screen', async () => {
    await using view = await table({ instruments: 9000 });
    await view.shows(/TATASTEEL +\d/);
    const modes = [...(await view.terminal.text()).matchAll(/ (full|quote|ltp) +[–\d]/g)].map(
      ([, mode]) => mode,
    );
    expect(new Set(modes.slice(0, 20))).toEqual(new Set(['full']));
  });

  test.each([
    ['q', 'q'],
    ['Ctrl-C', CTRL_C],
  ])('%s ends it and gives the terminal back: the first screen, cooked, with a cursor', async (_, key) => {
    await using view = await table();
    await view.shows('● open');
    expect(await view.terminal.isTakenOver()).toBe(true);
    expect(view.terminal.stdin.isRaw).toBe(true);
    view.terminal.type(key);
    await view.shown;
    expect(await view.terminal.isTakenOver()).toBe(false);
    expect(view.terminal.stdin.isRaw).toBe(false);
    expect(view.terminal.stdin.isPaused()).toBe(true);
    expect((await view.terminal.text()).trim()).toBe('');
    expect(view.terminal.stdout.written.lastIndexOf('\u001B[?25h')).toBeGreaterThan(
      view.terminal.stdout.written.lastIndexOf('\u001B[?25l'),
    );
    expect(view.terminal.stdout.listenerCount('resize')).toBe(0);
  });

  test('shows a short list whole, and says where nothing has come yet', async () => {
    await using view = await table({ tokens: [408065, 256] });
    await view.shows('1–2 of 2');
    await view.shows(/segment 0 256 +– +– +– +– +– +– +full +–/);
  });
});
