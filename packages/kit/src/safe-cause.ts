import { percentEncoded } from './percent-encoded.js';
import { textOf } from './text-of.js';

const REDACTED = '(redacted)';

/**
 * An error that is safe as the `cause` of ours: only name, message, code and stack of the original, with the secrets
 * redacted. What libraries attach to their errors (requests, URLs, headers) is left out.
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

/** Shorter texts occur within many words. Kite's keys have 16 letters, its tokens 32. */
const SHORT = 6;

/**
 * The text with these secrets redacted, plain and percent-encoded. A short one, such as the key `key` of a test, is
 * redacted only where it stands alone; within a word that would garble the text: `mon(redacted)`.
 */
export function redacted(text: string, secrets: readonly string[]): string {
  const known = new Set(secrets.flatMap((secret) => [secret, percentEncoded(secret)]));
  known.delete('');
  if (known.size === 0) return text;
  // In one pass, so that no secret is sought in a replacement; the longest first, because one may contain another.
  const patterns = [...known].sort((a, b) => b.length - a.length).map(patternOf);
  return text.replace(new RegExp(patterns.join('|'), 'g'), REDACTED);
}

function patternOf(secret: string): string {
  return secret.length < SHORT ? `${BEFORE_A_WORD}${escaped(secret)}(?![A-Za-z0-9])` : escaped(secret);
}

/** A percent-encoded character before it is not part of it: `api_key%3Dkey`. */
const BEFORE_A_WORD = '(?<=^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2})';

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A property of an error, if it is text. A foreign error may throw on any access. */
function textAt(cause: unknown, property: 'code' | 'name' | 'stack'): string | undefined {
  try {
    const value = cause instanceof Error ? (cause as { code?: unknown } & Error)[property] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
