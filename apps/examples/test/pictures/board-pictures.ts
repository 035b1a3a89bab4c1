import { setTimeout as delay } from 'node:timers/promises';

import { WELL_KNOWN_TOKENS } from '../../src/kit/watch-list.js';
import { serveTestBoard } from '../support/served-board.js';
import { type Album, takeEach } from './album.js';

/** A picture of depth-board: its name, and the screen, in CSS pixels. */
export interface BoardPicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'dark' | 'light';
}

/** Candles of five seconds for a part of the chart. */
const CANDLES_MS = 150_000;
/** The page settles: its fonts, its chart, and a first change of most prices. */
const SETTLED_MS = 4000;

/** Takes them of one board, one after the other; returns the files. */
export async function takeBoards(album: Album<BoardPicture>): Promise<string[]> {
  await using board = await serveTestBoard({ tokens: WELL_KNOWN_TOKENS });
  await delay(CANDLES_MS);
  return await takeEach(
    album,
    ({ width, height, colorScheme }) => ({ viewport: { width, height }, colorScheme }),
    async (page) => {
      await page.goto(board.url);
      await page.locator('body[data-freshness=live]').waitFor();
      await delay(SETTLED_MS);
      return page;
    },
  );
}
