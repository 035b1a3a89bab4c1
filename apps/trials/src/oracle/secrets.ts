import { inspect } from 'node:util';

/** The secrets that show when the value is printed. */
export function secretsIn(value: unknown, secrets: readonly string[]): string[] {
  const text = inspect(value, { depth: 8, maxArrayLength: null, maxStringLength: null });
  return secretsInText(text, secrets);
}

/** The secrets that a text contains. */
export function secretsInText(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
}
