/** How deep objects and lists are written over several lines: below that, each is one line. */
const DEEP = 3;

/** JSON that a person can read and compare by the line. */
export function toJson(value: unknown): string {
  return `${write(value, 0)}\n`;
}

function write(value: unknown, depth: number): string {
  const isList = Array.isArray(value);
  // Numbers and words go side by side.
  const isFlat = isList && value.every((item) => typeof item !== 'object');
  if (typeof value !== 'object' || value === null || depth === DEEP || isFlat) return JSON.stringify(value);
  const indent = '  '.repeat(depth + 1);
  const lines = isList
    ? value.map((item) => `${indent}${write(item, depth + 1)}`)
    : Object.entries(value).flatMap(([name, item]) =>
        item === undefined ? [] : [`${indent}${JSON.stringify(name)}: ${write(item, depth + 1)}`],
      );
  const [open, close] = isList ? '[]' : '{}';
  return lines.length === 0
    ? `${open}${close}`
    : `${open}\n${lines.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
