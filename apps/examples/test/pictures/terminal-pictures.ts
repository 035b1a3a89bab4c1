import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';

import { showTable } from '../../src/live-market/screen/table-view.js';
import { streamingMarket } from '../support/example-feed.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { htmlOf } from './terminal-html.js';

/** A picture of the live market: its name, the terminal in characters, and what is typed before. */
export interface TerminalPicture {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly keys?: string;
}

/** Long enough for most prices to have changed. */
const RUNNING_MS = 8000;
/** After the drop, while the connection still waits. */
const DROPPED_MS = 1200;

/** Takes them, each of a market of its own whose third connection has just been dropped; returns the files. */
export async function takeTerminals(
  browser: Browser,
  folder: string,
  pictures: readonly TerminalPicture[],
): Promise<string[]> {
  const files: string[] = [];
  for (const picture of pictures) {
    const file = path.join(folder, `${picture.name}.png`);
    const page = await browser.newPage({ deviceScaleFactor: 1 });
    await page.setContent(await screenOf(picture));
    await page.locator('pre').screenshot({ path: file });
    await page.close();
    files.push(file);
  }
  return files;
}

async function screenOf({ columns, rows, keys = '' }: TerminalPicture): Promise<string> {
  await using streaming = await streamingMarket(
    { instruments: 9000 },
    { reconnectDelayMs: 4000, maxReconnectDelayMs: 4000 },
  );
  const terminal = new FakeTerminal(columns, rows);
  const shown = showTable(streaming.market, streaming, terminal);
  await delay(RUNNING_MS);
  for (const key of `3d${keys}`) terminal.type(key);
  await delay(DROPPED_MS);
  const html = htmlOf(await terminal.cells());
  streaming.end();
  await shown;
  return html;
}
