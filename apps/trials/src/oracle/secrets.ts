import { inspect } from 'node:util';

/** A shorter piece of base64 or hex occurs by chance. */
const SHORTEST = 8;

/** The secrets that show when the value is printed, or sent on as JSON. */
export function secretsIn(value: unknown, secrets: readonly string[]): string[] {
  const printed = inspect(value, { depth: Infinity, maxArrayLength: null, maxStringLength: null });
  return secretsInText(`${printed}\n${jsonOf(value)}`, secrets);
}

/** The secrets that a text contains, in any spelling in which they travel. */
export function secretsInText(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
}

/** As it stands, in a URL, in JSON, in hex, and in base64 wherever in the encoded text it begins, as in a proxy's header. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const aligned = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/u, '');
    // Without the characters that what stands before and after it changes.
    return whole.slice(before === 0 ? 0 : before + 1, -1);
  });
  const encoded = [bytes.toString('hex'), ...aligned].filter(({ length }) => length >= SHORTEST);
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...encoded];
}

/** An error says more as JSON than when it is printed, if it has a `toJSON` of its own. */
function jsonOf(value: unknown): string {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text ?? '';
  } catch {
    // A circle, or a bigint: nobody can send it on.
    return '';
  }
}
