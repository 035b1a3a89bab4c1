import { inspect } from 'node:util';

/** Which of these secrets come to light when the value is printed. */
export function secretsIn(value: unknown, secrets: readonly string[]): string[] {
  const text = inspect(value, { depth: 8, maxArrayLength: null, maxStringLength: null });
  return secretsInText(text, secrets);
}

/** Which of these secrets a text has. */
export function secretsInText(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
}
