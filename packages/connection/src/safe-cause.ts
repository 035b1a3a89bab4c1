const REDACTED = '(redacted)';

/**
 * An error that may stand as the `cause` of one of ours: name, message, code and stack of the original with the secrets
 * blotted out, and nothing else. What libraries hang on their errors (requests, URLs, headers) stays behind.
 */
export function safeCause(cause: unknown, secrets: readonly string[]): Error {
  const original = cause instanceof Error ? cause : new Error(String(cause));
  const code = 'code' in original && typeof original.code === 'string' ? original.code : undefined;
  const redact = (text: string): string =>
    secrets.reduce((rest, secret) => (secret === '' ? rest : blot(rest, secret)), text);

  const safe = new Error(redact(original.message === '' ? (code ?? original.name) : original.message));
  safe.name = original.name;
  if (original.stack !== undefined) safe.stack = redact(original.stack);
  return code === undefined ? safe : Object.assign(safe, { code });
}

function blot(text: string, secret: string): string {
  return text.replaceAll(secret, REDACTED).replaceAll(encodeURIComponent(secret), REDACTED);
}
