import { setTimeout as delay } from 'node:timers/promises';

import { showTable } from '../../src/live-market/screen/table-view.js';
import { streamingMarket } from '../support/example-feed.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { type Album, takeEach } from './album.js';
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
export function takeTerminals(album: Album<TerminalPicture>): Promise<string[]> {
  return takeEach(
    album,
    () => ({ deviceScaleFactor: 1 }),
    async (page, picture) => {
      await page.setContent(await screenOf(picture));
      return page.locator('pre');
    },
  );
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
