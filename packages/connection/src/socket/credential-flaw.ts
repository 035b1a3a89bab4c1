/** What people take over with a credential by mistake: out of a file, an environment file, or a JSON document. */
const FLAWS: readonly (readonly [pattern: RegExp, flaw: string])[] = [
  [/^\s*$/, 'is empty'],
  [/^\uFEFF/, 'begins with a byte order mark'],
  [/[\r\n]$/, 'ends with a newline'],
  [/^["'`“”‘’]|["'`“”‘’]$/, 'has quotes around it'],
  [/["'`“”‘’]/, 'has a quote in it'],
  [/^\s|\s$/, 'has white space around it'],
  [/[\s\p{Cc}\p{Cf}]/u, 'has white space in it'],
];

/** Why this text can be no API key and no access token, in words that do not show it; undefined where it can be one. */
export function flawOf(credential: string): string | undefined {
  return FLAWS.find(([pattern]) => pattern.test(credential))?.[1];
}

/** What a credential has to be, in words. */
export const CREDENTIAL_FORM = 'a non-empty string without white space and quotes';
