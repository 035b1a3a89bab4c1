/** A command as words: its name, then what it is given. */
export type CommandWords = readonly [name: string, ...words: (string | undefined)[]];

/** The number that a word is. @throws Error where it is none */
export function numberIn<T>(word: string | undefined, otherwise: T): number | T {
  if (word === undefined) return otherwise;
  const value = Number(word);
  if (word.trim() === '' || Number.isNaN(value)) throw new Error(`${word} is no number`);
  return value;
}

/** The word that a command cannot do without. @throws Error where it is missing */
export function required(word: string | undefined, what: string): string {
  if (word === undefined || word === '') throw new Error(`${what} is missing`);
  return word;
}

/** So many connections were reached. @throws Error where none was */
export function reached(connections: number): string {
  if (connections === 0) throw new Error('no such connection is open');
  return `${connections} connection${connections === 1 ? '' : 's'}`;
}
