import { colours } from '../colours.js';
import { wrapped } from '../wrapped.js';

type Entries = readonly (readonly [string, string])[];

const KEYS: Entries = [
  ['↑ ↓ PgUp PgDn', 'scroll'],
  ['Home End', 'the first and the last instrument'],
  ['/', 'only symbols with these letters; Enter keeps it, Esc clears it'],
  ['c', 'sort by change: best first, then worst first, then as before'],
  ['?', 'this help; any key but the arrows leaves it'],
  ['q Ctrl-C', 'quit'],
];

const FAULTS: Entries = [
  ['1 2 3', 'choose a connection'],
  ['d', 'drop it, as a network does'],
  ['s', 'stall it: it stays open but sends nothing; press again to resume'],
  ['o', 'drop it and refuse new connections; press again to allow them'],
];

const COLOURS: Entries = [
  ['green red', 'the price rose or fell within a second; the change of the day'],
  ['yellow', 'stale: its connection is down, silent, or only just back'],
  ['faint', 'no tick for ten seconds, or no such field in this mode'],
];

/** The gap after the widest key. */
const INDENT = 16;

/** What the keys do and what the colours mean, in lines of this width. */
export function helpOf(width: number, canBreak: boolean): string[] {
  return [
    ...sectionOf('Keys', KEYS, width),
    ...(canBreak ? ['', ...sectionOf('To break the simulated feed', FAULTS, width)] : []),
    '',
    ...sectionOf('Colours', COLOURS, width),
  ];
}

function sectionOf(title: string, entries: Entries, width: number): string[] {
  return [
    ` ${colours.bold(title)}`,
    ...entries.flatMap(([key, meaning]) =>
      wrapped(` ${key}`.padEnd(INDENT) + meaning, width, INDENT).map((line) =>
        line.startsWith(` ${key}`) ? ` ${colours.cyan(key)}${line.slice(key.length + 1)}` : line,
      ),
    ),
  ];
}
