import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as kite from '@kite/instruments';
import { chromiumOptions, chromiumPath, noChromium, postedByWorker } from '@kite/testkit';

import { bundleForBrowser } from '../support/bundle.js';
import { ListServer } from '../support/list-server.js';
import { useList } from '../support/use-list.js';

if (chromiumPath === undefined) {
  console.warn(`The browser tests of @kite/instruments are skipped: ${noChromium}.`);
  describe.skip(`in Chromium (skipped: ${noChromium})`, () => {
    test('the package loads, parses and finds as it does in Node', () => undefined);
  });
} else {
  describe('in Chromium', () => {
    let server: ListServer;
    let browser: Browser;
    let page: Page;
    let bundle: string;
    let inNode: unknown;

    beforeAll(async () => {
      server = await ListServer.start();
      inNode = JSON.parse(await useList(kite, server.url));
      bundle = await bundleForBrowser();
      browser = await chromium.launch(chromiumOptions);
      page = await browser.newPage();
      await page.goto(server.origin);
      await page.addScriptTag({ content: bundle });
    }, 60_000);

    afterAll(async () => {
      await browser.close();
      await server[Symbol.asyncDispose]();
    });

    test('the page is a real one: a window, and no Node', async () => {
      const kinds: unknown = await page.evaluate('[typeof window, typeof process, typeof kite.Instruments]');
      expect(kinds).toEqual(['object', 'undefined', 'function']);
    });

    test('the package loads, parses, finds and watches as it does in Node', async () => {
      server.headers.length = 0;
      const there = await page.evaluate<string>(
        `(${useList.toString()})(kite, ${JSON.stringify(server.url)})`,
      );
      expect(JSON.parse(there)).toEqual(inNode);
      expect(server.headers.map((headers) => headers['if-none-match'])).toContain('W/"1"');
    });

    test('and so it does in a Web Worker', async () => {
      const source = `${bundle}; (${useList.toString()})(kite, ${JSON.stringify(server.url)}).then(postMessage)`;
      const there = (await postedByWorker(page, source)) as string;
      expect(JSON.parse(there)).toEqual(inNode);
    });

    test('a folder for the cache is refused, since a browser has no files', async () => {
      const url = JSON.stringify(server.url);
      const message = await page.evaluate<string>(
        `kite.Instruments.load({ url: ${url}, cacheDir: 'x' }).catch((error) => error.code + ': ' + error.message)`,
      );
      expect(message).toMatch(
        /^KITE_INSTRUMENTS_INVALID_OPTION: cacheDir .*nothing in a runtime without node:fs/u,
      );
    });
  });
}
