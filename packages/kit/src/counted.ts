/**
 * A count with what is counted, for a text: `counted(1, 'instrument')` is `1 instrument`. The plural has an s unless given.
 */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
