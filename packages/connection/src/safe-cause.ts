import { percentEncoded } from './endpoint.js';
import { textOf } from './thrown.js';

const REDACTED = '(redacted)';

/**
 * An error that may stand as the `cause` of one of ours: name, message, code and stack of the original with the secrets
 * blotted out, and nothing else. What libraries hang on their errors (requests, URLs, headers) stays behind.
 */
export function safeCause(cause: unknown, secrets: readonly string[]): Error {
  const message = textOf(cause);
  const original = cause instanceof Error ? cause : new Error(message);
  const code = 'code' in original && typeof original.code === 'string' ? original.code : undefined;
  const safe = new Error(redacted(message || (code ?? original.name), secrets));
  safe.name = original.name;
  if (typeof original.stack === 'string') safe.stack = redacted(original.stack, secrets);
  return code === undefined ? safe : Object.assign(safe, { code });
}

/** The text with these secrets blotted out, plain and percent-encoded. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .reduce(
      (rest, secret) => rest.replaceAll(secret, REDACTED).replaceAll(percentEncoded(secret), REDACTED),
      text,
    );
}
