import Table from 'cli-table3';

import { colours } from '../colours.js';
import { factsOf, shortFactsOf, stateOf } from '../describe.js';
import type { ConnectionView } from '../live-market.js';

/** Between two facts on a line. */
const GAP = 3;

/** Left and right of a panel's text. */
const PADDING = 2;

/** A panel with fewer characters a line uses short texts. */
const ROOMY = 34;

/** With fewer characters a line there are plain lines instead of panels. */
const NARROW = 22;

/** A panel for each connection, side by side: its state in colour, and its figures. One may be marked as chosen. */
export function panelsOf(
  connections: readonly ConnectionView[],
  width: number,
  chosen: number | undefined,
): string[] {
  const { length } = connections;
  // Neighbours share a border.
  const inner = Math.floor((width - 1) / length) - 1 - PADDING;
  if (inner < NARROW) return connections.map((one, index) => lineOf(one, width, index === chosen));
  const contents = connections.map((one, index) => contentOf(one, inner, index === chosen));
  const table = new Table({ colWidths: connections.map(() => inner + PADDING), style: { border: [] } });
  table.push(contents);
  return table
    .toString()
    .replace(BORDER, (border) => colours.gray(border))
    .split('\n');
}

/** The table's own colours ignore `NO_COLOR`. */
const BORDER = /[┌┬┐│└┴┘─]+/g;

function contentOf(connection: ConnectionView, width: number, isChosen: boolean): string {
  const isRoomy = width >= ROOMY;
  const title = titleOf(connection, isChosen, isRoomy);
  const facts = isRoomy ? factsOf(connection) : shortFactsOf(connection);
  // A single panel fits everything on a line; one of several puts its name on the first line.
  const lines =
    width < 2 * ROOMY ? [[title], ...pack(facts, width, GAP)] : pack([title, ...facts], width, GAP);
  const text = lines.map((words) => words.join(' '.repeat(GAP))).join('\n');
  return text.replace(title, styleOf(connection)(title));
}

function lineOf(connection: ConnectionView, width: number, isChosen: boolean): string {
  const title = titleOf(connection, isChosen, width >= ROOMY);
  const [words = [title]] = pack([title, ...shortFactsOf(connection)], Math.max(0, width - PADDING), 2);
  return ` ${words.join('  ').slice(0, Math.max(0, width - 1))}`.replace(title, styleOf(connection)(title));
}

function titleOf(connection: ConnectionView, isChosen: boolean, isRoomy: boolean): string {
  const name = isRoomy ? connection.name : `${connection.stats.connectionId + 1}`;
  return `${isChosen ? '▸ ' : ''}${name} ● ${stateOf(connection)}`;
}

function styleOf(connection: ConnectionView): (text: string) => string {
  if (connection.stats.state === 'failed') return colours.bold.red;
  return stateOf(connection) === 'open' ? colours.bold.green : colours.bold.yellow;
}

/** Fits words on as few lines as possible, with this many columns between them. */
function pack(words: readonly string[], width: number, gap: number): string[][] {
  const lines: string[][] = [];
  let room = 0;
  for (const word of words) {
    const needed = word.length + gap;
    const line = lines.at(-1);
    if (line && needed <= room) {
      line.push(word);
      room -= needed;
    } else {
      lines.push([word]);
      room = width - word.length;
    }
  }
  return lines;
}
