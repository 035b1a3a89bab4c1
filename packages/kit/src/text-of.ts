/** The text of something thrown. Anything can be thrown, and not everything converts to text. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return `a value of type ${typeof thrown} that has no text`;
  }
}
