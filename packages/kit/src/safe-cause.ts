import { percentEncoded } from './percent-encoded.js';
import { textOf } from './text-of.js';

const REDACTED = '(redacted)';

/**
 * An error that may stand as the `cause` of one of ours: name, message, code and stack of the original with the secrets
 * blotted out, and nothing else. What libraries hang on their errors (requests, URLs, headers) stays behind.
 */
export function safeCause(cause: unknown, secrets: readonly string[]): Error {
  const code = textAt(cause, 'code');
  const name = textAt(cause, 'name') ?? 'Error';
  const safe = new Error(redacted(textOf(cause) || (code ?? name), secrets));
  safe.name = redacted(name, secrets);
  const stack = textAt(cause, 'stack');
  if (stack !== undefined) safe.stack = redacted(stack, secrets);
  return code === undefined ? safe : Object.assign(safe, { code });
}

/** Shorter texts are parts of many words. Kite's keys have 16 letters, its tokens 32. */
const SHORT = 6;

/**
 * The text with these secrets blotted out, plain and percent-encoded. A short one, such as the key `key` of a test, is blotted out
 * where it stands alone, and not within a word, which would garble the text: `mon(redacted)`.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const known = new Set(secrets.flatMap((secret) => [secret, percentEncoded(secret)]));
  known.delete('');
  if (known.size === 0) return text;
  // In one pass, so that no secret is looked for in what stands for another; the longest first, for one may hold another.
  const patterns = [...known].sort((a, b) => b.length - a.length).map(patternOf);
  return text.replace(new RegExp(patterns.join('|'), 'g'), REDACTED);
}

function patternOf(secret: string): string {
  return secret.length < SHORT ? `${BEFORE_A_WORD}${escaped(secret)}(?![A-Za-z0-9])` : escaped(secret);
}

/** What stands percent-encoded before it is no part of it: `api_key%3Dkey`. */
const BEFORE_A_WORD = '(?<=^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2})';

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A property of an error, where it is text. An error of another's can throw wherever it is touched. */
function textAt(cause: unknown, property: 'code' | 'name' | 'stack'): string | undefined {
  try {
    const value = cause instanceof Error ? (cause as { code?: unknown } & Error)[property] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
