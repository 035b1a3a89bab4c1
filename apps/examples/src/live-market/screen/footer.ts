import { count } from '../../kit/format.js';
import { colours } from '../colours.js';
import type { Order } from '../listings.js';

/** The data for the last line. */
export interface FooterFacts {
  /** Whether there is a keyboard to explain. */
  readonly hasKeys: boolean;
  /** Whether connections can be broken by key. */
  readonly canBreak: boolean;
  /** The number of connections to choose from. */
  readonly connections: number;
  /** What keys act on: prices, the filter being typed, or the help. */
  readonly mode: 'prices' | 'filter' | 'help';
  readonly filter: string;
  readonly order: Order;
  /** The positions of the first and last row, counted from 1, and the number of rows in the listing. */
  readonly first: number;
  readonly last: number;
  readonly total: number;
}

interface Hint {
  readonly key: string;
  readonly meaning: string;
  /** If space is short, hints with a higher number go first. */
  readonly dispensable: number;
}

const ORDER_NAMES: Readonly<Record<Order, string>> = {
  given: '',
  rise: 'best first',
  fall: 'worst first',
};

/** The keys that fit, and which part of which list is shown. */
export function footerOf(facts: FooterFacts, width: number): string {
  if (facts.mode === 'help') return HELP_KEYS.slice(0, width);
  const place = placeOf(facts);
  const keys = facts.mode === 'filter' ? typedOf(facts.filter) : keysOf(facts, width - place.length);
  const gap = Math.max(1, width - keys.length - place.length);
  const line = `${keys.text}${' '.repeat(gap)}`;
  return keys.length + 1 + place.length > width ? keys.text : line + colours.dim(place);
}

const HELP_KEYS = ' ↑ ↓ scroll  any other key leaves the help';

interface Keys {
  readonly text: string;
  /** Without its colours. */
  readonly length: number;
}

function typedOf(filter: string): Keys {
  const help = '   Enter keeps it, Esc clears it';
  return {
    text: ` ${colours.bold(`/${filter}`)}${colours.inverse(' ')}${colours.dim(help)}`,
    length: 3 + filter.length + help.length,
  };
}

function placeOf({ filter, mode, order, first, last, total }: FooterFacts): string {
  const place = total === 0 ? 'none' : `${count(first)}–${count(last)} of ${count(total)}`;
  const about = [filter !== '' && mode !== 'filter' ? `/${filter}` : '', ORDER_NAMES[order], place];
  return about.filter((part) => part !== '').join(' · ');
}

function keysOf(facts: FooterFacts, width: number): Keys {
  let hints = hintsOf(facts);
  while (hints.length > 0 && lengthOf(hints) > width) {
    const most = Math.max(...hints.map(({ dispensable }) => dispensable));
    hints = hints.filter(({ dispensable }) => dispensable < most);
  }
  const text = hints.map(({ key, meaning }) => `  ${colours.bold(key)} ${meaning}`).join('');
  return { text: text.slice(1), length: lengthOf(hints) };
}

function hintsOf({ hasKeys, canBreak, connections }: FooterFacts): Hint[] {
  if (!hasKeys) return [];
  const faults = [
    ...(connections > 1 ? [{ key: `1–${connections}`, meaning: 'choose', dispensable: 3 }] : []),
    { key: 'd', meaning: 'drop', dispensable: 3 },
    { key: 's', meaning: 'stall', dispensable: 3 },
    { key: 'o', meaning: 'outage', dispensable: 3 },
  ];
  return [
    ...(canBreak ? faults : []),
    { key: '↑ ↓', meaning: 'scroll', dispensable: 4 },
    { key: '/', meaning: 'filter', dispensable: 2 },
    { key: 'c', meaning: 'sort', dispensable: 2 },
    { key: '?', meaning: 'help', dispensable: 1 },
    { key: 'q', meaning: 'quit', dispensable: 0 },
  ];
}

/** One space less than the gaps: the line begins with a single one. */
function lengthOf(hints: readonly Hint[]): number {
  return hints.reduce((sum, { key, meaning }) => sum + key.length + meaning.length + 3, -1);
}
