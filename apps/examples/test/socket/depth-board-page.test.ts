import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '@kite/simulator';
import { chromiumOptions, chromiumPath, noChromium } from '@kite/testkit';

import { type Asset, pageAssets } from '../../src/depth-board/relay/page-assets.js';
import { WELL_KNOWN_TOKENS } from '../../src/kit/watch-list.js';
import * as probes from '../in-page/board-probes.js';
import { type ServedBoard, type ServedBoardOptions, serveTestBoard } from '../support/served-board.js';

/** A browser on a busy machine takes its time. */
const TIMEOUT_MS = 60_000;
const POLL = { timeout: 20_000, interval: 20 };

if (chromiumPath === undefined) {
  console.warn(`The tests of depth-board in a browser are skipped: ${noChromium}.`);
  describe.skip(`depth-board in Chromium (skipped: ${noChromium})`, () => {
    test('the page shows a live market', () => undefined);
  });
} else {
  describe('depth-board in Chromium', { timeout: TIMEOUT_MS }, () => {
    let browser: Browser;
    let assets: ReadonlyMap<string, Asset>;

    beforeAll(async () => {
      [browser, assets] = await Promise.all([chromium.launch(chromiumOptions), pageAssets()]);
    }, TIMEOUT_MS);

    afterAll(() => browser.close());

    async function serve(options: ServedBoardOptions = {}): Promise<ServedBoard> {
      const board = await serveTestBoard({ assets, tokens: WELL_KNOWN_TOKENS, ...options });
      onTestFinished(() => board[Symbol.asyncDispose]());
      return board;
    }

    /** A page on a desktop that has shown something live; what it complains of is collected, and must be nothing. */
    async function open({ url }: ServedBoard, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
      onTestFinished(async () => {
        await context.close();
        expect(complaints).toEqual([]);
      });
      await page.goto(url);
      await live(page);
      return page;
    }

    const freshness = (page: Page) => page.getAttribute('body', 'data-freshness');
    const live = (page: Page) => expect.poll(() => freshness(page), POLL).toBe('live');
    const chosen = (page: Page) => page.textContent('#chosen-symbol');
    const chartLabel = (page: Page) => page.getAttribute('#chart', 'aria-label');
    const lastOf = (page: Page, symbol: string) =>
      page.locator('#watch-list tbody tr', { hasText: symbol }).locator('.last').textContent();
    const ground = (page: Page) => page.evaluate(probes.ground);

    test('rows move, each with its last price, its change and an age', async () => {
      const page = await open(await serve());
      expect(await page.locator('#watch-list tbody tr').count()).toBe(WELL_KNOWN_TOKENS.length);
      const before = await lastOf(page, 'INFY');
      expect(before).toMatch(/^[▲▼]?1,[45]\d\d\.\d\d$|^[▲▼]?1,6\d\d\.\d\d$/);
      await expect.poll(() => lastOf(page, 'INFY'), POLL).not.toBe(before);
      await expect.poll(() => lastOf(page, 'INFY'), POLL).toMatch(/^[▲▼]/);
      const row = await page.locator('#watch-list tbody tr', { hasText: 'INFY' }).textContent();
      expect(row).toMatch(/INFY NSE[▲▼][\d,]+\.\d\d[+−]?\d+\.\d\d%\d+s$/);
    });

    test('the book is ordered: bids fall, offers rise, and the best bid is below the best offer, at every moment', async () => {
      const page = await open(await serve());
      const seen = new Set<string>();
      const settled = async () => {
        const rows = await page.locator('#book tbody tr').allTextContents();
        seen.add(rows.join());
        const { bids, offers } = await page.evaluate(probes.bookPrices);
        expect(bids).toHaveLength(5);
        expect(bids).toEqual([...new Set(bids)].sort((a, b) => b - a));
        expect(offers).toEqual([...new Set(offers)].sort((a, b) => a - b));
        expect(bids[0]).toBeLessThan(offers[0]!);
        return seen.size;
      };
      await expect.poll(settled, POLL).toBeGreaterThan(5);
    });

    test('each quantity has a bar as long as its share of the largest', async () => {
      const page = await open(await serve());
      const levels = await page.evaluate(probes.bookBars);
      const largest = Math.max(...levels.map(({ quantity }) => quantity));
      expect(levels).toHaveLength(10);
      for (const { quantity, bar } of levels)
        expect(bar).toBeCloseTo(Math.max(2, (quantity / largest) * 100), 3);
    });

    test('choosing an instrument changes the headline, the book and the chart', async () => {
      const page = await open(await serve());
      const bestBid = () => page.locator('#book tbody .bid.price').first().textContent();
      expect(await chosen(page)).toBe('RELIANCE');
      // A candle begins with the first trade that the board sees.
      await expect
        .poll(() => chartLabel(page), POLL)
        .toMatch(/^RELIANCE, candles of 5 seconds, last 2,\d{3}\.\d\d$/);
      expect(await bestBid()).toMatch(/^2,\d{3}\.\d\d$/);
      await page.locator('#watch-list tbody tr', { hasText: 'MARUTI' }).click();
      expect(await chosen(page)).toBe('MARUTI');
      await expect
        .poll(() => chartLabel(page), POLL)
        .toMatch(/^MARUTI, candles of 5 seconds, last 1\d,\d{3}\.\d\d$/);
      expect(await bestBid()).toMatch(/^1\d,\d{3}\.\d\d$/);
    });

    test('the chart draws candles, in the colours of the theme', async () => {
      const page = await open(await serve(), { colorScheme: 'dark' });
      const upAndDown = ['53 196 139', '242 100 111'];
      const candlePixels = () => page.evaluate(probes.chartPixels, upAndDown);
      await expect.poll(candlePixels, POLL).toBeGreaterThan(20);
    });

    test('an index has a chart, and says that it has no order book', async () => {
      const page = await open(await serve());
      await page.locator('#watch-list tbody tr', { hasText: 'NIFTY 50' }).click();
      expect(await page.textContent('#book-empty')).toContain('An index is not traded');
      expect(await page.isVisible('#book')).toBe(false);
      await expect.poll(() => chartLabel(page), POLL).toMatch(/^NIFTY 50, candles/);
    });

    test('a feed that is down is shown as stale, with the reason and since when, and recovers by itself', async () => {
      const board = await serve();
      const page = await open(board);
      board.simulator!.refuse(Infinity, 503);
      board.simulator!.drop();
      await expect.poll(() => freshness(page), POLL).toBe('stale');
      expect(await page.textContent('#status')).toBe('Stale');
      expect(await page.textContent('#banner')).toMatch(
        /As of \d\d:\d\d:\d\d IST .*(close code 1006|503|connecting)/s,
      );
      const opacity = () => page.evaluate(probes.opacityOf, '#watch-list tbody');
      await expect.poll(opacity, POLL).toBeLessThan(0.7);

      board.simulator!.heal();
      await live(page);
      expect(await page.isVisible('#banner')).toBe(false);
      await expect.poll(opacity, POLL).toBe(1);
      await expect
        .poll(() => page.textContent('#events'), POLL)
        .toMatch(/nothing was received for \d+\.\d s/);
      const before = await lastOf(page, 'INFY');
      await expect.poll(() => lastOf(page, 'INFY'), POLL).not.toBe(before);
    });

    test('a feed that falls silent without a word is shown as stale after three seconds', async () => {
      const board = await serve();
      const page = await open(board);
      board.simulator!.stall();
      // Frames that were on their way are in when the page has seen none for a while.
      await expect.poll(() => page.textContent('#frame-rate'), POLL).toBe('0');
      await expect.poll(() => freshness(page), POLL).toBe('stale');
      expect(await page.textContent('#banner-reason')).toContain('not even heartbeats');
      board.simulator!.drop();
      await live(page);
    });

    test('a heartbeat is a sign of life: a quiet market is not stale', async () => {
      const board = await serve();
      const page = await open(board);
      board.simulator!.setTicksPerSecond(0);
      const ages = () => page.locator('#watch-list tbody .age').allTextContents();
      await expect
        .poll(async () => (await ages()).every((age) => Number.parseInt(age, 10) >= 4), POLL)
        .toBe(true);
      expect(await freshness(page)).toBe('live');
    });

    test('finds the relay again after it was down, without losing the chart, and reads nothing twice', async () => {
      const board = await serve();
      const page = await open(board);
      // A browser prints refused connections by itself.
      page.removeAllListeners('console');
      board.simulator!.setTicksPerSecond(0);
      await expect.poll(() => page.textContent('#frame-rate'), POLL).toMatch(/^[01]$/);
      const trades = await page.locator('#tape tr').allTextContents();
      await board.restart();
      await expect.poll(() => page.textContent('#events'), POLL).toContain('relay down');
      await live(page);
      // Messages come in order: when this one is in, all that was sent again is.
      board.simulator!.publish([
        { mode: 'ltp', instrumentToken: 408065, segment: 1, tradable: true, lastPrice: 1599.95 },
      ]);
      await expect.poll(() => lastOf(page, 'INFY'), POLL).toBe('▲1,599.95');
      expect(await page.locator('#tape tr').allTextContents()).toEqual(trades);
    });

    test('a page that is opened later has the prices and the candles that others have seen before', async () => {
      const board = await serve();
      const first = await open(board);
      await expect.poll(() => first.locator('#tape tr').count(), POLL).toBeGreaterThan(3);
      board.simulator!.setTicksPerSecond(0);
      await expect.poll(() => first.textContent('#tick-rate'), POLL).toBe('0');
      const second = await open(board);
      expect(await second.locator('#tape tr').allTextContents()).toEqual(
        await first.locator('#tape tr').allTextContents(),
      );
      for (const symbol of ['INFY', 'NIFTY 50', 'TATASTEEL'])
        expect(await lastOf(second, symbol)).toBe(await lastOf(first, symbol));
    });

    test('the title says that a feed is stale, for anyone who sees the tab alone', async () => {
      const board = await serve();
      const page = await open(board);
      await expect.poll(() => page.title(), POLL).toMatch(/^2,\d{3}\.\d\d RELIANCE · Depth board$/);
      board.simulator!.refuse(Infinity, 503);
      board.simulator!.drop();
      await expect.poll(() => page.title(), POLL).toMatch(/^\(stale\) 2,\d{3}\.\d\d RELIANCE · Depth board$/);
      board.simulator!.heal();
      await expect.poll(() => page.title(), POLL).toMatch(/^2,/);
    });

    test('instruments are added by name and taken away, for every page, and what is known of the others stays', async () => {
      const board = await serve();
      const page = await open(board);
      const other = await open(board);
      const rows = (of: Page) => of.locator('#watch-list tbody tr').count();
      await expect.poll(() => chartLabel(page), POLL).toMatch(/^RELIANCE, candles of 5 seconds, last/);
      const candles = await chartLabel(page);
      await page.keyboard.press('+');
      await page.keyboard.type('no such thing');
      await page.keyboard.press('Enter');
      await expect
        .poll(() => page.textContent('#add-note'), POLL)
        .toBe('no instrument is called no such thing');
      await page.fill('#add-name', 'NSE:INFY');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.textContent('#add-note'), POLL).toBe('INFY is on the list');
      await page.fill('#add-name', 'nfo:nifty');
      await page.keyboard.press('Enter');
      await expect.poll(() => chosen(page), POLL).toMatch(/^NIFTY/);
      await expect
        .poll(() => page.textContent('#day'), POLL)
        .toMatch(/VWAP[\d,.]+.*Open interest[\d,]+OI range/);
      await expect.poll(() => rows(other), POLL).toBe(WELL_KNOWN_TOKENS.length + 1);
      expect(await chosen(other)).toBe('RELIANCE');
      expect((await chartLabel(other))!.slice(0, 20)).toBe(candles!.slice(0, 20));
      await page.click('#remove');
      await expect.poll(() => rows(page), POLL).toBe(WELL_KNOWN_TOKENS.length);
      await expect.poll(() => rows(other), POLL).toBe(WELL_KNOWN_TOKENS.length);
    });

    test('the choice of candles fits at a width of 1280', async () => {
      const page = await open(await serve(), { viewport: { width: 1280, height: 720 } });
      const [inner, outer] = await Promise.all(
        ['#intervals', '.headline'].map((selector) => page.locator(selector).boundingBox()),
      );
      expect(inner!.x + inner!.width).toBeLessThanOrEqual(outer!.x + outer!.width);
      expect(inner!.y + inner!.height).toBeLessThanOrEqual(outer!.y + outer!.height);
    });

    describe('by keyboard', () => {
      test('j, k and the arrows walk through the watch list, Home and End go to its ends, and the focus goes along', async () => {
        const page = await open(await serve());
        const focused = () => page.evaluate(probes.focusedSymbol);
        for (const [key, symbol] of [
          ['j', 'INFY'],
          ['j', 'TCS'],
          ['ArrowDown', 'HDFCBANK'],
          ['k', 'TCS'],
          ['ArrowUp', 'INFY'],
          ['End', 'TATASTEEL'],
          ['j', 'TATASTEEL'],
          ['Home', 'NIFTY 50'],
          ['k', 'NIFTY 50'],
        ] as const) {
          await page.keyboard.press(key);
          expect([await chosen(page), await focused()]).toEqual([symbol, symbol]);
          expect(await page.locator('#watch-list [aria-selected=true]').count()).toBe(1);
          expect(await page.locator('#watch-list [tabindex="0"]').count()).toBe(1);
        }
      });

      test('/ filters, Enter goes to the first that matches, Escape shows all again', async () => {
        const page = await open(await serve());
        const shown = () => page.locator('#watch-list tbody tr:visible').count();
        await page.keyboard.press('/');
        await page.keyboard.type('tata');
        expect(await shown()).toBe(1);
        expect(await page.inputValue('#filter')).toBe('tata');
        await page.keyboard.press('Enter');
        expect(await chosen(page)).toBe('TATASTEEL');
        await page.keyboard.press('Escape');
        expect(await shown()).toBe(WELL_KNOWN_TOKENS.length);
        await page.keyboard.press('/');
        await page.keyboard.type('no such thing');
        expect(await page.isVisible('#list-empty')).toBe(true);
        await page.keyboard.press('Escape');
        expect(await shown()).toBe(WELL_KNOWN_TOKENS.length);
      });

      test('letters that are typed into the filter are letters', async () => {
        const page = await open(await serve());
        await page.keyboard.press('/');
        await page.keyboard.type('jkt[]');
        expect(await page.inputValue('#filter')).toBe('jkt[]');
        expect(await chosen(page)).toBe('RELIANCE');
      });

      test('brackets change the length of the candles', async () => {
        const page = await open(await serve());
        for (const [key, seconds] of [
          [']', 15],
          [']', 60],
          ['[', 15],
        ] as const) {
          await page.keyboard.press(key);
          await expect.poll(() => chartLabel(page), POLL).toContain(`candles of ${seconds} seconds`);
        }
      });

      test('Tab reaches everything that can be used, and what has the focus can be seen', async () => {
        const page = await open(await serve());
        const visited: string[] = [];
        for (let step = 0; step < 15; step++) {
          await page.keyboard.press('Tab');
          const { name, outline } = await page.evaluate(probes.focusLook);
          if (name === 'body') break;
          expect([name, outline]).toEqual([name, 'solid']);
          visited.push(name);
        }
        expect(visited.slice(0, 9)).toEqual([
          'theme',
          'filter',
          'add-name',
          'add-button',
          'remove',
          'tr',
          'events-log',
          'interval',
          'a',
        ]);
      });
    });

    test('dark and light follow the system, and the switch wins over it, also after a reload', async () => {
      const page = await open(await serve(), { colorScheme: 'dark' });
      const dark = await ground(page);
      await page.emulateMedia({ colorScheme: 'light' });
      await expect.poll(() => ground(page), POLL).not.toBe(dark);
      const light = await ground(page);
      await page.keyboard.press('t');
      expect(await ground(page)).toBe(dark);
      await page.reload();
      await live(page);
      expect(await ground(page)).toBe(dark);
      await page.click('#theme');
      expect(await ground(page)).toBe(light);
    });

    test.each(['dark', 'light'] as const)(
      'has no fault that axe finds, in %s: roles, names, contrast, order of headings',
      async (colorScheme) => {
        const page = await open(await serve(), { colorScheme, reducedMotion: 'reduce' });
        await page.evaluate(axe.source);
        expect(await page.evaluate(probes.axeViolations)).toEqual([]);
      },
    );

    test.each([390, 768, 1280, 1920])('nothing is cut off at a width of %i', async (width) => {
      const page = await open(await serve(), { viewport: { width, height: 900 } });
      // The book comes with the first tick of the chosen instrument.
      for (const part of ['#book', '#watch-list'])
        await expect.poll(() => page.isVisible(part), POLL).toBe(true);
      expect(await page.evaluate(probes.overflow)).toBe(0);
      const [legend, chart] = await Promise.all(
        ['#legend', '#chart'].map((selector) => page.locator(selector).boundingBox()),
      );
      expect(legend!.y + legend!.height).toBeLessThanOrEqual(chart!.y);
    });

    test('3000 instruments are shown, and only those in sight are painted', async () => {
      await using listing = await startSimulator({ ticksPerSecond: 0 });
      const tokens = listing.instruments.slice(0, 3000).map(({ instrumentToken }) => instrumentToken);
      const page = await open(await serve({ tokens }));
      expect(await page.locator('#watch-list tbody tr').count()).toBe(3000);
      const painted = () => page.evaluate(probes.paintedRows);
      await expect.poll(painted, POLL).toBeGreaterThan(5);
      expect(await painted()).toBeLessThan(100);
      await page.keyboard.press('End');
      await expect
        .poll(() => page.locator('#watch-list tbody tr').last().locator('.age').textContent(), POLL)
        .toMatch(/\ds|m/);
    });
  });
}
