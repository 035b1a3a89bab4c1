import chalk from 'chalk';

import { counted, lineOf, watchedOf } from '../describe.js';
import type { MarketEvent, Tone } from '../event-log.js';
import { megabytes } from '../format.js';
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
  /** The place of the connection that keys are about. */
  readonly chosen: number;
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

const HEALTH_STYLES = {
  healthy: chalk.bold.green,
  degraded: chalk.bold.yellow,
  critical: chalk.bold.red,
} as const;

/** The whole screen: what is watched, a panel for each connection, prices, events, keys. */
export function pictureOf(market: LiveMarket, snapshot: Snapshot, frame: Frame): Picture {
  // The last column stays free: terminals differ in where the cursor is after a character there.
  const width = frame.columns - 1;
  const canBreak = frame.hasKeys && market.feed.faults !== undefined;
  const isChoice = canBreak && snapshot.connections.length > 1;
  const panels = panelsOf(snapshot.connections, width, isChoice ? frame.chosen : undefined);
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
    ...filled(
      market.events.latest(eventRows).map((event) => eventLine(event, width)),
      eventRows,
    ),
    keysOf(
      { hasKeys: frame.hasKeys, canBreak, connections: isChoice ? snapshot.connections.length : 1 },
      width,
    ) + chalk.dim(` ${first + 1}–${first + rows.length} of ${market.board.size}`),
  ];
  return { lines: lines.slice(0, frame.rows), first, pageSize };
}

/** What this is and how it is, and as far as there is room, how much of it. */
function titleOf({ feed }: LiveMarket, { memoryBytes, health }: Snapshot, width: number): string {
  const name = ` Kite live market · ${feed.name}`;
  const state = ` ● ${health.status}`;
  const left = name.length + state.length;
  const memory = `${megabytes(memoryBytes)} `;
  const details = [
    `${watchedOf(feed.watched)} · ${memory}`,
    `${counted(feed.watched.length, 'instrument')} · ${memory}`,
    memory,
  ];
  const right = details.find((detail) => left + detail.length < width) ?? '';
  const gap = ' '.repeat(Math.max(0, width - left - right.length));
  return chalk.bold(name) + HEALTH_STYLES[health.status](state) + gap + chalk.dim(right);
}

function eventLine(event: MarketEvent, width: number): string {
  const line = ` ${lineOf(event)}`;
  return TONES[event.tone](line.length <= width ? line : `${line.slice(0, width - 1)}…`);
}

/** The keys, in fewer words where there is less room. */
function keysOf(
  { hasKeys, canBreak, connections }: { hasKeys: boolean; canBreak: boolean; connections: number },
  width: number,
): string {
  if (!hasKeys) return '';
  const key = (name: string, meaning: string) => ` ${chalk.bold(name)} ${meaning} `;
  const isWide = width >= 100;
  const faults = [
    ...(connections > 1 ? [key(`1–${connections}`, isWide ? 'choose' : '')] : []),
    key('d', 'drop'),
    key('s', isWide ? 'stall, resume' : 'stall'),
    key('o', isWide ? 'outage, end of it' : 'outage'),
  ];
  return [
    ...(canBreak ? faults : []),
    key(isWide ? '↑ ↓ PgUp PgDn' : '↑ ↓', 'scroll'),
    key('q', 'quit'),
  ].join('');
}

/** Empty lines keep the place of what is not there. */
function filled(lines: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, index) => lines[index] ?? '');
}
