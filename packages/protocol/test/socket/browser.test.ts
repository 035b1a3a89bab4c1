import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as kite from '@kite/protocol';
import { chromiumOptions, chromiumPath, noChromium, postedByWorker } from '@kite/testkit';

import { bundleForBrowser } from '../support/bundle.js';
import { decodeAll } from '../support/decode-all.js';
import { sampleFrames } from '../support/sample-frames.js';

if (chromiumPath === undefined) {
  console.warn(`The browser tests of @kite/protocol are skipped: ${noChromium}.`);
  describe.skip(`in Chromium (skipped: ${noChromium})`, () => {
    test('the package decodes as it does in Node', () => undefined);
  });
} else {
  describe('in Chromium', () => {
    const frames = sampleFrames();
    const inNode: unknown = JSON.parse(decodeAll(kite, frames));
    let browser: Browser;
    let page: Page;
    let bundle: string;

    beforeAll(async () => {
      bundle = await bundleForBrowser();
      browser = await chromium.launch(chromiumOptions);
      page = await browser.newPage();
      await page.setContent('<!doctype html><title>@kite/protocol</title>');
      await page.addScriptTag({ content: bundle });
    }, 60_000);

    afterAll(async () => {
      await browser.close();
    });

    test('the page is a real one: a window, and no Node', async () => {
      const kinds: unknown = await page.evaluate(
        '[typeof window, typeof process, typeof Buffer, typeof kite.decodeFrame]',
      );
      expect(kinds).toEqual(['object', 'undefined', 'undefined', 'function']);
    });

    test('the package decodes, encodes and refuses as it does in Node', async () => {
      const there = await page.evaluate<string>(`(${decodeAll.toString()})(kite, ${JSON.stringify(frames)})`);
      expect(JSON.parse(there)).toEqual(inNode);
    });

    test('and so it does in a Web Worker', async () => {
      const source = `${bundle}; postMessage((${decodeAll.toString()})(kite, ${JSON.stringify(frames)}))`;
      const there = (await postedByWorker(page, source)) as string;
      expect(JSON.parse(there)).toEqual(inNode);
    });

    test("an ArrayBuffer, as a browser's WebSocket delivers it, is refused with the cure in its words", async () => {
      const message = await page.evaluate<string>(
        `(() => { try { kite.decodeFrame(new ArrayBuffer(2)); } catch (error) { return error.code + ': ' + error.message; } })()`,
      );
      expect(message).toBe(
        'KITE_PROTOCOL_INVALID_FRAME: frame is [object ArrayBuffer]; allowed: a Uint8Array, a Node Buffer included',
      );
    });
  });
}
