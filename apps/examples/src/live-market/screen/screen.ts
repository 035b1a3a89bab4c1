import { megabytes } from '../../kit/format.js';
import { colours } from '../colours.js';
import { counted, healthOf, lineOf, watchedOf } from '../describe.js';
import type { MarketEvent } from '../event-log.js';
import type { Listing } from '../listings.js';
import type { LiveMarket, Snapshot } from '../live-market.js';
import { lookOf } from '../streaming.js';
import { healthStyleOf, TONES } from '../styles.js';
import { footerOf } from './footer.js';
import { helpOf } from './help.js';
import { panelsOf } from './panels.js';
import { priceTableOf } from './price-table.js';

/** The view to draw. */
export interface Frame {
  /** In characters. */
  readonly columns: number;
  readonly rows: number;
  readonly listing: Listing;
  /** The listing position of the first price to show; if the listing ends sooner, shows the last page. */
  readonly first: number;
  /** Whether there is a keyboard to explain. */
  readonly hasKeys: boolean;
  /** Whether the filter is being typed. */
  readonly isTyping: boolean;
  /** The first help line to show; help replaces everything but the title. Undefined: no help. */
  readonly helpFrom: number | undefined;
  /** The position of the connection that keys act on. */
  readonly chosen: number;
}

/** A picture of the market. */
export interface Picture {
  readonly lines: readonly string[];
  /** The listing position of the first shown price. */
  readonly first: number;
  /** How many prices are shown: one page for scrolling. */
  readonly pageSize: number;
  /** The first shown help line. */
  readonly helpFrom: number;
}

/** The title, the table's head, the line above the events, and the keys. */
const FIXED_LINES = 4;

/** More old events would take room from prices. */
const MOST_EVENTS = 8;

/** The whole screen: what is watched, a panel for each connection, prices, events, keys. */
export function pictureOf(market: LiveMarket, snapshot: Snapshot, frame: Frame): Picture {
  // The last column stays free: terminals differ in where the cursor goes after it.
  const width = frame.columns - 1;
  const { listing } = frame;
  const canBreak = frame.hasKeys && market.faults !== undefined;
  const isChoice = canBreak && snapshot.connections.length > 1;
  const panels = panelsOf(snapshot.connections, width, isChoice ? frame.chosen : undefined);
  const free = Math.max(0, frame.rows - FIXED_LINES - panels.length);
  const eventRows = Math.min(MOST_EVENTS, Math.floor(free / 4));
  const pageSize = free - eventRows;
  const { first, rows, total } = market.board.page(
    listing,
    { first: frame.first, length: pageSize },
    lookOf(snapshot),
  );
  const title = titleOf(market, snapshot, width);
  const help = frame.helpFrom === undefined ? [] : helpOf(width, canBreak);
  const helpRows = Math.max(0, frame.rows - 2);
  const helpFrom = Math.max(0, Math.min(frame.helpFrom ?? 0, help.length - helpRows));
  const footer = footerOf(
    {
      ...listing,
      hasKeys: frame.hasKeys,
      canBreak,
      connections: isChoice ? snapshot.connections.length : 1,
      mode: frame.helpFrom !== undefined ? 'help' : frame.isTyping ? 'filter' : 'prices',
      first: first + 1,
      last: first + rows.length,
      total,
    },
    width,
  );
  const lines =
    frame.helpFrom !== undefined
      ? [title, ...filled(help.slice(helpFrom), helpRows), footer]
      : [
          title,
          ...panels,
          ...filled(priceTableOf(rows, width, listing.order), pageSize + 1),
          colours.dim('── events '.padEnd(width, '─').slice(0, width)),
          ...filled(
            market.events.latest(eventRows).map((event) => eventLine(event, width)),
            eventRows,
          ),
          footer,
        ];
  return { lines: lines.slice(0, frame.rows), first, pageSize, helpFrom };
}

/** The name and the health, and if there is room, the totals. */
function titleOf({ feed }: LiveMarket, snapshot: Snapshot, width: number): string {
  const health = ` ● ${healthOf(snapshot)}`;
  const names = [` Kite live market · ${feed.name}`, ' Kite live market', ' Kite'];
  const name = names.find(({ length }) => length + health.length <= width) ?? names[1]!;
  const left = name.length + health.length;
  const memory = `${megabytes(snapshot.memoryBytes)} `;
  const details = [
    `${watchedOf(feed.watched)} · ${memory}`,
    `${counted(feed.watched.length, 'instrument')} · ${memory}`,
    memory,
  ];
  const right = details.find((detail) => left + detail.length < width) ?? '';
  const gap = ' '.repeat(Math.max(0, width - left - right.length));
  return colours.bold(name) + healthStyleOf(snapshot)(health) + gap + colours.dim(right);
}

function eventLine(event: MarketEvent, width: number): string {
  const line = ` ${lineOf(event)}`;
  return TONES[event.tone](line.length <= width ? line : `${line.slice(0, width - 1)}…`);
}

/** Empty lines fill the place of missing ones. */
function filled(lines: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, index) => lines[index] ?? '');
}
