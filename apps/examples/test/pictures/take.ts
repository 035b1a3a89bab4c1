/**
 * `npm run pictures`: takes the pictures of the documentation, into `docs/images`. `npm run pictures -- FOLDER` takes many more to
 * look at: the board at four widths in dark and light, and the terminal in several sizes. It needs Chromium, and four minutes.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumOptions, chromiumPath, noChromium } from '@kite/testkit';

import { type BoardPicture, takeBoards } from './board-pictures.js';
import type { TerminalPicture } from './terminal-pictures.js';

const IMAGES = fileURLToPath(new URL('../../../../docs/images', import.meta.url));
const SCHEMES = ['dark', 'light'] as const;

const BOARDS: readonly BoardPicture[] = [
  { name: 'depth-board-dark', width: 1440, height: 900, colorScheme: 'dark' },
  { name: 'depth-board-light', width: 1280, height: 720, colorScheme: 'light' },
  { name: 'depth-board-phone', width: 390, height: 844, colorScheme: 'dark' },
];
const TERMINALS: readonly TerminalPicture[] = [{ name: 'live-market', columns: 145, rows: 42 }];

const MORE_BOARDS: readonly BoardPicture[] = SCHEMES.flatMap((colorScheme) =>
  [
    [1920, 1080],
    [1280, 720],
    [768, 1024],
    [390, 844],
  ].map(([width = 0, height = 0]) => ({ name: `board-${width}-${colorScheme}`, width, height, colorScheme })),
);
const MORE_TERMINALS: readonly TerminalPicture[] = [
  { name: 'terminal-120', columns: 120, rows: 40 },
  { name: 'terminal-80', columns: 80, rows: 24 },
  { name: 'terminal-40', columns: 40, rows: 20 },
  { name: 'terminal-help', columns: 120, rows: 40, keys: '?' },
];

if (chromiumPath === undefined) throw new Error(noChromium);
const [given] = process.argv.slice(2);
const folder = given === undefined ? IMAGES : path.resolve(given);
await mkdir(folder, { recursive: true });
// Colours as in a terminal, wherever this is printed to: chalk looks when it is loaded.
process.env['FORCE_COLOR'] = '1';
const { takeTerminals } = await import('./terminal-pictures.js');

const browser = await chromium.launch(chromiumOptions);
try {
  const terminals = given === undefined ? TERMINALS : [...TERMINALS, ...MORE_TERMINALS];
  for (const file of await takeTerminals({ browser, folder, pictures: terminals })) console.log(file);
  const boards = given === undefined ? BOARDS : [...BOARDS, ...MORE_BOARDS];
  for (const file of await takeBoards({ browser, folder, pictures: boards })) console.log(file);
} finally {
  await browser.close();
}
