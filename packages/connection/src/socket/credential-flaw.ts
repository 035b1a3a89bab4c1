/** What people copy along with a credential by mistake: from a file, an environment file, or a JSON document. */
const FLAWS: readonly (readonly [pattern: RegExp, flaw: string])[] = [
  [/^\s*$/, 'is empty'],
  [/^\uFEFF/, 'begins with a byte order mark'],
  [/[\r\n]$/, 'ends with a newline'],
  [/^["'`“”‘’]|["'`“”‘’]$/, 'has quotes around it'],
  [/["'`“”‘’]/, 'has a quote in it'],
  [/^\s|\s$/, 'has white space around it'],
  [/[\s\p{Cc}\p{Cf}]/u, 'has white space in it'],
];

/** Why this text cannot be an API key or access token, in words that do not show it; undefined if it can. */
export function flawOf(credential: string): string | undefined {
  return FLAWS.find(([pattern]) => pattern.test(credential))?.[1];
}

/** What a credential must be, in words. */
export const CREDENTIAL_FORM = 'a non-empty string without white space and quotes';
