/** Whether a value is read by its own properties: a list or a Map would not be read as its author meant. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value);
}
