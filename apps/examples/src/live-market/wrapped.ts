/**
 * A text broken between words into as many lines as needed. Lines after the first are indented by this many spaces,
 * but at most by half the width.
 */
export function wrapped(text: string, width: number, indent: number): string[] {
  const most = Math.max(1, width);
  const spaces = Math.min(indent, Math.floor(most / 2));
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(' ', most);
    // A word longer than the line is cut.
    const end = space > spaces ? space : most;
    lines.push(rest.slice(0, end).trimEnd());
    rest = ' '.repeat(spaces) + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
