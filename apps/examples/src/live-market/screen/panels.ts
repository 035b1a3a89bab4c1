import chalk from 'chalk';
import Table from 'cli-table3';

import { factsOf, stateOf } from '../describe.js';
import type { ConnectionView } from '../live-market.js';

/** Between two facts on a line. */
const GAP = 3;

/** Left and right of what a panel says. */
const PADDING = 2;

/** A panel for each connection, side by side: its state in colour, and how it is doing. */
export function panelsOf(connections: readonly ConnectionView[], width: number): string[] {
  // A border is shared by its neighbours.
  const panelWidth = Math.floor((width - 1) / connections.length) - 1;
  const table = new Table({
    colWidths: connections.map(() => panelWidth),
    style: { border: ['gray'] },
  });
  table.push(connections.map((connection) => contentOf(connection, panelWidth - PADDING)));
  return table.toString().split('\n');
}

function contentOf(connection: ConnectionView, width: number): string {
  const state = `${connection.name} ● ${stateOf(connection)}`;
  const lines = pack([state, ...factsOf(connection)], width, GAP).map((facts) => facts.join(' '.repeat(GAP)));
  return lines.join('\n').replace(state, styleOf(connection)(state));
}

function styleOf(connection: ConnectionView): (text: string) => string {
  if (connection.stats.state === 'failed') return chalk.bold.red;
  return stateOf(connection) === 'open' ? chalk.bold.green : chalk.bold.yellow;
}

/** Puts words on as few lines as they fit on, with so many columns between them. */
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
