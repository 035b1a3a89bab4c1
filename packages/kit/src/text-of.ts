/**
 * What something that was thrown says. Anything can be thrown, and not everything can be made text.
 */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return `a value of type ${typeof thrown} that has no text`;
  }
}
