import chalk from 'chalk';

import { lineOf, watchedOf } from '../describe.js';
import type { MarketEvent, Tone } from '../event-log.js';
import { count, megabytes } from '../format.js';
import type { LiveMarket, Snapshot } from '../live-market.js';
import { panelsOf } from './panels.js';
import { priceTableOf } from './price-table.js';

/** What a picture is made for. */
export interface Frame {
  /** In characters. */
  readonly columns: number;
  readonly rows: number;
  /** The place in the list of the first price to show; where the list ends sooner, the last page is shown. */
  readonly first: number;
  /** Whether there is a keyboard to explain. */
  readonly hasKeys: boolean;
}

/** A picture of the market. */
export interface Picture {
  readonly lines: readonly string[];
  /** The place in the list of the first price that is shown. */
  readonly first: number;
  /** How many prices are shown: a page, for those who scroll. */
  readonly pageSize: number;
}

/** The title, the table's head, the line above the events, and the keys. */
const FIXED_LINES = 4;

/** More would push out prices for old news. */
const MOST_EVENTS = 8;

const TONES: Readonly<Record<Tone, (text: string) => string>> = {
  good: chalk.green,
  bad: chalk.red,
  warning: chalk.yellow,
  neutral: (text) => text,
};

/** The whole screen: what is watched, a panel for each connection, prices, events, keys. */
export function pictureOf(market: LiveMarket, snapshot: Snapshot, frame: Frame): Picture {
  // The last column stays free: terminals differ in where the cursor is after a character there.
  const width = frame.columns - 1;
  const panels = panelsOf(snapshot.connections, width);
  const free = Math.max(0, frame.rows - FIXED_LINES - panels.length);
  const eventRows = Math.min(MOST_EVENTS, Math.floor(free / 4));
  const pageSize = free - eventRows;
  const first = Math.max(0, Math.min(frame.first, market.board.size - pageSize));
  const rows = market.board.rows(first, pageSize, snapshot.now);

  const lines = [
    titleOf(market, snapshot, width),
    ...panels,
    ...filled(priceTableOf(rows, width), pageSize + 1),
    chalk.dim('── events '.padEnd(width, '─')),
    ...filled(market.events.latest(eventRows).map(eventLine), eventRows),
    keysOf(market, frame, `${first + 1}–${first + rows.length} of ${market.board.size}`),
  ];
  return { lines: lines.slice(0, frame.rows), first, pageSize };
}

/** What this is, and as far as there is room, how much of it. */
function titleOf({ feed }: LiveMarket, { memoryBytes }: Snapshot, width: number): string {
  const left = ` Kite live market · ${feed.name}`;
  const memory = `${megabytes(memoryBytes)} `;
  const details = [
    `${watchedOf(feed.watched)} · ${memory}`,
    `${count(feed.watched.length)} instruments · ${memory}`,
    memory,
  ];
  const right = details.find((detail) => left.length + detail.length < width) ?? '';
  return chalk.bold(left) + ' '.repeat(Math.max(0, width - left.length - right.length)) + chalk.dim(right);
}

function eventLine(event: MarketEvent): string {
  return TONES[event.tone](` ${lineOf(event)}`);
}

function keysOf({ feed }: LiveMarket, { hasKeys }: Frame, position: string): string {
  const key = (name: string, meaning: string) => ` ${chalk.bold(name)} ${meaning} `;
  return [
    ...(hasKeys && feed.faults ? [key('d', 'drop'), key('s', 'stall, resume')] : []),
    ...(hasKeys ? [key('↑ ↓ PgUp PgDn', 'scroll'), key('q', 'quit')] : []),
    chalk.dim(` ${position}`),
  ].join('');
}

/** Empty lines keep the place of what is not there. */
function filled(lines: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, index) => lines[index] ?? '');
}
