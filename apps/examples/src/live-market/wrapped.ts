/**
 * A text on as many lines as it takes, broken between words. The lines behind the first begin with so many spaces, or in
 * narrow places with half as many as fit.
 */
export function wrapped(text: string, width: number, indent: number): string[] {
  const most = Math.max(1, width);
  const spaces = Math.min(indent, Math.floor(most / 2));
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(' ', most);
    // A word that is longer than the line is cut.
    const end = space > spaces ? space : most;
    lines.push(rest.slice(0, end).trimEnd());
    rest = ' '.repeat(spaces) + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
