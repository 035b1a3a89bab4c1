import { DURATION, parseDuration } from './duration.js';

/** A command as words: its name, then its arguments. */
export type CommandWords = readonly [name: string, ...words: (string | undefined)[]];

/** The words of a typed line; undefined if it has none. */
export function wordsOf(line: string): CommandWords | undefined {
  const [name = '', ...words] = line.trim().split(/\s+/);
  return name === '' ? undefined : [name, ...words];
}

/** Reads a word as a number. @throws Error if it is none */
export function numberIn<T>(word: string | undefined, otherwise: T): number | T {
  if (word === undefined) return otherwise;
  const value = Number(word);
  if (word.trim() === '' || Number.isNaN(value)) throw new Error(`${word} is no number`);
  return value;
}

/** Reads a word as a duration in ms. @throws Error if it is none */
export function durationIn<T>(word: string | undefined, otherwise: T): number | T {
  if (word === undefined) return otherwise;
  try {
    return parseDuration(word);
  } catch {
    throw new Error(`${word} is no duration; allowed: ${DURATION}`);
  }
}

/** A required word of a command. @throws Error if it is missing */
export function required(word: string | undefined, what: string): string {
  if (word === undefined || word === '') throw new Error(`${what} is missing`);
  return word;
}

/** How many connections were reached, in words. @throws Error if none was */
export function reached(connections: number): string {
  if (connections === 0) throw new Error('no such connection is open');
  return `${connections} connection${connections === 1 ? '' : 's'}`;
}
