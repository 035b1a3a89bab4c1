/** A count with its noun: `counted(1, 'instrument')` is `1 instrument`. The default plural adds an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
