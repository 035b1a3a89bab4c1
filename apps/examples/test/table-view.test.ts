import { describe, expect, it, vi } from 'vitest';

import { showTable } from '../src/live-market/screen/table-view.js';
import { streamingMarket } from './support/example-feed.js';
import { FakeTerminal } from './support/fake-terminal.js';

const UP = '\u001B[A';
const DOWN = '\u001B[B';
const PAGE_DOWN = '\u001B[6~';
const CTRL_C = '\u0003';

/** The table of a running market on an emulated terminal, until it is disposed. */
async function table(columns = 120, rows = 40, tokens?: readonly number[]) {
  const streaming = await streamingMarket({ tokens });
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
  it('shows symbols, prices, changes, volumes, the best bid and ask, ages, and how the connection is', async () => {
    await using view = await table();
    await view.shows(/connection 1 ● open +[\d,]+ ticks\/s +\d+ frames\/s +0 reconnects/);
    await view.shows(/SYMBOL +LAST +CHANGE +CHANGE % +VOLUME +BID +ASK +MODE +AGE/);
    await view.shows(
      /INFY +1,\d{3}\.\d\d +[+-]\d+\.\d\d +[+-]\d+\.\d\d% +[\d,]{8,} +1,\d{3}\.\d\d +1,\d{3}\.\d\d +full +\d\.\ds/,
    );
    await view.shows(/ 3,000 instruments: 1,800 full, 600 quote, 600 ltp · \d+ MB/);
    await view.shows('1–25 of 3000');
  });

  it.each([
    [80, 24],
    [120, 40],
    [60, 15],
    [200, 60],
    [43, 10],
    [20, 5],
    [5, 2],
  ])(
    'fills a terminal of %i × %i and never more, with nothing cut at its right edge',
    async (columns, rows) => {
      await using view = await table(columns, rows);
      await view.shows(columns < 10 ? /^ Kit/ : 'Kite live market');
      const lines = await view.terminal.lines();
      expect(lines).toHaveLength(rows);
      expect(lines[0]).toMatch(/^ Ki/);
      if (columns >= 43 && rows >= 10) {
        expect(lines.at(-1)).toMatch(/^ d drop/);
        expect(lines[1]).toMatch(/^┌─+┐$/);
        expect(lines.find((line) => line.includes('SYMBOL'))).toMatch(/AGE$/);
      }
    },
  );

  it('keeps all that matters on 80 columns', async () => {
    await using view = await table(80, 24);
    await view.shows(/SYMBOL +LAST +CHANGE % +VOLUME +BID +ASK +AGE/);
  });

  it('follows the terminal as it is resized', async () => {
    await using view = await table(120, 40);
    await view.shows('1–25 of 3000');
    view.terminal.resize(80, 24);
    await view.shows('1–12 of 3000');
    view.terminal.resize(150, 50);
    await view.shows('1–35 of 3000');
    expect((await view.terminal.text()).match(/SYMBOL/g)).toHaveLength(1);
  });

  it('d drops the connection; the loss, the way back and the gap are told, and prices flow again', async () => {
    await using view = await table();
    await view.shows('● open');
    view.terminal.type('d');
    await view.shows(/fault +you dropped the connection/);
    await view.shows(/waiting +the connection ended/);
    await view.shows(/gap +nothing was received for/);
    await view.shows(/● open .* 1 reconnect /);
  });

  it('s stalls the connection, and resumes it', async () => {
    await using view = await table();
    await view.shows('● open');
    view.terminal.type('s');
    await view.shows(/fault +you stalled the connection/);
    await view.shows('● silent for');
    view.terminal.type('s');
    await view.shows(/fault +you resumed the connection/);
    await view.shows(/● open .* 0 reconnects/);
  });

  it('scrolls by line and by page, and not beyond either end', async () => {
    await using view = await table(120, 40);
    await view.shows('1–25 of 3000');
    view.terminal.type(UP);
    view.terminal.type(DOWN);
    await view.shows('2–26 of 3000');
    view.terminal.type(PAGE_DOWN);
    await view.shows('27–51 of 3000');
    for (let page = 0; page < 130; page++) view.terminal.type(PAGE_DOWN);
    await view.shows('2976–3000 of 3000');
  });

  it.each([
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

  it('shows a short list whole, and says where nothing has come yet', async () => {
    await using view = await table(120, 40, [408065, 256]);
    await view.shows('1–2 of 2');
    await view.shows(/segment 0 256 +– +– +– +– +– +– +full +–/);
  });
});
